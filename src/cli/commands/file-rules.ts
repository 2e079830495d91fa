import { setTimeout } from 'node:timers/promises';
import { env } from 'node:process';
import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { type Clair, composeClair } from '../../compose/clair.ts';
import type { Store } from '../../database/contracts/store.ts';
import { ClairError } from '../../errors.ts';
import { RULE_STATES, fileRule, type StoredFileRule } from '../../model/advisories/file-rule.ts';
import { printable } from '../../model/printable.ts';
import { SEVERITIES } from '../../model/severity.ts';
import type { Console } from '../console.ts';
import { addHelp } from '../help.ts';
import { configOption, type DatabaseChoice, databaseOf } from '../options/config-option.ts';
import { databaseOption } from '../options/database-option.ts';
import { nameList, pathList } from '../options/list-option.ts';
import { addTableOrJson, type TableOrJson, writeOutput } from '../options/output-options.ts';
import { jsonText } from '../output/json-text.ts';

/** Creates `clair file-rules`, which lists, adds and deletes file rules. */
export function fileRulesCommand(console: Console): Command {
  const command = new Command('file-rules').description(
    'List, add or delete file rules (vulnerabilities that depend on the state of a file).',
  );
  return addHelp(command, {
    examples: [
      'clair file-rules list',
      'clair file-rules add XZ-1 --path /usr/lib/liblzma.so.5.6.0 --severity critical',
      'clair file-rules delete XZ-1',
    ],
  })
    .addCommand(listCommand(console))
    .addCommand(addCommand(console))
    .addCommand(deleteCommand(console));
}

type ListOptions = TableOrJson & DatabaseChoice;

function listCommand(console: Console): Command {
  const command = new Command('list').description(
    'List the file rules, and show for which rules all stored layers have been searched.',
  );
  return addHelp(withDatabase(addTableOrJson(command)), {
    examples: ['clair file-rules list', 'clair file-rules list --format json'],
  }).action(async (options: ListOptions, self: Command) => {
    await withClair(self, options, async ({ store }) => {
      const rules = await allRules(store);
      await writeOutput(console, options, () => [options.format === 'json' ? jsonText(rules) : tableOf(rules)]);
    });
  });
}

type AddOptions = {
  readonly path: readonly string[];
  readonly digest: readonly string[];
  readonly when: string;
  readonly severity: string;
  readonly description: string;
  readonly link: string;
} & DatabaseChoice;

function addCommand(console: Console): Command {
  const command = new Command('add')
    .argument('<name>', 'Name of the rule and of its vulnerability')
    .description('Add a rule about a file that is present, absent or changed, and search the stored layers.')
    .addOption(
      new Option('--path <path>', 'Path in the image, with * for any characters (repeatable)')
        .argParser(pathList)
        .default([], 'any'),
    )
    .addOption(
      new Option('--digest <sha256>', 'SHA-256 digests of the content (list)').argParser(nameList).default([], 'any'),
    )
    .addOption(
      new Option('--when <state>', 'State of the file in affected images').choices(RULE_STATES).default('present'),
    )
    .requiredOption('--severity <severity>', `Severity: ${SEVERITIES.slice(0, -1).join(', ')} or ${SEVERITIES.at(-1)}`)
    .option('--description <text>', 'Description of the vulnerability', '')
    .option('--link <URL>', 'URL with more information', '');
  return addHelp(withDatabase(command), {
    examples: [
      'clair file-rules add XZ-1 --path /usr/lib/liblzma.so.5.6.0 --severity critical',
      'clair file-rules add NO-CA-1 --path /etc/ssl/certs --when absent --severity low',
      "clair file-rules add MINER-1 --path '/tmp/*.sh' --digest 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae --severity high",
    ],
    exitStatus: {
      0: 'the rule was added, and all stored layers have been searched',
      2: 'the rule is invalid or exceeds a limit, or a rule with this name exists',
    },
  }).action(async (id: string, options: AddOptions, self: Command) => {
    const { path: paths, digest: digests, ...others } = options;
    const rule = fileRule({ id, paths, digests, ...others });
    await withClair(self, options, async (clair) => {
      await clair.store.fileRules.add(rule, clair.store.now());
      await indexed(clair, id, console.signal);
      console.out(`The rule ${id} was added, and all stored layers have been searched.\n`);
    });
  });
}

