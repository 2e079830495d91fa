import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { runCli } from '../../../src/cli/program.ts';
import { type CliRun, runClair } from '../../fixtures/cli-run.ts';
import { DEMO_FEED } from '../../fixtures/demo-image.ts';
import { tarOf } from '../../../src/bytes/testing/tar-builder.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-configuration-'));
const inFolder = (name: string): string => join(folder, name);
const LAYER = tarOf({ name: 'etc/os-release', content: 'ID=debian\nVERSION_ID=12\n' });

let inside: Server;
let layerUrl: string;
let arrived: string[];

beforeAll(async () => {
  for (const name of ['allowed', 'flagged', 'outside']) {
    mkdirSync(inFolder(name));
    writeFileSync(inFolder(`${name}/layer.tar`), LAYER);
  }
  inside = createServer((request, response) => {
    arrived.push(request.url ?? '');
    response.end(LAYER);
  });
  await once(inside.listen(0, '127.0.0.1'), 'listening');
  layerUrl = `http://127.0.0.1:${(inside.address() as AddressInfo).port}/layer`;
});
beforeEach(() => {
  arrived = [];
  vi.stubEnv('CLAIR_DB', undefined);
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => {
  inside.close();
  rmSync(folder, { recursive: true });
});

let files = 0;

function configFile(sections: object): string {
  const path = inFolder(`clair-${(files += 1)}.yaml`);
  writeFileSync(path, stringify(sections));
  return path;
}

async function serve(
  sections: object,
  args: readonly string[],
  use: (url: string) => Promise<void> = async () => {},
): Promise<CliRun> {
  const stop = new AbortController();
  let [out, err] = ['', ''];
  let using = Promise.resolve();
  const status = await runCli(['serve', '--no-updates', '--config', configFile(sections), ...args], {
    out(text) {
      out += text;
      const [, url = ''] = /listens on (\S+)/.exec(text) ?? [];
      using = use(url).finally(() => stop.abort());
    },
    err: (text) => (err += text),
    signal: stop.signal,
  });
  await using;
  return { status, out, err };
}

async function post(url: string, location: string): Promise<string> {
  const response = await fetch(`${url}/v1/layers`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ID: location, Path: location }),
  });
  const [, code = ''] = /\(([\w/-]+)\)"/.exec(await response.text()) ?? [];
  return `${response.status} ${code}`.trim();
}

const QUIET = { api: { port: 0, healthport: null }, log: { level: 'silent' }, database: { type: 'memory' } };
const PATH_REFUSED = '400 layer/path-not-allowed';
const HOST_REFUSED = '400 layer/host-not-allowed';

describe('clients may use', () => {
  it('neither paths nor private hosts by default', async () => {
    await serve(QUIET, [], async (url) => {
      expect(await post(url, inFolder('allowed/layer.tar'))).toBe(PATH_REFUSED);
      expect(await post(url, layerUrl)).toBe(HOST_REFUSED);
    });
    expect(arrived).toEqual([]);
  });

  it('the paths of the file and of the flag', async () => {
    const worker = { allowedPaths: [inFolder('allowed')] };
    await serve({ ...QUIET, worker }, ['--allow-path', inFolder('flagged')], async (url) => {
      expect(await post(url, inFolder('allowed/layer.tar'))).toBe('201');
      expect(await post(url, inFolder('flagged/layer.tar'))).toBe('201');
      expect(await post(url, inFolder('outside/layer.tar'))).toBe(PATH_REFUSED);
      expect(await post(url, layerUrl)).toBe(HOST_REFUSED);
    });
    expect(arrived).toEqual([]);
  });

  it.each([
    ['of the file', { allowedHosts: ['127.0.0.0/8'] }, []],
    ['of the flag', { allowedHosts: ['10.0.0.0/8'] }, ['--allow-host', '127.0.0.1']],
  ])('the hosts %s', async (_, worker, flags) => {
    await serve({ clair: { ...QUIET, worker } }, flags, async (url) => {
      expect(await post(url, layerUrl)).toBe('201');
      expect(await post(url, layerUrl.replace('127.0.0.1', '192.168.0.1'))).toBe(HOST_REFUSED);
      expect(await post(url, inFolder('allowed/layer.tar'))).toBe(PATH_REFUSED);
    });
    expect(arrived).toEqual(['/layer']);
  });
});

