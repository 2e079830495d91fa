import type { RequestListener } from 'node:http';
import { createServer as createProxy } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { rootCertificates } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPrivateAuthority, type Identity } from '../testing/private-authority.ts';
import { ClairError } from '../../errors.ts';
import { createHttpClient, type HttpAnswer, type HttpClient } from './client.ts';
import { createRoutes, type FindCertificates } from './routes.ts';

const AUTHORITY = createPrivateAuthority();
const IDENTITY = AUTHORITY.identify('127.0.0.1');

const closers: (() => Promise<unknown>)[] = [];

beforeEach(() => vi.stubEnv('no_proxy', '*'));
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(closers.splice(0).map((close) => close()));
});

/** Starts a TLS server with a certificate and returns its address in the form `HOST:PORT`. */
async function serve(listener: RequestListener, identity: Identity = IDENTITY): Promise<string> {
  return await listen(createServer(identity, listener));
}

async function listen(server: ReturnType<typeof createProxy> | ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function client(findCertificates?: FindCertificates): HttpClient {
  const http = createHttpClient({ version: '1.2.3', ...(findCertificates && { findCertificates }) });
  closers.push(() => http.close());
  return http;
}

async function textOf(answer: HttpAnswer): Promise<string> {
  if (answer.status !== 200) throw new Error(`no body with status ${answer.status}`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const hello: RequestListener = (_, response) => response.end('hello');
const untrusted = { code: 'bytes/unreachable', message: expect.stringMatching(/certificate/) };

describe('the certificate of a private authority', () => {
  it('is trusted for its host', async () => {
    const host = await serve(hello);
    const asked: string[] = [];
    const http = client(async (each) => {
      asked.push(each);
      return [AUTHORITY.certificate];
    });
    expect(await textOf(await http.get(`https://${host}/`))).toBe('hello');
    expect(await textOf(await http.get(`https://${host}/again`))).toBe('hello');
    expect(asked).toEqual([host]);
  });

  it.each<[string, FindCertificates | undefined]>([
    ['without configured certificates', undefined],
    ['when none is found', async () => []],
    ['with the certificate of another authority', async () => [createPrivateAuthority().certificate]],
  ])('is not trusted %s', async (_, findCertificates) => {
    const host = await serve(hello);
    await expect(client(findCertificates).get(`https://${host}/`)).rejects.toMatchObject(untrusted);
  });

  it("is trusted in addition to Node's authorities", async () => {
    const findCertificates: FindCertificates = async () => [AUTHORITY.certificate];
    const routes = createRoutes({ findProxy: () => undefined, connectTimeout: 1000, findCertificates });
    const { agent } = await routes.to(new URL('https://registry.example/'));
    expect(agent).toMatchObject({ options: { ca: [...rootCertificates, AUTHORITY.certificate] } });
    routes.destroy();
  });

  it('is not trusted for a redirect target', async () => {
    const elsewhere = await serve(hello);
    const host = await serve((_, response) => response.writeHead(302, { location: `https://${elsewhere}/` }).end());
    const findCertificates: FindCertificates = async (each) => (each === host ? [AUTHORITY.certificate] : []);
    await expect(client(findCertificates).get(`https://${host}/`)).rejects.toMatchObject(untrusted);
  });

  it('does not validate a host of another name', async () => {
    const host = await serve(hello, AUTHORITY.identify('127.0.0.2'));
    const http = client(async () => [AUTHORITY.certificate]);
    await expect(http.get(`https://${host}/`)).rejects.toMatchObject({
      code: 'bytes/unreachable',
      message: expect.stringContaining("does not match certificate's altnames"),
    });
  });

  it('is trusted through a proxy', async () => {
    const host = await serve(hello);
    const tunnels: (string | undefined)[] = [];
    const proxy = createProxy().on('connect', ({ url }, socket) => {
      tunnels.push(url);
      const { hostname, port } = new URL(`http://${url}`);
      const tunnel = connect(Number(port), hostname, () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        tunnel.pipe(socket).pipe(tunnel);
      });
      socket.on('close', () => tunnel.destroy());
    });
    vi.stubEnv('https_proxy', `http://${await listen(proxy)}`);
    vi.stubEnv('no_proxy', '');
    const http = client(async () => [AUTHORITY.certificate]);
    expect(await textOf(await http.get(`https://${host}/`))).toBe('hello');
    await expect(client().get(`https://${host}/`)).rejects.toMatchObject(untrusted);
    expect(tunnels).toEqual([host, host]);
  });
});

it('looks certificates up again after a failure, and for evicted hosts', async () => {
  const asked: string[] = [];
  const routes = createRoutes({
    findProxy: () => undefined,
    connectTimeout: 1000,
    async findCertificates(host) {
      asked.push(host);
      if (asked.length === 1) throw new Error('not now');
      return [];
    },
  });
  const first = new URL('https://first.example/');
  await expect(routes.to(first)).rejects.toThrow('not now');
  await routes.to(first);
  await routes.to(first);
  expect(asked).toEqual(['first.example', 'first.example']);
  for (let at = 0; at < 1000; at += 1) await routes.to(new URL(`https://host-${at}.example/`));
  await routes.to(first);
  expect(asked).toHaveLength(1003);
  routes.destroy();
});

it('fails the request when the certificate lookup fails', async () => {
  const failure = new ClairError('registry/certificate-invalid', 'broken');
  const http = client(async () => {
    throw failure;
  });
  await expect(http.get('https://127.0.0.1:1/')).rejects.toBe(failure);
});
