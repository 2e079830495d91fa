import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { afterAll, describe, expect, it } from 'vitest';
import { ClairError } from '../errors.ts';
import { defaultConfig, loadConfig, parseConfig } from './config-file.ts';

const API = {
  host: '127.0.0.1',
  port: 6060,
  hosts: [],
  healthport: 6061,
  timeout: '900s',
  shutdowntimeout: '30s',
  maxconnections: 10_000,
  auth: { psk: { iss: [] }, readonly: { iss: [] } },
};

const DEFAULTS = {
  api: API,
  client: {},
  database: { type: 'sqlite' },
  housekeeping: { interval: '1d', images: '90d', layers: '90d', notifications: '30d', changeLog: '90d' },
  log: { level: 'info' },
  notifier: {
    attempts: 150,
    renotifyinterval: '2h',
    http: { payload: 'reference', timeout: '5s' },
    amqp: { exchange: '', routingkey: 'clair', payload: 'reference' },
  },
  suppression: { files: [] },
  tracing: { service: 'clair' },
  updater: {
    interval: '2h',
    intervals: {},
    staleAfter: '5d',
    maxShrinkPercent: 20,
    maxShrinkRecords: 100,
    offline: false,
    addresses: {},
    minimumRate: 1024,
  },
  worker: {
    allowedHosts: [],
    allowedPaths: [],
    registries: [],
    submissions: 8,
    temporarySpace: 16_384,
    minimumRate: 1024,
  },
};

const KEY = Buffer.alloc(32, 7).toString('base64');

/** What is wrong with a text, a line each; nothing when it is good. */
function diagnosticsOf(text: string): readonly string[] {
  try {
    parseConfig(text, 'FILE');
  } catch (error) {
    const [head, ...diagnostics] = error instanceof ClairError ? error.message.split('\n  ') : [];
    if (head !== 'FILE is no valid configuration:') throw error;
    return diagnostics;
  }
  return [];
}

it('without a file, the defaults hold', () => {
  expect(defaultConfig()).toEqual(DEFAULTS);
});

describe('a good file', () => {
  it.each<[string, string, object]>([
    ['of nothing', '', {}],
    ['of comments', '# api:\n#   port: 1\n', {}],
    ['of an empty map', '{}', {}],
    ['with an empty section', 'worker: {}', {}],
    ['with one key', 'api:\n  port: 0\n', { api: { ...API, port: 0 } }],
    ['under clair', 'clair:\n  api:\n    host: "::"\n', { api: { ...API, host: '::' } }],
    ['with nothing under clair', 'clair: {}', {}],
    ['in JSON', '{"log": {"level": "warn"}}', { log: { level: 'warn' } }],
    ['in memory', 'database: {type: memory}', { database: { type: 'memory' } }],
    ['with a path alone', 'database: {path: /c.db}', { database: { type: 'sqlite', path: '/c.db' } }],
    [
      'on PostgreSQL',
      'database: {type: postgres, source: "host=db"}',
      { database: { type: 'postgres', source: 'host=db' } },
    ],
    ['in the main thread', 'worker: {threads: 0}', { worker: { ...DEFAULTS.worker, threads: 0 } }],
    ['with as many threads as may be', 'worker: {threads: 64}', { worker: { ...DEFAULTS.worker, threads: 64 } }],
    [
      'with lists',
      'worker:\n  allowedPaths:\n    - /a\n    - /b c\n  allowedHosts: [registry.internal, 10.0.0.0/8, "fd00::/8"]\n',
      {
        worker: {
          ...DEFAULTS.worker,
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
          ...DEFAULTS.updater,
          intervals: { debian: '30m' },
          addresses: { debian: 'https://mirror.example/tracker.json' },
        },
      },
    ],
    [
      'with registries that want a login',
      'worker:\n  registries:\n    - {host: a.test, username: me, passwordfile: /p, repositories: [team/app]}\n    - {host: "b.test:5000", tokenfile: /t, cafile: /c}\n',
      {
        worker: {
          ...DEFAULTS.worker,
          registries: [
            { host: 'a.test', username: 'me', passwordfile: '/p', repositories: ['team/app'] },
            { host: 'b.test:5000', tokenfile: '/t', cafile: '/c' },
          ],
        },
      },
    ],
    ['with an alias', 'worker: {allowedPaths: &none [], allowedHosts: *none}', {}],
  ])('%s', (_, text, expected) => {
    expect(parseConfig(text, 'FILE')).toEqual({ config: { ...DEFAULTS, ...expected }, notices: [] });
  });

  it('whatever its values are, is read as it was written', () => {
    const path = fc.string().map((text) => `/${text}`);
    const worker = fc.record({ allowedPaths: fc.array(path), threads: fc.integer({ min: 0, max: 64 }) });
    fc.assert(
      fc.property(worker, fc.boolean(), (values, isUnderClair) => {
        const sections = { worker: values };
        const { config } = parseConfig(stringify(isUnderClair ? { clair: sections } : sections), 'FILE');
        expect(config.worker).toEqual({ ...DEFAULTS.worker, ...values });
      }),
    );
  });
});

