import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { afterAll, describe, expect, it } from 'vitest';
import { runCount } from '../../test/fixtures/run-count.ts';
import { ClairError } from '../errors.ts';
import { defaultConfig, loadConfig, parseConfig } from './config-file.ts';
import { DEFAULT_CONFIG } from './sections/default-config.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');

function diagnosticsOf(text: string): readonly string[] {
  try {
    parseConfig(text, 'FILE');
  } catch (error) {
    const [head, ...diagnostics] = error instanceof ClairError ? error.message.split('\n  ') : [];
    if (head !== 'FILE is not a valid configuration:') throw error;
    return diagnostics;
  }
  return [];
}

it('without a file the defaults apply', () => {
  expect(defaultConfig()).toEqual(DEFAULT_CONFIG);
});

describe('a valid file', () => {
  it.each<[string, string, object]>([
    ['that is empty', '', {}],
    ['of comments only', '# api:\n#   port: 1\n', {}],
    ['with an empty map', '{}', {}],
    ['with an empty section', 'worker: {}', {}],
    ['with one key', 'api:\n  port: 0\n', { api: { ...DEFAULT_CONFIG.api, port: 0 } }],
    ['under clair', 'clair:\n  api:\n    host: "::"\n', { api: { ...DEFAULT_CONFIG.api, host: '::' } }],
    ['with nothing under clair', 'clair: {}', {}],
    ['in JSON', '{"log": {"level": "warn"}}', { log: { level: 'warn' } }],
    ['in memory', 'database: {type: memory}', { database: { type: 'memory' } }],
    ['with a path alone', 'database: {path: /c.db}', { database: { type: 'sqlite', path: '/c.db' } }],
    [
      'on PostgreSQL',
      'database: {type: postgres, source: "host=db"}',
      { database: { type: 'postgres', source: 'host=db' } },
    ],
    ['with one thread', 'worker: {threads: 1}', { worker: { ...DEFAULT_CONFIG.worker, threads: 1 } }],
    ['with the maximum of threads', 'worker: {threads: 64}', { worker: { ...DEFAULT_CONFIG.worker, threads: 64 } }],
    [
      'with lists',
      'worker:\n  allowedPaths:\n    - /a\n    - /b c\n  allowedHosts: [registry.internal, 10.0.0.0/8, "fd00::/8"]\n',
      {
        worker: {
          ...DEFAULT_CONFIG.worker,
          allowedPaths: ['/a', '/b c'],
          allowedHosts: ['registry.internal', '10.0.0.0/8', 'fd00::/8'],
        },
      },
    ],
    [
      'with maps',
      'updater:\n  intervals: {debian: 30m}\n  addresses: {debian: "https://mirror.example/tracker.json"}\n',
      {
        updater: {
          ...DEFAULT_CONFIG.updater,
          intervals: { debian: '30m' },
          addresses: { debian: 'https://mirror.example/tracker.json' },
        },
      },
    ],
    [
      'with OSV ecosystems',
      'updater:\n  osv: {ecosystems: [npm, crates.io]}\n',
      { updater: { ...DEFAULT_CONFIG.updater, osv: { ecosystems: ['npm', 'crates.io'] } } },
    ],
    [
      'with registry credentials',
      'worker:\n  registries:\n    - {host: a.test, username: me, passwordfile: /p, repositories: [team/app]}\n    - {host: "b.test:5000", tokenfile: /t, cafile: /c}\n',
      {
        worker: {
          ...DEFAULT_CONFIG.worker,
          registries: [
            { host: 'a.test', username: 'me', passwordfile: '/p', repositories: ['team/app'] },
            { host: 'b.test:5000', tokenfile: '/t', cafile: '/c' },
          ],
        },
      },
    ],
    ['with an alias', 'worker: {allowedPaths: &none [], allowedHosts: *none}', {}],
  ])('%s', (_, text, expected) => {
    expect(parseConfig(text, 'FILE')).toEqual({ config: { ...DEFAULT_CONFIG, ...expected }, notices: [] });
  });

  it('reads any written values back unchanged', () => {
    const path = fc.string().map((text) => `/${text}`);
    const worker = fc.record({ allowedPaths: fc.array(path), threads: fc.integer({ min: 1, max: 64 }) });
    fc.assert(
      fc.property(worker, fc.boolean(), (values, isUnderClair) => {
        const sections = { worker: values };
        const { config } = parseConfig(stringify(isUnderClair ? { clair: sections } : sections), 'FILE');
        expect(config.worker).toEqual({ ...DEFAULT_CONFIG.worker, ...values });
      }),
      { numRuns: runCount(1000, 25) },
    );
  });
});

