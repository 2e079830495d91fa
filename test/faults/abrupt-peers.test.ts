import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ByteStream } from '../../src/bytes/byte-stream.ts';
import { createHttpClient, type HttpFormClient } from '../../src/bytes/http/client.ts';
import { createRetryingHttp } from '../../src/bytes/http/retrying-client.ts';
import { openApiClient } from '../../src/client/api-client.ts';
import { ClairError } from '../../src/errors.ts';
import { openWebhook } from '../../src/notifier/channels/webhook.ts';
import { layerAt } from '../../src/worker/sources/layer-location.ts';
import { createRegistryClient } from '../../src/worker/sources/registry/registry-client.ts';

/**
 * Tests responses of peers that close the connection at any byte while the reader of the response pauses. Each request
 * must fail or return the right bytes, and the process must survive. An earlier HTTP client of Clair crashed the
 * process (nodejs/undici#5360).
 */

const SEED = Number(process.env['CLAIR_TEST_SEED'] ?? Math.trunc(Math.random() * 2 ** 31));
const FEED_RESPONSES = 1000;
const OTHER_RESPONSES = 200;
/** The largest size of a body, larger than all connection buffers, so that a paused reader blocks the sender. */
const MAX_BODY_BYTES = 400_000;
const AT_ONCE = 40;
/** The numbers of the requests with wrong responses, and whether too few requests succeeded or too few failed. */
const ALL_RIGHT = { wrong: [] as number[], provesNothing: false };

/** The peer's behaviour for the request whose path ends in the number of the plan. */
type Plan = {
  readonly framing: 'length' | 'chunked' | 'until close';
  readonly response: Buffer;
  readonly headBytes: number;
  readonly body: Buffer;
  readonly cut: number;
  readonly reset: boolean;
  /** The pause in milliseconds between the head and the body. */
  readonly pause: number;
};

const random = randomNumbers(SEED);
const noise = Buffer.from(Array.from({ length: MAX_BODY_BYTES }, () => random(256)));
const compressed = gzipSync(noise, { level: 1 });
const plans = Array.from({ length: FEED_RESPONSES }, makePlan);
const uncaught: unknown[] = [];
const note = (error: unknown): void => void uncaught.push(error);
let server: Server;
let host: string;
let http: HttpFormClient;

beforeAll(async () => {
  console.log(`CLAIR_TEST_SEED=${SEED}`);
  vi.stubEnv('no_proxy', '*');
  process.on('uncaughtException', note);
  http = createHttpClient({ version: '1' });
  server = createServer(serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  // Late events of a connection arrive within a turn or two of the event loop.
  await setTimeout(50);
  expect(uncaught.splice(0)).toEqual([]);
});
afterAll(async () => {
  process.off('uncaughtException', note);
  vi.unstubAllEnvs();
  await http.close();
  server.close();
});

describe('a peer that closes its connection at any byte affects only that request', () => {
  it('of a feed', async () => {
    const feed = createRetryingHttp(http, async () => undefined);
    const open = async (id: number): Promise<ByteStream> => bodyOf(await feed.get(`http://${host}/${id}`));
    expect(await askAll(FEED_RESPONSES, 'bytes/unreachable', open)).toEqual(ALL_RIGHT);
  });

  it('of a registry blob', async () => {
    const access = { http, insecureRegistries: [], pause: async () => undefined };
    const registry = createRegistryClient(host, 'group/app', access);
    const open = async (id: number): Promise<ByteStream> => (await registry.get(`blobs/${id}`)).body;
    expect(await askAll(OTHER_RESPONSES, 'bytes/unreachable', open)).toEqual(ALL_RIGHT);
  });

  it('of a layer by URL', async () => {
    const open = async (id: number): Promise<ByteStream> =>
      await (await layerAt(`http://${host}/${id}`, { http, allowedPaths: [] })).open();
    expect(await askAll(OTHER_RESPONSES, 'bytes/unreachable', open)).toEqual(ALL_RIGHT);
  });

  it('of an API client', async () => {
    const client = await openApiClient({ address: `http://${host}`, version: '1', pause: async () => undefined });
    const open = async (id: number): Promise<ByteStream> => await client.events(`/${id}`, new AbortController().signal);
    expect(await askAll(OTHER_RESPONSES, 'server/unreachable', open)).toEqual(ALL_RIGHT);
    await client.close();
  });

  it('of a webhook, which is delivered once its status arrived', async () => {
    const { signal } = new AbortController();
    const message = { id: 'n', body: Buffer.from('{}') };
    const wrong: number[] = [];
    await inParts(OTHER_RESPONSES, async (id) => {
      const channel = await openWebhook({ endpoint: `http://${host}/${id}`, payload: 'full', timeout: 5000 }, '1');
      const { cut, headBytes, reset } = planOf(id);
      const outcome = await channel.deliver(message, signal).then(() => 'delivered', codeOf);
      await channel.close();
      if (reset && outcome === 'notification/undeliverable') return;
      if (outcome !== (cut < headBytes ? 'notification/undeliverable' : 'delivered')) wrong.push(id);
    });
    expect(wrong, `of seed ${SEED}`).toEqual([]);
  });
});

/** Sends `count` requests with pauses, and compares the responses with the peer's data. */
async function askAll(
  count: number,
  code: string,
  open: (id: number) => Promise<ByteStream>,
): Promise<typeof ALL_RIGHT> {
  const outcomes = new Map<number, 'whole' | 'failed' | 'wrong'>();
  await inParts(count, async (id) => {
    const plan = planOf(id);
    const outcome = await read(plan, open, id).catch((error: unknown) => error);
    outcomes.set(id, judged(outcome, plan, code));
  });
  const ids = (of: string): number[] => [...outcomes].filter(([, each]) => each === of).map(([id]) => id);
  // A test in which all requests failed, or no request failed, would prove nothing.
  const provesNothing = Math.min(ids('whole').length, ids('failed').length) < count / 10;
  return { wrong: ids('wrong'), provesNothing };
}

function judged(outcome: unknown, plan: Plan, code: string): 'whole' | 'failed' | 'wrong' {
  if (Buffer.isBuffer(outcome)) return isRight(outcome, plan) ? 'whole' : 'wrong';
  // A connection reset can drop data that was sent earlier.
  const isCut = plan.cut < plan.response.length || plan.reset;
  return isCut && outcome instanceof ClairError && outcome.code === code ? 'failed' : 'wrong';
}

/**
 * Returns whether the body is complete. For a body without a length, libuv can treat a reset as an orderly close
 * (`uv__stream_io`, after a partial read), so the beginning of the body is sufficient.
 */
function isRight(bytes: Buffer, { body, framing, reset }: Plan): boolean {
  if (framing === 'until close' && reset) return body.subarray(0, bytes.length).equals(bytes);
  return bytes.equals(body);
}

async function read(plan: Plan, open: (id: number) => Promise<ByteStream>, id: number): Promise<Buffer> {
  const body = await open(id);
  await setTimeout(plan.pause);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) {
    chunks.push(chunk);
    if (chunks.length % 4 === 1) await setTimeout(1);
  }
  return Buffer.concat(chunks);
}