describe('a bad file is told with its line', () => {
  const THREADS = 'worker.threads must be an integer from 0 to 64';
  const PORT = 'api.port must be an integer from 0 to 65535';

  it.each<[string, string, readonly string[]]>([
    ['a section that is none', 'prefetch: {}', ['line 1: prefetch is no key']],
    [
      'a key of a map in a section',
      'notifier:\n  http:\n    endpont: http://a',
      ['line 3: notifier.http.endpont is no key; did you mean notifier.http.endpoint?'],
    ],
    ['dots for maps', 'api: {auth.psk: {}}', ['line 1: api.auth.psk is no key']],
    ['a map for a key', 'api: {auth: {psk: secret}}', ['line 1: api.auth.psk must be a map of keys']],
    ['nothing for who may come in', 'api:\n  auth:', ['line 2: api.auth must be a map of keys']],
    ['a section with a slip', '\nwroker: {}', ['line 2: wroker is no key; did you mean worker?']],
    ['a key that is none', 'api:\n  cabundle: /c', ['line 2: api.cabundle is no key']],
    [
      'a key in another spelling',
      'worker:\n  threads: 1\n  allowedpaths: []',
      ['line 3: worker.allowedpaths is no key; did you mean worker.allowedPaths?'],
    ],
    ['a key of another section', 'api: {level: info}', ['line 1: api.level is no key; did you mean log.level?']],
    ['a key without its section', 'port: 1', ['line 1: port is no key; did you mean api.port?']],
    [
      'a section beside clair',
      'api: {}\nclair: {}',
      ['line 1: api must stand under clair, as all sections do where there is that key'],
    ],
    ['a key that would be a prototype', '__proto__: {port: 1}', ['line 1: __proto__ is no key']],
    ['a key of control characters', '"\\e[2J\\n": 1', ['line 1: \\u001b[2J\\n is no key']],
    ['a merge key', 'api: &a {port: 1}\n<<: *a', ['line 2: << is no key']],
    ['no map', '- api', ['line 1: it must be a map of sections']],
    ['a text', 'api', ['line 1: it must be a map of sections']],
    ['no map under clair', '\nclair: [api]', ['line 2: clair must be a map of sections']],
    ['nothing under clair', 'clair:', ['line 1: clair must be a map of sections']],
    ['an empty section', 'api:\nworker: {}', ['line 1: api must be a map of keys']],
    ['a list for a section', 'worker: [threads]', ['line 1: worker must be a map of keys']],
    ['a word for a number', 'worker:\n  threads: many', [`line 2: ${THREADS}`]],
    ['a number in quotes', 'worker:\n  threads: "1"', [`line 2: ${THREADS}`]],
    ['half a number', 'worker: {threads: 0.5}', [`line 1: ${THREADS}`]],
    ['too many threads', 'worker: {threads: 65}', [`line 1: ${THREADS}`]],
    ['less than none', 'worker: {threads: -1}', [`line 1: ${THREADS}`]],
    ['a value that is missing', 'worker:\n  threads:\n', [`line 2: ${THREADS}`]],
    ['a port that is none', 'api: {port: 65536}', [`line 1: ${PORT}`]],
    ['no host', 'api: {host: ""}', ['line 1: api.host must be a name or an address']],
    [
      'a database of another kind',
      'database: {type: files}',
      ['line 1: database.type must be sqlite, postgres or memory'],
    ],
    [
      'a database of the first generation',
      'database: {type: bolt, path: /clair.db}',
      ['line 1: database.type: bolt is no database here: use sqlite, and name its file in database.path'],
    ],
    [
      'PostgreSQL without an address',
      'database:\n  type: postgres',
      ['line 2: database.type postgres needs database.source: the address of the database'],
    ],
    [
      'PostgreSQL with a file',
      'database:\n  type: postgres\n  path: /c.db\n  source: postgres://db',
      ['line 3: database.path has no effect where database.type is postgres: leave one out'],
    ],
    [
      'an address of what is a file',
      'database: {source: "postgres://db"}',
      ['line 1: database.source has no effect where database.type is sqlite: leave one out'],
    ],
    ['authorities of clients without encryption', 'api:\n  cafile: /ca.pem', ['line 2: api.cafile needs api.certfile']],
    ['a token for nobody', 'client: {tokenfile: /t}', ['line 1: client.tokenfile needs client.server']],
    ['a token of several words', 'client: {server: "http://a", token: a b}', ['line 1: client.token must be one word']],
    [
      'a server that is no address',
      'client: {server: a}',
      ['line 1: client.server must be an http: or https: address'],
    ],
    [
      'a registry with a password in the file',
      'worker:\n  registries:\n    - {host: a.test, username: me, password: secret}',
      [
        'line 3: worker.registries[0] must be a map of a host and either username and passwordfile or tokenfile, with repositories and cafile if they are wanted',
      ],
    ],
    ['a certificate without its key', 'api: {certfile: /c.pem}', ['line 1: api.certfile needs api.keyfile']],
    [
      'a key that a guess may find',
      'api: {auth: {psk: {key: c2hvcnQ=, iss: [quay]}}}',
      ['line 1: api.auth.psk.key must be at least 32 bytes in base64'],
    ],
    [
      'a key of nobody',
      `api: {auth: {psk: {key: ${KEY}}}}`,
      ['line 1: api.auth.psk.key needs api.auth.psk.iss: the issuers whose tokens are accepted'],
    ],
    [
      'issuers without a key',
      'api: {auth: {psk: {iss: [quay]}}}',
      ['line 1: api.auth.psk.iss needs api.auth.psk.key or api.auth.psk.keyfile'],
    ],
    [
      'a key that only reads, where nobody could write',
      `api: {auth: {readonly: {key: ${KEY}, iss: [quay]}}}`,
      ['line 1: api.auth.readonly.key needs api.auth.psk.key: without it nobody could write'],
    ],
    [
      'a file of a database in memory',
      'clair:\n  database:\n    path: /c.db\n    type: memory',
      ['line 3: database.path has no effect where database.type is memory: leave one out'],
    ],
    [
      'a level that is none',
      'log: {level: 30}',
      ['line 1: log.level must be trace, debug, info, warn, error or silent'],
    ],
    [
      'one path for a list',
      'worker: {allowedPaths: /a}',
      ['line 1: worker.allowedPaths must be a list of absolute paths'],
    ],
    [
      'items of a list',
      'worker:\n  allowedPaths:\n    - /a\n    - b\n    - 7\n  allowedHosts: [10.0.0.0/33]',
      [
        'line 4: worker.allowedPaths[1] must be an absolute path',
        'line 5: worker.allowedPaths[2] must be an absolute path',
        'line 6: worker.allowedHosts[0] must be a host name, an address or a CIDR range',
      ],
    ],
    [
      'what an alias stands for',
      'api: &a\n  port: x\nworker: *a',
      [`line 2: ${PORT}`, 'line 2: worker.port is no key; did you mean api.port?'],
    ],
    ['a key twice', 'api: {port: 1}\napi: {port: 2}', ['line 2: Map keys must be unique']],
    ['two documents', '{}\n---\n{}', ['line 2: another document begins: there must be one']],
    [
      'a tag of another language',
      'api: {port: !!python/object 1}',
      ['line 1: Unresolved tag: tag:yaml.org,2002:python/object'],
    ],
    ['an alias of nothing', 'api: *a', ['Unresolved alias (the anchor must be set before the alias): a']],
    ['no end', 'worker: {threads: 1', [expect.stringMatching(/^line 1: Flow map .* must .* end with a }$/)]],
  ])('%s', (_, text, diagnostics) => {
    expect(diagnosticsOf(text)).toEqual(diagnostics);
  });

  it('all at once, in their order', () => {
    const text = 'worker:\n  threads: x\n  allowdPaths: []\napi:\n  port: y\nlogs: {}\n';
    expect(diagnosticsOf(text)).toEqual([
      `line 2: ${THREADS}`,
      'line 3: worker.allowdPaths is no key; did you mean worker.allowedPaths?',
      `line 5: ${PORT}`,
      'line 6: logs is no key; did you mean log?',
    ]);
    expect(diagnosticsOf('clair: {port: 1}\nlog: {}').map((diagnostic) => diagnostic.split(':', 1)[0])).toEqual([
      'line 1',
      'line 2',
    ]);
  });

  it('twenty at most, and how many more', () => {
    const text = Array.from({ length: 22 }, (_, index) => `unknown-${index}: 1\n`).join('');
    expect(diagnosticsOf(text)).toHaveLength(21);
    expect(diagnosticsOf(text).at(-1)).toBe('and 2 more');
  });

  it('and a long key is not repeated whole', () => {
    expect(diagnosticsOf(`? ${'k'.repeat(2000)}\n: 1`)).toEqual([`line 1: ${'k'.repeat(100)}… is no key`]);
  });

  it('whatever it holds, it is a configuration or told', () => {
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
    );
  });
});

