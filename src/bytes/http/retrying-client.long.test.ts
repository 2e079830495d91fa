import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { allBytes } from '../all-bytes.ts';
import { createHttpClient, type HttpAnswer, type HttpGetOptions } from './client.ts';
import { createRetryingHttp } from './retrying-client.ts';

const BODY = Buffer.from(Array.from({ length: 3000 }, (_, index) => `line ${index}\n`).join(''));
const RESUMABLE = { etag: '"1"', 'accept-ranges': 'bytes' };

const closers: (() => Promise<unknown>)[] = [];
const pauses: number[] = [];

afterEach(async () => {
  pauses.length = 0;
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function served(listener: RequestListener, options: HttpGetOptions = {}): Promise<HttpAnswer> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const http = createHttpClient({ version: '1' });
  closers.push(async () => {
    await http.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const retrying = createRetryingHttp(http, async (milliseconds) => void pauses.push(milliseconds));
  return await retrying.get(`http://127.0.0.1:${(server.address() as AddressInfo).port}/feed`, options);
}

async function bytesOf(answer: HttpAnswer): Promise<Buffer | undefined> {
  if (!('body' in answer)) throw new Error(`status ${answer.status}`);
  return await allBytes(answer.body, BODY.length);
}

/** Sends the next part of the requested range and closes the connection, `times` times; then sends the rest. */
function cutting(times: number, headers: Readonly<Record<string, string>>, asked: string[] = []): RequestListener {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const { range = '', 'if-range': tag } = request.headers;
    asked.push(range);
    const start = tag === headers['etag'] ? Number(/^bytes=(\d+)-$/.exec(range)?.[1] ?? 0) : 0;
    const part = { 'content-range': `bytes ${start}-${BODY.length - 1}/${BODY.length}` };
    response.writeHead(range === '' ? 200 : 206, { ...headers, ...(range !== '' && part) });
    if (asked.length > times) response.end(BODY.subarray(start));
    else response.write(BODY.subarray(start, start + 10_000), () => setImmediate(() => response.destroy()));
  };
}

describe('retrying client', () => {
  it('retries after the time in retry-after', async () => {
    let count = 0;
    const answer = await served((_, response) => {
      count += 1;
      if (count === 1) response.writeHead(429, { 'retry-after': '7' }).end();
      else response.end(BODY);
    });
    expect(await bytesOf(answer)).toEqual(BODY);
    expect(pauses).toEqual([7000]);
  });

  it('resumes an interrupted body', async () => {
    const asked: string[] = [];
    expect(await bytesOf(await served(cutting(2, RESUMABLE, asked)))).toEqual(BODY);
    expect(asked).toEqual(['', 'bytes=10000-', 'bytes=20000-']);
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ['has no entity tag', { 'accept-ranges': 'bytes' }],
    ['has a weak entity tag', { ...RESUMABLE, etag: 'W/"1"' }],
    ['does not accept ranges', { etag: '"1"' }],
  ])('does not resume when the server %s', async (_, headers) => {
    const asked: string[] = [];
    await expect(bytesOf(await served(cutting(1, headers, asked)))).rejects.toMatchObject({
      code: 'bytes/unreachable',
    });
    expect(asked).toEqual(['']);
  });

  it('does not resume a body whose entity tag changed', async () => {
    let count = 0;
    const answer = await served((_, response) => {
      count += 1;
      response.writeHead(200, { ...RESUMABLE, etag: `"${count}"` });
      response.write(BODY.subarray(0, 10_000), () => setImmediate(() => response.destroy()));
    });
    await expect(bytesOf(answer)).rejects.toMatchObject({ code: 'bytes/unreachable' });
    expect(count).toBe(2);
  });

  it('gives up a body after four requests', async () => {
    const asked: string[] = [];
    const answer = await served(cutting(99, RESUMABLE, asked));
    await expect(bytesOf(answer)).rejects.toMatchObject({ code: 'bytes/unreachable' });
    expect(asked).toHaveLength(4);
  });

  it('returns 304 unchanged', async () => {
    const answer = await served((_, response) => response.writeHead(304).end(), {
      headers: { 'if-none-match': '"1"' },
    });
    expect(answer).toEqual({ status: 304 });
  });
});
