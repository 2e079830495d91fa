/**
 * Tests server-side request forgery: clients must not be able to make the server send requests to private hosts that
 * the operator does not allow.
 */
import dns from 'node:dns/promises';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { type AddressInfo, isIP, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { runCli } from '../../src/cli/program.ts';
import { type Answer, type ClairServer, startClairServer } from '../../src/api/testing/clair-server.ts';
import { tarOf } from '../../src/bytes/testing/tar-builder.ts';

let inside: Server;
let port: number;
let arrived: string[];

beforeAll(async () => {
  inside = createServer((request, response) => {
    arrived.push(`${request.headers.host?.split(':')[0]}${request.url}`);
    const [, host] = /^\/to\/(.+)$/.exec(request.url ?? '') ?? [];
    if (host === undefined) response.end(tarOf({ name: 'etc/os-release', content: 'ID=debian\nVERSION_ID=12\n' }));
    else response.writeHead(302, { location: `http://${host}:${port}/layer` }).end();
  });
  await new Promise<void>((resolve) => inside.listen(0, '0.0.0.0', resolve));
  ({ port } = inside.address() as AddressInfo);
});
beforeEach(() => {
  arrived = [];
});
afterAll(() => inside.close());

type Message = { readonly Message: string };

async function post(server: ClairServer, host: string, path = '/layer'): Promise<Answer<Message>> {
  return await server.post('/v1/layers', { ID: `${host}${path}`, Path: `http://${host}:${port}${path}` });
}

function refusal(host: string): object {
  const Message = `${host} is not a host that this server may fetch layers from (layer/host-not-allowed)`;
  return { status: 400, body: { Message } };
}

describe('a server without allowed hosts', () => {
  let server: ClairServer;
  beforeAll(async () => {
    server = await startClairServer([]);
  });
  afterAll(() => server.close());

  it.each([
    ['loopback', '127.0.0.1', '127.0.0.1'],
    ['loopback as a number', '2130706433', '127.0.0.1'],
    ['loopback in IPv6', '[::1]', '::1'],
    ['loopback as an IPv4-mapped IPv6 address', '[::ffff:127.0.0.1]', '::ffff:7f00:1'],
    ['a name of a private address', 'localhost', 'localhost'],
    ['after user information', 'public.test@127.0.0.1', '127.0.0.1'],
    ['unspecified', '0.0.0.0', '0.0.0.0'],
    ['metadata', '169.254.169.254', '169.254.169.254'],
    ['metadata in IPv6', '[fd00:ec2::254]', 'fd00:ec2::254'],
    ['private', '10.0.0.1', '10.0.0.1'],
  ])('sends no request: %s', async (_, host, shown) => {
    expect(await post(server, host)).toMatchObject(refusal(shown));
    expect(arrived).toEqual([]);
    expect((await server.get(`/v1/layers/${encodeURIComponent(`${host}/layer`)}/os`)).status).toBe(404);
  });
});

describe('a name in a private network', () => {
  let server: ClairServer;
  beforeAll(async () => {
    server = await startClairServer(['127.0.0.1']);
  });
  afterAll(() => server.close());
  afterEach(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });

  it.each([
    ['receives no request', ['10.0.0.1']],
    ['receives no request, even with another public address', ['1.1.1.1', '192.168.0.1']],
    ['receives no request in IPv6', ['fd00::1']],
  ])('%s', async (_, addresses) => {
    const found = addresses.map((address) => ({ address, family: isIP(address) }));
    vi.spyOn(dns, 'lookup').mockResolvedValue(found as never);
    syncBuiltinESMExports();
    const connected = vi.spyOn(Socket.prototype, 'connect');
    expect(await post(server, 'layers.test')).toMatchObject(refusal('layers.test'));
    expect(await post(server, '127.0.0.1', '/to/layers.test')).toMatchObject(refusal('layers.test'));
    expect(arrived).toEqual(['127.0.0.1/to/layers.test']);
    expect(JSON.stringify(connected.mock.calls)).not.toContain('layers.test');
  });
});

