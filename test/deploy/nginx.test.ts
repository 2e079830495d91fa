import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { installedProgram } from '../fixtures/installed-program.ts';
import { freePort, freePorts } from '../../src/database/testing/free-port.ts';

const nginx = installedProgram('/usr/sbin/nginx', 'nginx');

const folder = mkdtempSync(join(tmpdir(), 'clair-nginx-'));
// The nginx workers run as another user and must be able to enter this folder.
chmodSync(folder, 0o755);
const file = join(folder, 'nginx.conf');
const stops: (() => Promise<unknown>)[] = [];

let handlers: Readonly<Record<string, RequestListener>>;
let asked: string[];
let url: string;

/**
 * Starts nginx with the configuration of compose.yaml on free ports, with two instances on local addresses that nginx
 * resolves by name.
 */
beforeAll(async () => {
  const port = await freePort();
  for (const address of ['127.0.0.2', '127.0.0.3']) {
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${address}`);
      handlers[address]?.(request, response);
    });
    await once(server.listen(port, address), 'listening');
    stops.push(() => ended(server));
  }
  const names = createSocket('udp4').on('message', (query, { port: to, address }) => {
    names.send(answerOf(query, ['127.0.0.2', '127.0.0.3']), to, address);
  });
  await once(names.bind(0, '127.0.0.1'), 'listening');
  stops.push(async () => names.close());

  const [front, own] = await freePorts(2);
  const text = readFileSync('deploy/compose/nginx.conf', 'utf8')
    .replaceAll('/tmp/', `${folder}/`)
    .replaceAll('/dev/stdout', `${folder}/access.log`)
    .replaceAll('/dev/stderr', `${folder}/error.log`)
    .replace('worker_processes auto', 'worker_processes 1')
    .replace('resolver 127.0.0.11', `resolver 127.0.0.1:${names.address().port}`)
    .replace('127.0.0.1:8081', `127.0.0.1:${own}`)
    .replace('listen 8080', `listen 127.0.0.1:${front}`)
    .replace('http://$instances:6060', `http://$instances:${port}`);
  writeFileSync(file, text);
  const child = spawn('/usr/sbin/nginx', ['-c', file, '-e', join(folder, 'error.log'), '-g', 'daemon off;']);
  const closed = once(child, 'close');
  stops.push(async () => {
    child.kill('SIGTERM');
    await closed;
  });
  url = `http://127.0.0.1:${front}`;
  for (let attempt = 0; ; attempt += 1) {
    const response = await fetch(`http://127.0.0.1:${own}/`).catch(() => undefined);
    if (response?.status === 200) break;
    if (attempt === 100) throw new Error(`nginx does not start: ${readFileSync(join(folder, 'error.log'), 'utf8')}`);
    await setTimeout(50);
  }
});
afterAll(async () => {
  for (const stop of stops.toReversed()) await stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  asked = [];
});

const answers: RequestListener = (_request, response) => void response.end('done');
const breaks: RequestListener = (request) => void request.socket.destroy();
const stopping: RequestListener = (_request, response) => void response.writeHead(503).end();

it('has a configuration that nginx accepts', () => {
  expect(nginx('-t', '-q', '-c', file)).toEqual({ status: 0, said: '' });
});

it.each<[string, RequestListener]>([
  ['breaks the connection', breaks],
  ['is stopping', stopping],
])('retries on the other instance when one %s, invisibly to the client', async (_what, fails) => {
  handlers = { '127.0.0.2': fails, '127.0.0.3': answers };
  // nginx starts with a random instance, so some requests never reach the failing instance.
  for (let request = 0; request < 200 && !asked.includes('GET 127.0.0.2'); request += 1) {
    const response = await fetch(`${url}/v1/layers/a`);
    expect([response.status, await response.text()]).toEqual([200, 'done']);
  }
  expect(asked).toContain('GET 127.0.0.2');
});

it('sends no layer twice, because only the client may repeat a POST', async () => {
  handlers = { '127.0.0.2': breaks, '127.0.0.3': breaks };
  const response = await fetch(`${url}/v1/layers`, { method: 'POST', body: '{}' });
  expect([response.status, asked.length]).toEqual([502, 1]);
});

it('returns an error when all instances fail', async () => {
  handlers = { '127.0.0.2': stopping, '127.0.0.3': stopping };
  expect((await fetch(`${url}/v1/layers/a`)).status).toBe(503);
  expect(asked.toSorted()).toEqual(['GET 127.0.0.2', 'GET 127.0.0.3']);
});

it("passes bodies through, up to Clair's own limits, and names each request", async () => {
  const seen: (string | undefined)[] = [];
  const reads: RequestListener = (request, response) => {
    seen.push(request.headers['x-request-id']?.toString());
    request.resume().once('end', () => response.end('done'));
  };
  handlers = { '127.0.0.2': reads, '127.0.0.3': reads };
  const post = async (bytes: number): Promise<number> => {
    const headers = { 'x-request-id': 'mine' };
    return (await fetch(`${url}/v1/layers`, { method: 'POST', headers, body: 'a'.repeat(bytes) })).status;
  };
  expect([await post(1024 * 1024 + 1), await post(3 * 1024 * 1024)]).toEqual([200, 413]);
  await fetch(`${url}/v1/layers`);
  expect(seen).toEqual(['mine', expect.stringMatching(/^[0-9a-f]{32}$/)]);
});

/** Returns a response with these addresses to a DNS query (RFC 1035 section 4.1). */
function answerOf(query: Buffer, addresses: readonly string[]): Buffer {
  const question = query.subarray(12, query.indexOf(0, 12) + 5);
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(0x81_80, 2);
  header.writeUInt16BE(addresses.length, 6);
  header.writeUInt32BE(0, 8);
  const records = addresses.map((address) =>
    Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split('.').map(Number)]),
  );
  return Buffer.concat([header, question, ...records]);
}

async function ended(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}
