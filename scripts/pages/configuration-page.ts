import { stringify } from 'yaml';
import type { ConfigKey } from '../../src/config/config-key.ts';
import { variableOf } from '../../src/config/environment.ts';
import { configKeys } from '../../src/config/schema.ts';
import { generatedHead } from './generated-head.ts';
import { markdownTable } from './markdown-table.ts';

const INTRODUCTION = `${generatedHead('the schema in src/config')}

# Configuration

\`clair serve --config FILE\` reads a YAML file of at most 1 MiB. No key is required;
[config.example.yaml](../../config.example.yaml) contains all keys with their defaults. \`clair config check\` reports up to 20 errors
of a file with their lines, and checks the certificate files and registry credentials that the file names. \`clair config print\` prints
the effective configuration without secrets.

## Sources

${markdownTable([
  ['order', 'source'],
  [
    '1',
    'flags, `CLAIR_DB`, `CLAIR_SERVER` and `CLAIR_TOKEN`; `--api-host`, `--allow-path` and `--allow-host` add to the lists',
  ],
  ['2', 'environment variables'],
  ['3', 'the configuration file'],
  ['4', 'defaults'],
])}
**File.** Without \`--config\`, Clair reads the file that \`CLAIR_CONFIG\` names. If the variable is not set, Clair reads \`clair/clair.yaml\` in
\`$XDG_CONFIG_HOME\` (\`~/.config\`) or, if that file does not exist, \`/etc/clair/clair.yaml\`. Clair ignores the working directory. Commands that have no option
\`--config\`, such as \`clair scan\`, use only the database, the section \`updater\`, \`worker.classifiers\` and \`worker.fileDigests\` of this file.
\`--db\` and \`CLAIR_DB\` override the database. With \`CLAIR_CONFIG=/dev/null\`, Clair reads no file. Sections are at the top level of the
file or under \`clair:\`. A file with an unknown key or an invalid value is rejected as a whole (\`config/invalid\`, exit status 2).

**Environment variables** apply to every command with \`--config\`. The sections \`database\` and \`updater\`, \`worker.classifiers\`, \`worker.fileDigests\`
and their variables also apply to \`clair scan\`, \`explain\`, \`diff\` and \`graph\`, with or without a file. Text values are used verbatim; all other values are YAML: \`CLAIR_WORKER_ALLOWEDPATHS='[/layers]'\`. An unknown variable of a section, such as \`CLAIR_API_PROT\`, is
an error. Variables that Kubernetes sets for a service called \`clair-api\` are ignored.

**Secrets** are marked in the tables. To read a secret from a file, append \`file\` to the key and set the path of the file; one line break
at the end of the file is ignored. Clair never prints secrets.

**Paths** of files in the configuration are absolute, or relative to the working directory of the process, not to the configuration file.

**Durations** are numbers with the units \`d\`, \`h\`, \`m\`, \`s\`, \`ms\`, \`us\` and \`ns\`: \`90m\`, \`1h30m\`, \`5d\`.

**Clair v1, v2 and v4 files** are accepted. A notice names each renamed key or value (\`database.type: pgsql\`,
\`database.options.source\`) and each key without effect (\`api.servername\`, \`database.options.cachesize\`). The database types \`bolt\`,
\`leveldb\`, \`sql\` and \`mongo\` are rejected; use \`sqlite\`. As in Clair v2, an empty section turns \`updater\`, \`notifier\`,
\`notifier.http\`, \`notifier.amqp\` or \`tracing\` off; any other empty section is an error.
`;

const REGISTRY_CREDENTIALS = `
## Registry credentials

The server fetches submitted images anonymously, unless \`worker.registries\` has an entry for the registry:

\`\`\`yaml
worker:
  registries:
    - host: registry.example:5000
      username: clair
      passwordfile: /run/secrets/registry-password
      repositories: [team, shared/base]
    - host: docker.io
      tokenfile: /run/secrets/hub-token
\`\`\`

${markdownTable([
  ['key', 'meaning'],
  ['`host`', 'registry (`HOST` or `HOST:PORT`), as in image references'],
  ['`username`, `passwordfile`', 'user name, and a file with the password'],
  ['`tokenfile`', 'file with an identity token, as `docker login` stores it, instead of a password'],
  ['`repositories`', 'repositories that the credentials are for; `team` includes `team/app`, not `team2/app`'],
  ['`cafile`', 'additional CA certificates (PEM) for this host'],
])}
The first entry that matches host and repository applies. Clair reads password and token files at startup and again whenever the registry
requests credentials. Clair sends credentials only to this host and its token server, encrypted unless the registry is on the same machine,
and never to a redirect target. A registry on a private host must also be in \`worker.allowedHosts\`. The server uses neither mirrors
nor unencrypted registries on other machines.

**Every client that may submit images can read reports of all images that these credentials can read.** Use an account with read
access, restrict \`repositories\`, and [secure the server](../how-to/secure-the-server.md).
`;