describe('reports the line of', () => {
  const THREADS = 'worker.threads must be an integer from 1 to 64';
  const PORT = 'api.port must be an integer from 0 to 65535';

  it.each<[string, string, readonly string[]]>([
    ['an unknown section', 'prefetch: {}', ['line 1: unknown key prefetch']],
    [
      'an unknown key of a nested map',
      'notifier:\n  http:\n    endpont: http://a',
      ['line 3: unknown key notifier.http.endpont; did you mean notifier.http.endpoint?'],
    ],
    ['dots instead of maps', 'api: {auth.psk: {}}', ['line 1: unknown key api.auth.psk']],
    ['a text instead of a map', 'api: {auth: {psk: secret}}', ['line 1: api.auth.psk must be a map of keys']],
    ['an empty map of a section', 'api:\n  auth:', ['line 2: api.auth must be a map of keys']],
    ['a misspelled section', '\nwroker: {}', ['line 2: unknown key wroker; did you mean worker?']],
    ['an unknown key', 'api:\n  cabundle: /c', ['line 2: unknown key api.cabundle']],
    [
      'a key in the wrong case',
      'worker:\n  threads: 1\n  allowedpaths: []',
      ['line 3: unknown key worker.allowedpaths; did you mean worker.allowedPaths?'],
    ],
    ['a key of another section', 'api: {level: info}', ['line 1: unknown key api.level; did you mean log.level?']],
    ['a key without its section', 'port: 1', ['line 1: unknown key port; did you mean api.port?']],
    [
      'a section next to clair',
      'api: {}\nclair: {}',
      ['line 1: api must be under clair: in a file with the key clair, all sections must be under this key'],
    ],
    ['the key __proto__', '__proto__: {port: 1}', ['line 1: unknown key __proto__']],
    ['a key with control characters', '"\\e[2J\\n": 1', ['line 1: unknown key \\u001b[2J\\n']],
    ['a merge key', 'api: &a {port: 1}\n<<: *a', ['line 2: unknown key <<']],
    ['a list', '- api', ['line 1: the file must be a map of sections']],
    ['a text', 'api', ['line 1: the file must be a map of sections']],
    ['a list under clair', '\nclair: [api]', ['line 2: clair must be a map of sections']],
    ['an empty clair', 'clair:', ['line 1: clair must be a map of sections']],
    ['an empty section', 'api:\nworker: {}', ['line 1: api must be a map of keys']],
    ['a list for a section', 'worker: [threads]', ['line 1: worker must be a map of keys']],
    ['a word instead of a number', 'worker:\n  threads: many', [`line 2: ${THREADS}`]],
    ['a number in quotes', 'worker:\n  threads: "1"', [`line 2: ${THREADS}`]],
    ['a fraction', 'worker: {threads: 1.5}', [`line 1: ${THREADS}`]],
    ['no threads', 'worker: {threads: 0}', [`line 1: ${THREADS}`]],
    ['too many threads', 'worker: {threads: 65}', [`line 1: ${THREADS}`]],
    ['a negative number', 'worker: {threads: -1}', [`line 1: ${THREADS}`]],
    ['a missing value', 'worker:\n  threads:\n', [`line 2: ${THREADS}`]],
    ['a port out of range', 'api: {port: 65536}', [`line 1: ${PORT}`]],
    ['an empty host', 'api: {host: ""}', ['line 1: api.host must be a host name or an IP address']],
    [
      'an unknown database type',
      'database: {type: files}',
      ['line 1: database.type must be sqlite, postgres or memory'],
    ],
    [
      'a database type of Clair v1',
      'database: {type: bolt, path: /clair.db}',
      ['line 1: database.type: bolt is not supported: use sqlite, with its file in database.path'],
    ],
    [
      'PostgreSQL without a connection string',
      'database:\n  type: postgres',
      ['line 2: database.type postgres requires database.source or database.sourcefile, the connection string'],
    ],
    [
      'PostgreSQL with a path',
      'database:\n  type: postgres\n  path: /c.db\n  source: postgres://db',
      ['line 3: database.path has no effect with database.type postgres: remove one of these keys'],
    ],
    [
      'SQLite with a connection string',
      'database: {source: "postgres://db"}',
      ['line 1: database.source has no effect with database.type sqlite: set database.type to postgres'],
    ],
    ['client certificates without TLS', 'api:\n  cafile: /ca.pem', ['line 2: api.cafile requires api.certfile']],
    ['a token without a server', 'client: {tokenfile: /t}', ['line 1: client.tokenfile requires client.server']],
    [
      'a token of several words',
      'client: {server: "http://a", token: a b}',
      ['line 1: client.token must be printable ASCII characters without spaces'],
    ],
    ['a server that is not a URL', 'client: {server: a}', ['line 1: client.server must be an http: or https: URL']],
    [
      'a registry with a password in the file',
      'worker:\n  registries:\n    - {host: a.test, username: me, password: secret}',
      [
        'line 3: worker.registries[0] must be a map with host, either username and passwordfile or tokenfile, and optionally repositories and cafile',
      ],
    ],
    ['a certificate without its key', 'api: {certfile: /c.pem}', ['line 1: api.certfile requires api.keyfile']],
    [
      'a key that is not base64',
      'api: {auth: {psk: {key: "not a key", iss: [quay]}}}',
      ['line 1: api.auth.psk.key must be a key in base64 (32 bytes or more are recommended)'],
    ],
    [
      'a key without issuers',
      `api: {auth: {psk: {key: ${KEY}}}}`,
      ['line 1: api.auth.psk.key requires api.auth.psk.iss, the accepted token issuers'],
    ],
    [
      'issuers without a key',
      'api: {auth: {psk: {iss: [quay]}}}',
      ['line 1: api.auth.psk.iss requires api.auth.psk.key or api.auth.psk.keyfile'],
    ],
    [
      'a read-only key without a full key',
      `api: {auth: {readonly: {key: ${KEY}, iss: [quay]}}}`,
      ['line 1: api.auth.readonly.key requires api.auth.psk.key or api.auth.psk.keyfile, so that clients can write'],
    ],
    [
      'a path of a database in memory',
      'clair:\n  database:\n    path: /c.db\n    type: memory',
      ['line 3: database.path has no effect with database.type memory: remove one of these keys'],
    ],
    [
      'an unknown log level',
      'log: {level: 30}',
      ['line 1: log.level must be trace, debug, info, warn, error or silent'],
    ],
    [
      'a text instead of a list',
      'worker: {allowedPaths: /a}',
      ['line 1: worker.allowedPaths must be a list of absolute paths'],
    ],
    [
      'invalid items of a list',
      'worker:\n  allowedPaths:\n    - /a\n    - b\n    - 7\n  allowedHosts: [10.0.0.0/33]',
      [
        'line 4: worker.allowedPaths[1] must be an absolute path',
        'line 5: worker.allowedPaths[2] must be an absolute path',
        'line 6: worker.allowedHosts[0] must be a host name, an IP address or a CIDR range',
      ],
    ],
    [
      'a value behind an alias',
      'api: &a\n  port: x\nworker: *a',
      [`line 2: ${PORT}`, 'line 2: unknown key worker.port; did you mean api.port?'],
    ],
    ['a key twice', 'api: {port: 1}\napi: {port: 2}', ['line 2: Map keys must be unique']],
    ['two documents', '{}\n---\n{}', ['line 2: a second document starts: the file must contain only one document']],
    ['an unknown tag', 'api: {port: !!python/object 1}', ['line 1: Unresolved tag: tag:yaml.org,2002:python/object']],
    ['an unknown alias', 'api: *a', ['Unresolved alias (the anchor must be set before the alias): a']],
    ['an unclosed map', 'worker: {threads: 1', [expect.stringMatching(/^line 1: Flow map .* must .* end with a }$/)]],
  ])('%s', (_, text, diagnostics) => {
    expect(diagnosticsOf(text)).toEqual(diagnostics);
  });

  it('lists all faults in order of their lines', () => {
    const text = 'worker:\n  threads: x\n  allowdPaths: []\napi:\n  port: y\nlogs: {}\n';
    expect(diagnosticsOf(text)).toEqual([
      `line 2: ${THREADS}`,
      'line 3: unknown key worker.allowdPaths; did you mean worker.allowedPaths?',
      `line 5: ${PORT}`,
      'line 6: unknown key logs; did you mean log?',
    ]);
    expect(diagnosticsOf('clair: {port: 1}\nlog: {}').map((diagnostic) => diagnostic.split(':', 1)[0])).toEqual([
      'line 1',
      'line 2',
    ]);
  });

  it('lists at most twenty faults and counts the rest', () => {
    const text = Array.from({ length: 22 }, (_, index) => `unknown-${index}: 1\n`).join('');
    expect(diagnosticsOf(text)).toHaveLength(21);
    expect(diagnosticsOf(text).at(-1)).toBe('and 2 more');
  });

  it('shortens long keys', () => {
    expect(diagnosticsOf(`? ${'k'.repeat(2000)}\n: 1`)).toEqual([`line 1: unknown key ${'k'.repeat(100)}…`]);
  });

  it('accepts or rejects any text without other errors', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((json) => `{"worker": ${json}}`),
        ),
        (text) => {
          expect(diagnosticsOf(text)).toEqual(expect.any(Array));
        },
      ),
      { numRuns: runCount(1000, 50) },
    );
  });
});