function deleteCommand(console: Console): Command {
  const command = new Command('delete')
    .argument('<name>', 'Name of the rule')
    .description('Delete a file rule and its vulnerability.');
  return addHelp(withDatabase(command), { examples: ['clair file-rules delete XZ-1'] }).action(
    async (id: string, options: DatabaseChoice, self: Command) => {
      await withClair(self, options, async ({ store }) => {
        if (await store.fileRules.remove(id, store.now())) console.out(`Deleted the rule ${printable(id)}.\n`);
        else throw new ClairError('file-rule/not-found', `file rule ${id} not found`);
      });
    },
  );
}

function withDatabase(command: Command): Command {
  return command.addOption(configOption()).addOption(databaseOption());
}

async function withClair(self: Command, options: DatabaseChoice, work: (clair: Clair) => Promise<void>): Promise<void> {
  const clair = await composeClair(await databaseOf(self, options, env));
  try {
    await work(clair);
  } finally {
    await clair.close();
  }
}

/** The pause between two attempts while another instance searches the layers. */
const POLL_MS = 500;

/**
 * Searches the stored layers for the files of the rule, or waits while another instance searches the layers. If a
 * signal interrupts the search, the next instance continues the search.
 */
async function indexed({ store, indexFiles }: Clair, id: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const rule = await store.fileRules.find(id);
    if (rule === undefined)
      throw new ClairError(
        'file-rule/not-found',
        `the file rule ${id} was deleted before all stored layers were searched`,
      );
    if (rule.indexedAt !== null) return;
    if (!(await indexFiles(signal))) await setTimeout(POLL_MS, undefined, { signal });
  }
}

type ListedRule = Omit<StoredFileRule, 'createdAt' | 'indexedAt'> & {
  readonly createdAt: string;
  readonly indexed: boolean;
  readonly indexedAt: string | null;
};

const PAGE = 100;

async function allRules({ fileRules }: Pick<Store, 'fileRules'>): Promise<readonly ListedRule[]> {
  const rules: ListedRule[] = [];
  for (let after = ''; ; after = rules.at(-1)?.id ?? '') {
    const page = await fileRules.list({ after, limit: PAGE });
    for (const { createdAt, indexedAt, ...rule } of page) {
      const times = { createdAt: timeText(createdAt), indexedAt: indexedAt === null ? null : timeText(indexedAt) };
      rules.push({ ...rule, ...times, indexed: indexedAt !== null });
    }
    if (page.length < PAGE) return rules;
  }
}

function timeText(time: number): string {
  return new Date(time).toISOString();
}

function tableOf(rules: readonly ListedRule[]): string {
  if (rules.length === 0) return 'There are no file rules.\n';
  const table = new Table({
    head: ['Name', 'Severity', 'Affects images where', 'Indexed'],
    style: { head: [], border: [], compact: true },
  });
  for (const { id, severity, when, paths, digests = [], indexedAt } of rules) {
    const content = digests.length === 0 ? '' : `content ${oneOf(digests)}`;
    const files = [oneOf(paths), content].filter((text) => text !== '').join(' with ');
    table.push([id, severity, `${files} is ${when}`, indexedAt ?? 'not yet'].map(printable));
  }
  return `${table.toString()}\n`;
}

function oneOf([first = '', ...others]: readonly string[]): string {
  if (others.length <= 1) return [first, ...others].join(' or ');
  return `${first} or one of ${others.length} more`;
}