describe('a command on the database', () => {
  const run = async (...args: readonly string[]): Promise<string> => {
    let out = '';
    const signal = new AbortController().signal;
    await runCli(args, { out: (text) => (out += text), err: () => undefined, signal });
    return out;
  };
  let path: string;
  let config: string;
  beforeEach(() => {
    path = inFolder(`chosen-${files}.db`);
    config = configFile({ database: { path } });
  });

  it.each([
    [['feeds']],
    [['notifications']],
    [['notifications', 'retry']],
    [['affected', 'CVE-2099-0001']],
    [['reindex']],
    [['db', 'stats']],
    [['db', 'export', inFolder('chosen.export')]],
  ])('opens the database of --config or CLAIR_CONFIG: clair %j', async (command) => {
    await run(...command, '--config', config);
    expect(existsSync(path)).toBe(true);
    rmSync(path);
    vi.stubEnv('CLAIR_CONFIG', config);
    await run(...command);
    expect(existsSync(path)).toBe(true);
    rmSync(path);
    await run(...command, '--config', config, '--db', 'memory');
    expect(existsSync(path)).toBe(false);
  });

  it('names the database that it wrote', async () => {
    const file = inFolder('written.export');
    const updated = await run('update', '--feed', 'debian', '--from', DEMO_FEED, '--config', config);
    expect(updated.endsWith(`\ndatabase: ${path}\n`)).toBe(true);
    await run('db', 'export', file, '--config', config);
    const imported = await run('db', 'import', file, '--db', inFolder('imported.db'));
    expect(imported.endsWith(`\ndatabase: ${inFolder('imported.db')}\n`)).toBe(true);
  });
});

describe('the server', () => {
  const urlOf = async (sections: object, args: readonly string[]): Promise<URL> => {
    const { out } = await serve(sections, args);
    return new URL(out.trim().replace('Clair listens on ', ''));
  };

  it('listens on the address of the file unless a flag overrides it', async () => {
    const api = { ...QUIET.api, host: '127.0.0.2' };
    expect((await urlOf({ ...QUIET, api }, [])).hostname).toBe('127.0.0.2');
    expect((await urlOf({ ...QUIET, api }, ['--host', '127.0.0.3'])).hostname).toBe('127.0.0.3');
    const { port } = await urlOf(QUIET, []);
    expect((await urlOf({ ...QUIET, api: { ...QUIET.api, port: Number(port) } }, [])).port).toBe(port);
  });

  it('has the log level of the file unless a flag overrides it', async () => {
    const silent = await serve(QUIET, []);
    const loud = await serve({ ...QUIET, database: { path: inFolder('loud.db') } }, ['--log-level', 'info']);
    expect([silent.err, loud.err]).toEqual(['', expect.stringContaining('Server listening at')]);
    expect(loud.err).toContain(`"database":"${inFolder('loud.db')}","msg":"database opened"`);
    expect((await serve({ ...QUIET, log: { level: 'info' } }, [])).err).toContain('Server listening at');
  });

  it.each<[string, object, readonly string[], readonly string[]]>([
    ['the file states', { path: inFolder('a.db') }, [], ['a.db']],
    ['--db states, overriding the file', { path: inFolder('b.db') }, ['--db', inFolder('c.db')], ['c.db']],
    ['--db memory requires: in no file', { path: inFolder('d.db') }, ['--db', 'memory'], []],
    ['--db states, overriding memory in the file', { type: 'memory' }, ['--db', inFolder('e.db')], ['e.db']],
  ])('stores its data where %s', async (_, database, args, made) => {
    const before = readdirSync(folder);
    expect(await serve({ ...QUIET, database }, args)).toMatchObject({ status: 0 });
    const names = readdirSync(folder).filter((name) => name.endsWith('.db') && !before.includes(name));
    expect(names).toEqual(made);
  });

  it('stores its data at CLAIR_DB, which overrides the file', async () => {
    vi.stubEnv('CLAIR_DB', inFolder('environment.db'));
    await serve({ ...QUIET, database: { path: inFolder('not-made.db') } }, []);
    expect(['environment.db', 'not-made.db'].map((name) => existsSync(inFolder(name)))).toEqual([true, false]);
  });

  it.each([
    ['http', { endpoint: 'https://receiver.test/' }],
    ['amqp', { url: 'amqps://broker.test/' }],
  ])('does not start when the certificate of notifier.%s is missing', async (channel, settings) => {
    const notifier = { [channel]: { ...settings, cafile: inFolder('none.pem') } };
    const { status, out, err } = await serve({ ...QUIET, notifier }, []);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain(`notifier.${channel}.cafile: cannot read ${inFolder('none.pem')}`);
  });

  it('does not start with an invalid file, and lists all its errors: status 2', async () => {
    const { status, out, err } = await serve({ worker: { thread: 1, allowedPaths: ['a'] } }, []);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toBe(
      `clair: ${inFolder(`clair-${files}.yaml`)} is not a valid configuration:\n` +
        '  line 2: unknown key worker.thread; did you mean worker.threads?\n' +
        '  line 4: worker.allowedPaths[0] must be an absolute path\n' +
        'Correct the keys that the message names; docs/reference/configuration.md lists all keys. [config/invalid]\n',
    );
  });
});

