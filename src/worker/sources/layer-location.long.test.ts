import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createHttpClient, type HttpClient } from '../../bytes/http/client.ts';
import { createReaderPool } from '../threads/reader-pool.ts';
import { layerAt } from './layer-location.ts';
import type { LayerSource } from './layer-source.ts';

const root = mkdtempSync(join(tmpdir(), 'clair-location-'));
const at = (name: string): string => join(root, name);
const closers: (() => Promise<unknown>)[] = [];
let http: HttpClient;

beforeAll(() => {
  vi.stubEnv('no_proxy', '*');
  http = createHttpClient({ version: '1.2.3' });
  for (const name of ['allowed', 'allowed/deep', 'allowed-not', 'outside']) mkdirSync(at(name));
  for (const name of ['allowed/layer', 'allowed/deep/layer', 'allowed-not/layer', 'outside/layer']) {
    writeFileSync(at(name), name);
  }
  symlinkSync('deep/layer', at('allowed/link-inside'));
  symlinkSync('../outside/layer', at('allowed/link-outside'));
  symlinkSync(at('outside'), at('allowed/folder-outside'));
  symlinkSync(at('allowed'), at('outside/folder-inside'));
  symlinkSync('allowed', at('linked'));
});

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await http.close();
  rmSync(root, { recursive: true });
});

async function locate(location: string, ...allowed: readonly string[]): Promise<LayerSource> {
  return await layerAt(location, { http, allowedPaths: allowed.map(at) });
}