async function inParts(count: number, work: (id: number) => Promise<void>): Promise<void> {
  for (let id = 0; id < count; id += AT_ONCE) {
    const ids = Array.from({ length: Math.min(AT_ONCE, count - id) }, (_, index) => id + index);
    await Promise.all(ids.map(work));
  }
}

function serve(socket: Socket): void {
  let request = '';
  socket.on('error', () => undefined);
  socket.on('data', (bytes) => {
    request += bytes.toString('latin1');
    if (!request.includes('\r\n\r\n')) return;
    const { response, cut, reset, framing } = planOf(Number(/\/(\d+) HTTP/.exec(request)?.[1]));
    request = '';
    const isOpen = cut >= response.length && framing !== 'until close' && !reset;
    socket.write(response.subarray(0, cut), () => {
      if (reset) socket.resetAndDestroy();
      else if (!isOpen || response.includes('Connection: close')) socket.end();
    });
  });
}

function makePlan(): Plan {
  const framing = pick(['length', 'chunked', 'until close'] as const);
  const all = random(2) === 0 ? noise : compressed;
  const sent = all.subarray(0, random(all.length));
  const head = [
    'HTTP/1.1 200 OK',
    'Content-Type: text/event-stream',
    ...(all === compressed ? ['Content-Encoding: gzip'] : []),
    ...(framing === 'length' ? [`Content-Length: ${sent.length}`] : []),
    ...(framing === 'chunked' ? ['Transfer-Encoding: chunked'] : []),
    ...(random(2) === 0 ? ['Connection: close'] : []),
    '\r\n',
  ].join('\r\n');
  const response = Buffer.concat([Buffer.from(head), framing === 'chunked' ? chunked(sent) : sent]);
  const cut = random(3) === 0 ? response.length : random(response.length);
  // Without a length, the body ends with the connection (RFC 9112 section 6.3).
  const body = framing === 'until close' ? response.subarray(head.length, Math.max(cut, head.length)) : sent;
  return { framing, response, headBytes: head.length, body, cut, reset: random(4) === 0, pause: random(8) };
}

function chunked(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const part = bytes.subarray(at, at + 1 + random(40_000));
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
    at += part.length;
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

function planOf(id: number): Plan {
  const plan = plans[id];
  if (plan === undefined) throw new Error(`no plan ${id}`);
  return plan;
}

function codeOf(error: unknown): string {
  return error instanceof ClairError ? error.code : String(error);
}

function bodyOf(answer: object): ByteStream {
  if ('body' in answer) return answer.body as ByteStream;
  throw new Error('no body');
}

function pick<T>(of: readonly T[]): T {
  return of[random(of.length)] as T;
}

/** Returns a generator of integers in [0, limit), which depend only on the seed (linear congruential). */
function randomNumbers(seed: number): (below: number) => number {
  let state = BigInt(seed);
  return (below) => {
    state = (state * 6364136223846793005n + 1442695040888963407n) % 2n ** 64n;
    return Number(state >> 33n) % below;
  };
}