describe('a file that was made to be big', () => {
  it('by aliases that hold each other is refused', () => {
    const levels = Array.from(
      { length: 9 },
      (_, index) => `l${index}: &l${index} [${'*l'.concat(`${index - 1},`).repeat(9)}]`,
    );
    const text = ['l: &l [1]', ...levels].join('\n').replaceAll('*l-1', '*l');
    expect(diagnosticsOf(text)).toEqual(['Excessive alias count indicates a resource exhaustion attack']);
  });

  it('by nesting is refused', () => {
    expect(diagnosticsOf('['.repeat(20_000)).length).toBeGreaterThan(0);
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

  it('is named in what is wrong with it', async () => {
    await expect(load('a: 1')).rejects.toThrow(
      `${folder}/clair.yaml is no valid configuration:\n  line 1: a is no key`,
    );
  });

  it('has at most 1 MiB', async () => {
    const comment = '#'.repeat(1024 * 1024);
    expect(await load(comment)).toEqual(DEFAULTS);
    const message = expect.stringMatching(/ has more than 1048576 bytes$/);
    await expect(load(`${comment}#`)).rejects.toMatchObject({ code: 'config/invalid', message });
  });

  it('is text in UTF-8', async () => {
    expect(await load('\u{feff}worker: {allowedPaths: [/é]}')).toMatchObject({ worker: { allowedPaths: ['/é'] } });
    const latin1 = Buffer.from('worker: {allowedPaths: [/é]}', 'latin1');
    await expect(load(latin1)).rejects.toMatchObject({
      code: 'config/invalid',
      message: expect.stringMatching(/ is no text in UTF-8$/),
    });
  });

  it.each([
    ['a file that is not there', 'none.yaml'],
    ['a directory', '.'],
  ])('%s cannot be read', async (_, name) => {
    const path = join(folder, name);
    const message = expect.stringContaining(`cannot read ${path}: `);
    await expect(loadConfig({ file: path, environment: {} })).rejects.toMatchObject({
      code: 'config/invalid',
      message,
    });
  });

  it('may be a device that has no end', async () => {
    await expect(loadConfig({ file: '/dev/zero', environment: {} })).rejects.toMatchObject({
      message: '/dev/zero has more than 1048576 bytes',
    });
  });
});