async function textOf(source: LayerSource, signal?: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await source.open(signal)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('a path below an allowed directory', () => {
  it.each<[string, string, string]>([
    ['directly', 'allowed/layer', 'allowed/layer'],
    ['deep', 'allowed/deep/layer', 'allowed/deep/layer'],
    ['by a link that stays inside', 'allowed/link-inside', 'allowed/deep/layer'],
    ['through an outside directory', 'outside/folder-inside/layer', 'allowed/layer'],
    ['by .. that stays inside', 'allowed/deep/../layer', 'allowed/layer'],
  ])('is read: %s', async (_, name, text) => {
    const source = await locate(`${root}/${name}`, 'allowed');
    expect(source.where).toBe(`${root}/${name}`);
    expect(await textOf(source)).toBe(text);
    expect(await textOf(source)).toBe(text);
  });

  it.each<[string, readonly string[]]>([
    ['one of several', ['outside', 'allowed', 'none']],
    ['with a slash at the end', ['allowed/']],
    ['itself behind a link', ['linked']],
    ['above', ['.']],
    ['the file itself', ['allowed/layer']],
  ])('is read when allowed is %s', async (_, allowed) => {
    expect(await textOf(await locate(at('allowed/layer'), ...allowed))).toBe('allowed/layer');
  });

  it('is read when everything is allowed', async () => {
    expect(await textOf(await layerAt(at('outside/layer'), { http, allowedPaths: ['/'] }))).toBe('outside/layer');
  });

  it('is reported when missing', async () => {
    await expect(locate(at('allowed/none'), 'allowed')).rejects.toMatchObject({
      code: 'bytes/not-found',
      message: `no such file: ${at('allowed/none')}`,
    });
  });

  it.each<[string, () => void]>([
    [
      'the file',
      () => {
        rmSync(at('allowed/swap/layer'));
        symlinkSync(at('outside/layer'), at('allowed/swap/layer'));
      },
    ],
    [
      'a directory above it',
      () => {
        rmSync(at('allowed/swap'), { recursive: true });
        symlinkSync(at('outside'), at('allowed/swap'));
      },
    ],
  ])(
    'is checked again after opening: rejects a link to outside in place of %s, here and in a thread',
    async (_, swap) => {
      rmSync(at('allowed/swap'), { recursive: true, force: true });
      mkdirSync(at('allowed/swap'));
      writeFileSync(at('allowed/swap/layer'), 'inside');
      const source = await locate(at('allowed/swap/layer'), 'allowed');
      expect(await textOf(source)).toBe('inside');
      swap();
      const refusal = {
        code: 'layer/path-not-allowed',
        message: `${at('allowed/swap/layer')} is not in a directory of worker.allowedPaths`,
      };
      await expect(textOf(source)).rejects.toMatchObject(refusal);
      const pool = createReaderPool({ threads: 1 });
      try {
        await expect(pool.read(source)).rejects.toMatchObject(refusal);
      } finally {
        await pool.close();
      }
    },
  );

  it('is read although another file replaces it after opening', async () => {
    writeFileSync(at('allowed/kept'), 'before');
    const bytes = (await (await locate(at('allowed/kept'), 'allowed')).open())[Symbol.asyncIterator]();
    const first = await bytes.next();
    writeFileSync(at('allowed/other'), 'after');
    renameSync(at('allowed/other'), at('allowed/kept'));
    expect(Buffer.from(first.value ?? []).toString()).toBe('before');
    expect((await bytes.next()).done).toBe(true);
  });

  it('rejects headers', async () => {
    const location = layerAt(at('allowed/layer'), { http, allowedPaths: [at('allowed')], headers: { a: 'secret' } });
    await expect(location).rejects.toMatchObject({
      code: 'request/invalid',
      message: 'Headers are only allowed for a layer with a URL',
    });
  });

  it('that is a directory cannot be read', async () => {
    const source = await locate(at('allowed/deep'), 'allowed');
    await expect(textOf(source)).rejects.toMatchObject({ code: 'bytes/unreachable' });
  });
});

describe('rejects other paths, whether they exist or not', () => {
  it.each<[string, string, readonly string[]]>([
    ['nothing is allowed by default', 'allowed/layer', []],
    ['another directory', 'outside/layer', ['allowed']],
    ['a missing path in another directory', 'outside/none', ['allowed']],
    ['a directory that is not there', 'none/none', ['allowed']],
    ['a directory whose name starts alike', 'allowed-not/layer', ['allowed']],
    ['a missing path in a directory whose name starts alike', 'allowed-not/none', ['allowed']],
    ['.. that leads out', 'allowed/../outside/layer', ['allowed']],
    ['.. that leads out, to a missing path', 'allowed/../outside/none', ['allowed']],
    ['.. behind a directory that is not there', 'allowed/none/../../outside/layer', ['allowed']],
    ['a link that leads out', 'allowed/link-outside', ['allowed']],
    ['a directory that leads out', 'allowed/folder-outside/layer', ['allowed']],
    ['a missing path in a directory that leads out', 'allowed/folder-outside/none', ['allowed']],
    ['an allowed directory that is not there', 'outside/layer', ['none']],
  ])('%s', async (_, name, allowed) => {
    const location = `${root}/${name}`;
    await expect(locate(location, ...allowed)).rejects.toMatchObject({
      code: 'layer/path-not-allowed',
      message: `${location} is not in a directory of worker.allowedPaths`,
    });
  });

  it.each(['', '/', 'file:///etc/passwd', 'ftp://127.0.0.1/layer', 'httpx://127.0.0.1/', 'http:/x', 'a\u0000b'])(
    '%j',
    async (location) => {
      await expect(locate(location, 'allowed')).rejects.toMatchObject({ code: 'layer/path-not-allowed' });
    },
  );
});

describe('a URL', () => {
  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    closers.push(
      () =>
        new Promise((resolve) => {
          server.close(resolve);
          server.closeAllConnections();
        }),
    );
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/layer`;
  }

  it('is read from the start each time', async () => {
    const url = await serve((_, response) => response.end('bytes'));
    const source = await locate(url);
    expect([await textOf(source), await textOf(source)]).toEqual(['bytes', 'bytes']);
  });

  it('may have its scheme in capitals', async () => {
    const url = await serve((_, response) => response.end('bytes'));
    expect(await textOf(await locate(url.replace('http', 'HTTP')))).toBe('bytes');
  });

  it('is requested with the given headers, which no other origin receives', async () => {
    const seen: unknown[] = [];
    const elsewhere = await serve(({ headers }, response) => {
      seen.push([headers['authorization'], headers['x-token']]);
      response.end('bytes');
    });
    const url = await serve(({ headers }, response) => {
      seen.push([headers['authorization'], headers['x-token']]);
      response.writeHead(302, { location: elsewhere }).end();
    });
    const source = await layerAt(url, {
      http,
      allowedPaths: [],
      headers: { Authorization: 'Bearer a', 'X-Token': 'b' },
    });
    expect(await textOf(source)).toBe('bytes');
    expect(seen).toEqual([
      ['Bearer a', 'b'],
      [undefined, undefined],
    ]);
  });

  it('is not requested with invalid headers', async () => {
    const location = layerAt('http://127.0.0.1:1/', { http, allowedPaths: [], headers: { Host: 'a.example' } });
    await expect(location).rejects.toMatchObject({ code: 'request/invalid' });
  });

  it('is not requested before it is opened', async () => {
    let requests = 0;
    const url = await serve((_, response) => response.end(`${(requests += 1)}`));
    const source = await locate(url);
    expect(requests).toBe(0);
    expect(await textOf(source)).toBe('1');
  });

  it('is shown without query and credentials', async () => {
    const { where } = await locate('http://me:secret@layers.test/a/b?token=secret#c');
    expect(where).toBe('http://layers.test/a/b');
  });

  it.each([
    [404, 'bytes/not-found', 'responded with status 404'],
    [500, 'bytes/unreachable', 'responded with status 500'],
    [401, 'bytes/unreachable', 'responded with status 401'],
    [304, 'bytes/unreachable', 'responded with status 304 to an unconditional request'],
  ])('that responds with %i fails', async (status, code, message) => {
    const url = await serve((_, response) => response.writeHead(status).end());
    const source = await locate(`${url}?token=secret`);
    await expect(source.open()).rejects.toMatchObject({ code, message: `${url} ${message}` });
  });

  it('that is cut off fails while it is read', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('some bytes', () => response.destroy());
    });
    await expect(textOf(await locate(url))).rejects.toMatchObject({
      code: 'bytes/unreachable',
      message: expect.stringContaining('the response was truncated'),
    });
  });

  it('that refuses connections fails', async () => {
    const url = await serve((_, response) => response.end());
    await Promise.all(closers.splice(0).map((close) => close()));
    const source = await locate(url);
    await expect(source.open()).rejects.toMatchObject({ code: 'bytes/unreachable' });
  });

  it('is abandoned when the caller aborts', { timeout: 5000 }, async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('some bytes');
    });
    const source = await locate(url);
    await expect(textOf(source, AbortSignal.timeout(200))).rejects.toMatchObject({ code: 'bytes/unreachable' });
  });
});