describe('a hostile file', () => {
  it('with nested aliases is rejected', () => {
    const levels = Array.from(
      { length: 9 },
      (_, index) => `l${index}: &l${index} [${'*l'.concat(`${index - 1},`).repeat(9)}]`,
    );
    const text = ['l: &l [1]', ...levels].join('\n').replaceAll('*l-1', '*l');
    expect(diagnosticsOf(text)).toEqual(['Excessive alias count indicates a resource exhaustion attack']);
  });

  it('with deep nesting is rejected', () => {
    expect(diagnosticsOf('['.repeat(20_000))).toEqual(['the nesting exceeds 100 levels']);
  });
});

describe('the file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clair-config-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  async function load(content: string | Uint8Array): Promise<unknown> {
    const path = join(folder, 'clair.yaml');
    writeFileSync(path, content);
    return (await loadConfig({ file: path, environment: {} })).config;
  }

  it('is named in the error', async () => {
    await expect(load('a: 1')).rejects.toThrow(
      `${folder}/clair.yaml is not a valid configuration:\n  line 1: unknown key a`,
    );
  });

  it('is limited to 1 MiB', async () => {
    const comment = '#'.repeat(1024 * 1024);
    expect(await load(comment)).toEqual(DEFAULT_CONFIG);
    const message = expect.stringMatching(/ exceeds 1048576 bytes$/);
    await expect(load(`${comment}#`)).rejects.toMatchObject({ code: 'config/invalid', message });
  });

  it('must be UTF-8', async () => {
    expect(await load('\u{feff}worker: {allowedPaths: [/é]}')).toMatchObject({ worker: { allowedPaths: ['/é'] } });
    const latin1 = Buffer.from('worker: {allowedPaths: [/é]}', 'latin1');
    await expect(load(latin1)).rejects.toMatchObject({
      code: 'config/invalid',
      message: expect.stringMatching(/ is not valid UTF-8: save the file as UTF-8$/),
    });
  });

  it.each([
    ['a missing file', 'none.yaml'],
    ['a directory', '.'],
  ])('%s cannot be read', async (_, name) => {
    const path = join(folder, name);
    const message = expect.stringContaining(`cannot read ${path}: `);
    await expect(loadConfig({ file: path, environment: {} })).rejects.toMatchObject({
      code: 'config/invalid',
      message,
    });
  });

  it('may be an endless device', async () => {
    await expect(loadConfig({ file: '/dev/zero', environment: {} })).rejects.toMatchObject({
      message: '/dev/zero exceeds 1048576 bytes',
    });
  });
});