describe('a server reads no file outside its directories', () => {
  const outside = mkdtempSync(join(tmpdir(), 'clair-outside-'));
  let server: ClairServer;
  beforeAll(async () => {
    server = await startClairServer();
    writeFileSync(join(outside, 'layer.tar'), tarOf({ name: 'etc/os-release', content: 'ID=debian\n' }));
    symlinkSync(join(outside, 'layer.tar'), join(server.folder, 'link.tar'));
    symlinkSync(outside, join(server.folder, 'folder'));
    symlinkSync('/', join(server.folder, 'root'));
  });
  afterAll(async () => {
    await server.close();
    rmSync(outside, { recursive: true });
  });

  it.each<[string, (folder: string) => string]>([
    ['another path', () => join(outside, 'layer.tar')],
    ['a secret of the machine', () => '/etc/passwd'],
    ['a device', () => '/dev/zero'],
    ['a path outside the directory', (folder) => `${folder}/../${outside.slice(tmpdir().length + 1)}/layer.tar`],
    ['a link to a file outside', (folder) => join(folder, 'link.tar')],
    ['a link to a directory outside', (folder) => join(folder, 'folder', 'layer.tar')],
    ['a link to the root', (folder) => join(folder, 'root', outside, 'layer.tar')],
    ['a file: URL', () => `file://${outside}/layer.tar`],
    ['nothing, outside', () => join(outside, 'none.tar')],
  ])('%s', async (_, locate) => {
    const path = locate(server.folder);
    const Message = `${path} is not in a directory of worker.allowedPaths (layer/path-not-allowed)`;
    expect(await server.post('/v1/layers', { ID: path, Path: path })).toMatchObject({ status: 400, body: { Message } });
    expect((await server.get(`/v1/layers/${encodeURIComponent(path)}/os`)).status).toBe(404);
  });
});

describe('a server with one allowed host', () => {
  let server: ClairServer;
  beforeAll(async () => {
    server = await startClairServer(['127.0.0.1']);
  });
  afterAll(() => server.close());

  it('sends requests to that host', async () => {
    expect((await post(server, '127.0.0.1')).status).toBe(201);
    expect(arrived).toEqual(['127.0.0.1/layer']);
  });

  it('follows its redirects to itself', async () => {
    expect((await post(server, '127.0.0.1', '/to/127.0.0.1')).status).toBe(201);
    expect(arrived).toEqual(['127.0.0.1/to/127.0.0.1', '127.0.0.1/layer']);
  });

  it.each(['127.0.0.2', '169.254.169.254', '10.0.0.1'])('does not follow its redirect to %s', async (host) => {
    expect(await post(server, '127.0.0.1', `/to/${host}`)).toMatchObject(refusal(host));
    expect(arrived).toEqual([`127.0.0.1/to/${host}`]);
  });
});

it.each(['localhost', '127.0.0.0/8'])('a server that allows %s sends requests to names in it', async (allowance) => {
  const server = await startClairServer([allowance, '::1']);
  expect((await post(server, 'localhost')).status).toBe(201);
  expect(arrived).toEqual(['localhost/layer']);
  await server.close();
});

it('a server closes its outgoing connections on shutdown', async () => {
  const connections = async (): Promise<number> => await promisify(inside.getConnections.bind(inside))();
  await expect.poll(connections).toBe(0);
  const server = await startClairServer();
  expect((await post(server, '127.0.0.1')).status).toBe(201);
  expect(await connections()).toBe(1);
  await server.close();
  await expect.poll(connections).toBe(0);
});

it('a server does not start with an invalid host: status 2', async () => {
  let text = '';
  const say = (more: string): void => {
    text += more;
  };
  const args = ['serve', '--port', '0', '--db', 'memory', '--allow-host', 'localhost,10.0.0.0/33'];
  const status = await runCli(args, { out: say, err: say, signal: AbortSignal.timeout(10_000) });
  expect({ status, text }).toEqual({
    status: 2,
    text: expect.stringMatching(
      /^clair: "10\.0\.0\.0\/33" is not a host name, an address or a CIDR range\nRun the command with --help for its options\. \[cli\/usage\]\n$/m,
    ),
  });
});
