import { createServer, type Server } from 'node:http';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { runCli } from '../../../src/cli/program.ts';
import type { Report } from '../../../src/model/report/report.ts';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { type CutConnections, cutConnections } from '../../../src/bytes/testing/cut-connections.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';
import { buildDockerArchive, type BuiltLayer, configOf } from '../../../src/worker/testing/image-builder.ts';
import { createPrivateAuthority } from '../../../src/bytes/testing/private-authority.ts';
import { type RegistryServer, startRegistryServer } from '../../../src/worker/testing/registry-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-submit-'));
const inFolder = (name: string): string => join(folder, name);
const archive = inFolder('image.tar');

let server: ClairServer;
let registry: RegistryServer;
let layers: readonly BuiltLayer[];

beforeAll(async () => {
  server = await startClairServer(['127.0.0.1']);
  registry = await startRegistryServer();
  layers = await buildDemoLayers();
  registry.image(layers, { tag: 'v1' });
  writeFileSync(archive, await buildDockerArchive(layers, 'app:1'));
  await server.clair.updater.update('debian', { from: DEMO_FEED });
});
beforeEach(() => {
  vi.stubEnv('no_proxy', '*');
  vi.stubEnv('CLAIR_CONFIG', '/dev/null');
  vi.stubEnv('CLAIR_SERVER', server.url);
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  await registry.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

type Outcome = { readonly status: number; readonly out: string; readonly err: string };

async function clair(args: readonly string[], input?: Uint8Array): Promise<Outcome> {
  let out = '';
  let err = '';
  async function* bytes(): AsyncGenerator<Uint8Array> {
    if (input !== undefined) yield input;
  }
  const status = await runCli(args, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    signal: new AbortController().signal,
    ...(input !== undefined && { input: { bytes: bytes(), isTerminal: false, close: () => undefined } }),
  });
  return { status, out, err };
}

const reportOf = ({ out }: Outcome): Report => JSON.parse(out);

describe('clair submit', () => {
  it('submits an image in a registry to the server, and prints the report like scan', async () => {
    const name = `${registry.domain}/demo:v1`;
    const outcome = await clair(['submit', name, '--format', 'json']);
    expect([outcome.status, outcome.err]).toEqual([0, '']);
    expect(reportOf(outcome).target).toMatchObject({ kind: 'registry', reference: name, platform: 'linux/amd64' });
    const scanned = await clair(['scan', archive, '--db', join(server.folder, 'db', 'clair.db')]);
    const submitted = await clair(['submit', archive]);
    const withoutTime = ({ out }: Outcome): string => out.replace(/updated \S+\)/, '');
    expect(withoutTime(submitted)).toBe(withoutTime(scanned));
  });

  it.each<[string, readonly string[], number]>([
    ['complete', [], 0],
    ['failed by the gate', ['--fail-on', 'low'], 4],
    ['passed, because nothing has a fix', ['--fail-on', 'low', '--fail-on-fixed'], 0],
  ])('exits with the status of a report that is %s', async (_, options, status) => {
    const outcome = await clair(['submit', archive, '--format', 'json', ...options]);
    expect([outcome.status, reportOf(outcome).findings.length]).toEqual([status, 3]);
    expect(outcome.err).toMatch(status === 4 ? /^clair: linux\/amd64: 2 findings of severity low or higher: / : /^$/);
  });

  it('reports an incomplete result', async () => {
    const bare = await startClairServer([]);
    expect((await clair(['submit', archive, '--server', bare.url])).status).toBe(3);
    await bare.close();
  });

  it('sends an archive from standard input, and writes several formats', async () => {
    const sarif = inFolder('clair.sarif');
    const args = ['submit', '-', '--format', 'table', '--format', `sarif=${sarif}`, '--sort', 'risk'];
    const outcome = await clair(args, readFileSync(archive));
    expect([outcome.status, outcome.err]).toEqual([0, '']);
    expect(outcome.out).toMatch(/^Image {9}app:1 \(linux\/amd64\)\n/);
    expect(JSON.parse(readFileSync(sarif, 'utf8'))).toMatchObject({ version: '2.1.0' });
  });

  it('with --detach prints the ID of the submission and exits', async () => {
    const { status, out } = await clair(['submit', archive, '--detach']);
    expect([status, out]).toEqual([0, expect.stringMatching(/^[0-9a-f-]{36}\n$/)]);
    const { body } = await server.get<{ target: string }>(`/v2/submissions/${out.trim()}`);
    expect(body.target).toBe('image.tar');
  });

  it.each<[string, readonly string[], string, Uint8Array?]>([
    ['a missing image', ['127.0.0.1:1/none:1'], '[bytes/unreachable]'],
    [
      'an invalid archive',
      ['-'],
      'standard-input: the input has 6 bytes, too few for a tar archive',
      Buffer.from('no tar'),
    ],
    ['a terminal as standard input', ['-'], '[cli/usage]'],
    ['a platform that the image lacks', ['ARCHIVE', '--platform', 'linux/s390x'], '[image/choice-needed]'],
    ['a directory', ['rootfs:/'], 'use clair scan'],
    ['an unusable option', ['ARCHIVE', '--fail-on-fixed'], '--fail-on-fixed has no effect'],
  ])('reports the error of %s: status 2', async (_, args, words, input) => {
    const outcome = await clair(['submit', ...args.map((each) => (each === 'ARCHIVE' ? archive : each))], input);
    expect([outcome.status, outcome.out]).toEqual([2, '']);
    expect(outcome.err).toMatch(/^clair: .*\n.* \[[a-z-]+\/[a-z-]+\]\n$/);
    expect(outcome.err).toContain(words);
  });

  it('stops during an endless upload', async () => {
    const stop = new AbortController();
    let close = (): void => undefined;
    const isClosed = new Promise<void>((resolve) => (close = resolve));
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(10);
      setTimeout(() => stop.abort(), 100);
      await isClosed;
    }
    let err = '';
    const input = { bytes: endless(), isTerminal: false, close: () => close() };
    const console = { out: () => undefined, err: (text: string) => (err += text), signal: stop.signal, input };
    expect(await runCli(['submit', '-'], console)).toBe(130);
    expect(err).toBe('clair: stopped; stored data is consistent\n');
  });

  it('continues when the event stream breaks', async () => {
    const between: CutConnections = await cutConnections(Number(new URL(server.url).port));
    between.cutAfter('/events');
    const outcome = await clair(['submit', archive, '--server', `http://127.0.0.1:${between.port}`]);
    expect([outcome.status, outcome.err]).toEqual([0, '']);
    await between.close();
  });
});

