import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClairError } from '../../errors.ts';
import { checkRequests } from '../access/request-check.ts';
import { encodeAnswers } from '../answer-encoding.ts';
import { readPageFiles } from './files.ts';
import { pageRoutes } from './routes.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-page-'));
const SCRIPT = `console.log("${'a'.repeat(4096)}");`;
let server: FastifyInstance;

beforeAll(async () => {
  mkdirSync(join(folder, 'web', 'assets'), { recursive: true });
  writeFileSync(join(folder, 'web', 'index.html'), '<!doctype html><title>Clair</title>');
  writeFileSync(join(folder, 'web', 'icon.svg'), '<svg/>');
  writeFileSync(join(folder, 'web', 'assets', 'index-0f.js'), SCRIPT);
  server = Fastify();
  checkRequests(server, async () => {
    throw new ClairError('request/unauthenticated', 'no token');
  });
  await encodeAnswers(server);
  server.get('/closed', async () => 'secret');
  pageRoutes(server, readPageFiles([folderOf('none'), folderOf('web')]));
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

function folderOf(name: string): URL {
  return pathToFileURL(`${join(folder, name)}/`);
}

describe('the web UI', () => {
  it.each([
    ['/', 'text/html; charset=utf-8', 'no-cache'],
    ['/icon.svg', 'image/svg+xml', 'no-cache'],
    ['/assets/index-0f.js', 'text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
  ])('serves %s as %s with cache-control %s', async (url, type, cache) => {
    const { statusCode, headers } = await server.inject(url);
    expect([statusCode, headers['content-type'], headers['cache-control']]).toEqual([200, type, cache]);
    expect(headers['content-security-policy']).toMatch(/^default-src 'self';(?!.*unsafe)/);
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  it('needs no authentication, and other routes do', async () => {
    expect((await server.inject('/')).statusCode).toBe(200);
    expect((await server.inject('/closed')).statusCode).not.toBe(200);
    expect((await server.inject('/assets/..%2f..%2fclosed')).statusCode).not.toBe(200);
  });

  it('is compressed, and revalidated by its ETag', async () => {
    const url = '/assets/index-0f.js';
    const { headers, rawPayload } = await server.inject({ url, headers: { 'accept-encoding': 'gzip' } });
    expect(headers['content-encoding']).toBe('gzip');
    expect(rawPayload.length).toBeLessThan(SCRIPT.length / 4);
    const again = await server.inject({ url, headers: { 'if-none-match': String(headers['etag']) } });
    expect([again.statusCode, again.body]).toEqual([304, '']);
  });

  it('has no files before the build, and rejects unexpected file types', () => {
    expect(readPageFiles([folderOf('none')])).toEqual([]);
    mkdirSync(join(folder, 'odd'));
    writeFileSync(join(folder, 'odd', 'page.exe'), '');
    expect(() => readPageFiles([folderOf('odd')])).toThrow('page.exe: unexpected file type in the web UI');
  });
});