describe('clair config', () => {
  async function config(...args: readonly string[]): Promise<CliRun> {
    return await runClair(['config', ...args]);
  }

  it('checks a file without starting a server, and lists renamed settings', async () => {
    const file = configFile({ clair: { database: { type: 'memstore' } } });
    expect(await config('check', '--config', file)).toEqual({
      status: 0,
      out: `${file}: the configuration is valid.\n`,
      err: `${file}: line 3: database.type memstore is now called memory\n`,
    });
    const unknown = await config('check', '--config', configFile({ updater: { feeds: ['nobody'] } }));
    const unreadableFile = inFolder('none.pem');
    const api = { certfile: unreadableFile, keyfile: unreadableFile };
    const unreadable = await config('check', '--config', configFile({ api }));
    expect(unreadable).toMatchObject({ status: 2, err: expect.stringContaining('api.certfile: cannot read') });
    expect(unknown).toMatchObject({ status: 2, out: '', err: expect.stringContaining('unknown feed "nobody"') });
    const unreadableRules = configFile({ suppression: { files: [inFolder('none.yaml')] } });
    const rules = { status: 2, err: expect.stringMatching(/cannot read .*none\.yaml.*\n.*\[suppression\/invalid\]/) };
    expect(await config('check', '--config', unreadableRules)).toMatchObject(rules);
    expect(await serve({ suppression: { files: [inFolder('none.yaml')] } }, ['--db', 'memory'])).toMatchObject(rules);
    const http = { endpoint: 'https://receiver.test/', certfile: unreadableFile, keyfile: unreadableFile };
    const shown = await config('check', '--config', configFile({ notifier: { http } }));
    expect(shown).toMatchObject({ status: 2, out: '', err: expect.stringContaining('notifier.http.certfile: ') });
  });

  it('names the environment in a notice about an environment variable', async () => {
    vi.stubEnv('CLAIR_API_AUTH_PSK_KEY', 'c2hvcnQ=');
    vi.stubEnv('CLAIR_API_AUTH_PSK_ISS', '[quay]');
    const { status, err } = await config('check');
    expect(status).toBe(0);
    expect(err).toMatch(/^the environment: api\.auth\.psk\.key is only 5 bytes long/);
  });

  it('prints the settings after environment variables, without secrets', async () => {
    vi.stubEnv('CLAIR_API_PORT', '7000');
    const file = configFile({ api: { port: 1 }, notifier: { http: { secret: 'a-secret-of-the-receiver' } } });
    const { status, out } = await config('print', '--config', file);
    expect(status).toBe(0);
    expect(parse(out)).toMatchObject({ api: { port: 7000 }, notifier: { http: { secret: '********' } } });
  });
});

it('serves with a Clair v4 configuration; --db names another database than its connection string', async () => {
  const connstring = 'host=nowhere.invalid dbname=clair sslmode=verify-full sslrootcert=/nowhere.pem';
  const v4 = { http_listen_addr: '127.0.0.1:0', introspection_addr: ':0', indexer: { connstring, scanlock_retry: 1 } };
  const { status, err } = await serve(v4, ['--db', 'memory'], async (url) => {
    expect((await fetch(`${url}/indexer/api/v1/index_state`)).status).toBe(200);
  });
  expect([status, err]).toEqual([0, expect.stringContaining('indexer.scanlock_retry has no effect')]);
  const alone = await serve(v4, []);
  expect([alone.status, alone.err]).toEqual([2, expect.stringContaining('nowhere.pem')]);
});