describe('clair report', () => {
  it('finds an image by its digest, its name, and its short name', async () => {
    const { digest, reference } = reportOf(await clair(['submit', archive, '--format', 'json'])).target;
    expect(reference).toBe('app:1');
    for (const name of [digest, 'app:1']) {
      expect(reportOf(await clair(['report', name, '--format', 'json'])).target.digest).toBe(digest);
    }
    registry.image(layers, { tag: 'latest' });
    const full = `${registry.domain}/short:latest`;
    await clair(['submit', full]);
    const short = await clair(['report', `${registry.domain}/short`, '--format', 'json', '--fail-on', 'low']);
    expect([short.status, reportOf(short).target.reference]).toEqual([4, full]);
  });

  it('requires a platform when there are several', async () => {
    for (const architecture of ['amd64', 'arm64']) {
      registry.image(layers, { tag: 'both', config: { ...configOf(layers), architecture } });
      await clair(['submit', `${registry.domain}/both:both`, '--platform', `linux/${architecture}`]);
    }
    const diagnostics = await clair(['report', `${registry.domain}/both:both`]);
    expect([diagnostics.status, diagnostics.err]).toEqual([
      2,
      expect.stringMatching(/for linux\/arm64, linux\/amd64: choose one with --platform\n.*\[image\/choice-needed\]/),
    ]);
    const args = ['report', `${registry.domain}/both:both`, '--format', 'json', '--platform'];
    expect(reportOf(await clair([...args, 'linux/amd64'])).target.platform).toBe('linux/amd64');
    expect((await clair([...args, 'linux/s390x'])).err).toContain('not for linux/s390x');
  });

  it.each(['app:none', `sha256:${'0'.repeat(64)}`])('reports %s as unknown: status 2', async (name) => {
    const { status, err } = await clair(['report', name]);
    expect([status, err]).toEqual([2, expect.stringContaining('[image/unknown]')]);
  });
});

