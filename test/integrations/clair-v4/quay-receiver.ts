import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';

/** A received request. */
export type Received = {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
};

/** Quay's endpoint `/secscan/notification`. */
export type QuayReceiver = {
  readonly url: string;
  /** All requests, including refused requests. */
  readonly requests: Received[];
  /** The IDs that were queued, in order. */
  readonly queued: string[];
  /** Replaces the response; undefined for Quay's response. */
  answer: ((times: number) => number | undefined | Promise<number | undefined>) | undefined;
  readonly close: () => Promise<void>;
};

/**
 * Returns the status of Quay's response to a webhook (clair-v4-api.md, section 6): 200 if it would queue the
 * notification.
 *
 * @param key the pre-shared key; without a key, Quay checks nothing
 * @param now the time of Quay's clock in milliseconds since 1970
 */
export function quayWebhookStatus({ method, headers, text }: Received, key: Buffer | undefined, now: number): number {
  if (method !== 'POST') return 405;
  // Quay's nginx forwards chunked bodies as HTTP/1.0, which the application rejects.
  if (headers['transfer-encoding'] !== undefined || headers['content-length'] === undefined) return 400;
  if (key !== undefined && !isTrusted(String(headers['authorization'] ?? ''), key, now)) return 401;
  // Older releases of Quay parse the body only with the type `application/json`.
  if (headers['content-type'] !== 'application/json') return 400;
  // The application reads as many bytes as Content-Length states, so a longer body is truncated.
  const body = parsed(Buffer.from(text).subarray(0, Number(headers['content-length'])).toString());
  if (typeof body !== 'object' || body === null) return 400;
  const [id, callback]: unknown[] = [Reflect.get(body, 'notification_id'), Reflect.get(body, 'callback')];
  if (typeof id !== 'string' || id === '' || typeof callback !== 'string' || callback === '') return 400;
  return 200;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A strict token: all times are required, and no clock difference is tolerated. */
function isTrusted(authorization: string, key: Buffer, now: number): boolean {
  const [, token = ''] = /^Bearer ([A-Za-z0-9+/_-]+\.[A-Za-z0-9+/_-]+\.[A-Za-z0-9+/_-]+)$/.exec(authorization) ?? [];
  const [header = '', claims = '', signature = ''] = token.split('.');
  const expected = createHmac('sha256', key).update(`${header}.${claims}`).digest();
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false;
  const { alg } = JSON.parse(Buffer.from(header, 'base64url').toString());
  const { iss, iat, nbf, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  const seconds = now / 1000;
  return alg === 'HS256' && iss === 'clair-notifier' && iat <= seconds && nbf <= seconds && exp > seconds;
}

export async function startQuayReceiver(key?: Buffer, clock: () => number = Date.now): Promise<QuayReceiver> {
  const server = createServer((request, response) => {
    const respond = async (): Promise<void> => {
      const text = await bodyOf(request);
      const received = { method: request.method ?? '', headers: request.headers, text };
      receiver.requests.push(received);
      const status = (await receiver.answer?.(receiver.requests.length)) ?? quayWebhookStatus(received, key, clock());
      if (status === 200) receiver.queued.push((JSON.parse(text) as { notification_id: string }).notification_id);
      response.writeHead(status).end('Okay');
    };
    respond().catch(() => response.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const receiver: QuayReceiver = {
    url: `http://127.0.0.1:${port}/secscan/notification`,
    requests: [],
    queued: [],
    answer: undefined,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