/** The description of each section. */
const SECTIONS: Readonly<Record<string, string>> = {
  api: 'Listen addresses, limits, TLS and access control of the server.',
  client: 'The server that `clair submit` and `clair report` use.',
  database: 'Engine and addresses of the database.',
  harbor: 'The scanner adapter for Harbor.',
  housekeeping: 'Retention of unused data.',
  log: 'Output of the log.',
  notifier:
    'Notifications by webhook and AMQP. The notifier is off unless `http.endpoint`, `amqp.url` or `v4.target` is set.',
  suppression: 'Ignore rules and VEX documents for all images.',
  v4: 'Behaviour of the [Clair v4 API](api-v4.md).',
  tracing: 'OpenTelemetry traces.',
  updater: 'Feeds and their updates.',
  webhooks: 'The [registry webhooks](api-webhooks.md) that submit images on push.',
  worker: 'Limits of analysis, and the hosts, paths and registries that Clair may read from.',
};

const EXAMPLE_HEAD = `# Configuration file of \`clair serve --config FILE\`: all keys with their defaults. No key is required.
# Generated by \`npx tsx scripts/write-pages.ts\`; see docs/reference/configuration.md.
`;

/**
 * Returns the text of docs/reference/configuration.md.
 *
 * @throws Error for a section without a description
 */
export function configurationPage(): string {
  const keys = configKeys();
  const sections = [...new Set(keys.map(({ maps: [section = ''] }) => section))];
  const parts = sections.map((section) => {
    const about = SECTIONS[section];
    if (about === undefined) throw new Error(`the section ${section} has no description`);
    const rows = keys.filter(({ maps }) => maps[0] === section).map(rowOf);
    return `\n## ${section}\n\n${about}\n\n${markdownTable([['key, variable', 'default', 'meaning'], ...rows])}`;
  });
  return `${INTRODUCTION}${parts.join('')}${REGISTRY_CREDENTIALS}`;
}

function rowOf(key: ConfigKey): readonly string[] {
  const { path, value, fallbackText, meaning, isSecret } = key;
  const secret = isSecret ? ' Secret.' : '';
  return [`\`${path}\`<br>\`${variableOf(key)}\``, fallbackText, `${meaning}. Must be ${value.title}.${secret}`];
}

/** Returns the text of config.example.yaml, which has the same effect as no file. */
export function exampleConfiguration(): string {
  const keys = configKeys();
  // A section with only comments would be null instead of a map, so its name is a comment too.
  const isEmpty = (section: string): boolean =>
    keys.every(({ maps, fallback }) => maps[0] !== section || fallback === undefined);
  let open: readonly string[] = [];
  let text = EXAMPLE_HEAD;
  for (const key of keys) {
    const kept = key.maps.findIndex((map, depth) => map !== open[depth]);
    if (kept === 0) text += '\n';
    for (const [depth, map] of key.maps.entries()) {
      if (kept >= 0 && depth >= kept) text += `${indented(depth)}${depth === 0 && isEmpty(map) ? '# ' : ''}${map}:\n`;
    }
    open = key.maps;
    text += isEmpty(key.maps[0] ?? '') ? exampleOf(key).replaceAll(/^ {2}# /gm, '#   ') : exampleOf(key);
  }
  return text;
}

/** Writes a key without a constant default as a comment without a value. */
function exampleOf({ maps, name, value, meaning, fallback, fallbackText }: ConfigKey): string {
  const space = indented(maps.length);
  if (fallback === undefined) {
    return `${commentOf(`${meaning} (${value.title}; default: ${fallbackText})`, space)}${space}# ${name}:\n`;
  }
  return `${commentOf(`${meaning} (${value.title})`, space)}${space}${name}: ${stringify(fallback)}`;
}

const MAX_COLUMNS = 110;

/** Wraps a text into comment lines. */
function commentOf(text: string, space: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = `${lines.at(-1) ?? ''} ${word}`.trim();
    if (lines.length === 0 || `${space}# ${line}`.length > MAX_COLUMNS) lines.push(word);
    else lines[lines.length - 1] = line;
  }
  return lines.map((line) => `${space}# ${line}\n`).join('');
}

function indented(depth: number): string {
  return '  '.repeat(depth);
}