describe('a server', () => {
  let other: Server | undefined;
  afterEach(() => other?.close());

  it('is required: status 2', async () => {
    vi.stubEnv('CLAIR_SERVER', '');
    expect((await clair(['report', 'app:1'])).err).toContain('set --server, CLAIR_SERVER or client.server');
  });

  it.each<[string, () => string]>([
    ['an archive', () => archive],
    ['a reference', () => 'debian:12'],
  ])('that is busy receives %s again, complete, after Retry-After', async (_, target) => {
    const bytes: number[] = [];
    other = createServer((request, response) => {
      let size = 0;
      request.on('data', (chunk: Buffer) => (size += chunk.length));
      request.once('end', () => {
        bytes.push(size);
        response.writeHead(bytes.length < 3 ? 503 : 413, { 'retry-after': '0' }).end();
      });
    });
    await new Promise<void>((resolve) => other?.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const outcome = await clair(['submit', target(), '--server', url]);
    expect([outcome.status, outcome.err]).toEqual([2, expect.stringContaining('status 413')]);
    expect(bytes).toHaveLength(3);
    expect(new Set(bytes).size).toBe(1);
  });

  it.each<[string, number, string, string, string]>([
    ['that is not Clair', 200, '<html>', '[server/unexpected-answer]', 'is not JSON'],
    [
      'of an older release',
      404,
      '{"Error":{"Message":"no"}}',
      '[server/unexpected-answer]',
      'there is no /v2 API at this address',
    ],
    ['behind a proxy with a lower limit', 413, '', '[server/unexpected-answer]', 'status 413'],
  ])('%s causes an error: status 2', async (_, status, body, code, words) => {
    other = createServer((_request, response) => response.writeHead(status, { 'retry-after': '60' }).end(body));
    await new Promise<void>((resolve) => other?.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    for (const args of [
      ['submit', archive],
      ['submit', 'debian:12'],
    ]) {
      const outcome = await clair([...args, '--server', url]);
      expect([outcome.status, outcome.err]).toEqual([2, expect.stringContaining(code)]);
      expect(outcome.err).toContain(words);
    }
  });

  it('that does not respond causes an error: status 2', async () => {
    const { status, err } = await clair(['submit', archive, '--server', 'http://127.0.0.1:1']);
    expect([status, err]).toEqual([
      2,
      expect.stringMatching(/127\.0\.0\.1:1 does not respond.*\n.*\[server\/unreachable\]/),
    ]);
  });
});

describe('a server with certificates and tokens', () => {
  const servers = createPrivateAuthority('Authority of servers');
  const clients = createPrivateAuthority('Authority of clients');
  const key = Buffer.alloc(32, 'key');
  const tls = { certfile: inFolder('cert.pem'), keyfile: inFolder('key.pem'), cafile: inFolder('clients.pem') };
  const files = { ca: inFolder('ca.pem'), cert: inFolder('client.pem'), key: inFolder('client-key.pem') };
  const tokenFile = inFolder('token');
  let closed: ClairServer;
  let token: string;

  beforeAll(async () => {
    const identity = servers.identify('127.0.0.1');
    const client = clients.identify('127.0.0.1');
    for (const [path, text] of [
      [tls.certfile, identity.cert],
      [tls.keyfile, identity.key],
      [tls.cafile, clients.certificate],
      [files.ca, servers.certificate],
      [files.cert, client.cert],
      [files.key, client.key],
    ] as const)
      writeFileSync(path, text);
    closed = await startClairServer([], { tls, tokens: { full: { key, issuers: ['quay'] } } });
    token = await new SignJWT()
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('quay')
      .setExpirationTime('5m')
      .sign(key);
    writeFileSync(tokenFile, `${token}\n`);
  });
  afterAll(() => closed.close());

  const certificates = ['--ca', files.ca, '--cert', files.cert, '--key', files.key];

  it('accepts the certificate and token of the options or the configuration', async () => {
    const args = ['submit', archive, '--server', closed.url, ...certificates];
    expect((await clair([...args, '--token-file', tokenFile])).status).toBe(3);
    vi.stubEnv('CLAIR_TOKEN', token);
    expect((await clair(args)).status).toBe(3);
    vi.stubEnv('CLAIR_TOKEN', '');
    vi.stubEnv('CLAIR_SERVER', '');
    const config = inFolder('clair.yaml');
    const client = {
      server: closed.url,
      tokenfile: tokenFile,
      cafile: files.ca,
      certfile: files.cert,
      keyfile: files.key,
    };
    writeFileSync(config, JSON.stringify({ client }));
    expect((await clair(['report', 'app:1', '--config', config])).status).toBe(3);
    vi.stubEnv('CLAIR_CONFIG', config);
    expect((await clair(['report', 'app:1'])).status).toBe(3);
    // Settings of one server do not apply to another server.
    const seen: (string | undefined)[] = [];
    const other = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.end('{}');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    await clair(['report', 'app:1', '--server', `http://127.0.0.1:${(other.address() as AddressInfo).port}`]);
    other.close();
    expect(seen).toEqual([undefined]);
  });

  it.each<[string, readonly string[], string]>([
    ['without a token', certificates, '[request/unauthenticated]'],
    ['with an invalid token', [...certificates, '--token-file', archive], '[cli/usage]'],
    [
      'with a token of another server',
      [...certificates, '--token-file', inFolder('other-token')],
      '[request/unauthenticated]',
    ],
    ['without a certificate', ['--ca', files.ca], '[server/unreachable]'],
    ["without the server's authority", certificates.slice(2), '[server/unreachable]'],
    ['with a certificate without a key', ['--cert', files.cert], 'certfile and keyfile must be set together'],
  ])('rejects a client %s: status 2', async (_, options, words) => {
    writeFileSync(inFolder('other-token'), 'somebody');
    for (const args of [
      ['submit', archive],
      ['report', 'app:1'],
    ]) {
      const { status, err } = await clair([...args, '--server', closed.url, ...options]);
      expect([status, err]).toEqual([2, expect.stringContaining(words)]);
    }
  });
});
