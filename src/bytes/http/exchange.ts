import { once } from 'node:events';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import type { ByteStream } from '../byte-stream.ts';
import { createProgress, type ProgressLimits } from './progress.ts';
import type { Route } from './routes.ts';
import { shownTime, TimeoutError } from './timeout-error.ts';

export type SentRequest = {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH';
  /** The headers by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | ByteStream | undefined;
  /** Aborts the exchange, even during the read of the response body. */
  readonly signal: AbortSignal;
};

/** A response with its status and headers. The caller must read or skip the body. */
export type Exchange = {
  readonly status: number;
  /** The headers by lower-case name; repeated fields are joined (RFC 9110 section 5.3). */
  readonly headers: Readonly<Record<string, string>>;
  /** @throws Error when the connection breaks or a limit is exceeded; the abort reason of the signal */
  readonly body: ByteStream;
  /** Reads an unneeded body to its end, within limits, so that the connection can be reused; never throws. */
  readonly passOver: () => Promise<void>;
};

/** The time limits of an exchange, in milliseconds. */
export type ExchangeLimits = {
  /** The maximum time from the call to a usable connection. */
  readonly connect: number;
  /** The maximum time from the end of the request to the end of the response headers. */
  readonly headers: number;
  readonly body: ProgressLimits;
};

/** The limits of a skipped body. For a larger or slower body, opening a new connection is cheaper. */
const MAX_PASSED_BYTES = 64 * 1024;
const MAX_PASSING_MS = 1000;

/**
 * Sends a request and waits for the response headers. Follows no redirect and never retries.
 *
 * @param closing a second signal that aborts the exchange. This signal outlives many exchanges, so each exchange must
 *   remove its listener; a signal that combines the two signals could not be detached
 * @throws Error of the connection, with its `code`; TimeoutError; the abort reason of the signal; errors of the request
 *   body
 */
export async function exchange(
  { encrypted, headers: routeHeaders, ...route }: Route,
  { method, headers, body, signal }: SentRequest,
  limits: ExchangeLimits,
  closing: AbortSignal,
): Promise<Exchange> {
  const signals = [signal, closing];
  for (const each of signals) each.throwIfAborted();
  const send = encrypted ? httpsRequest : httpRequest;
  const request = send({ ...route, method, headers: { ...routeHeaders, ...headers } });
  let response: IncomingMessage | undefined;

  function cut(reason: Error): void {
    response?.destroy(reason);
    request.destroy(reason);
  }

  const abort = (): void => cut(asError(signals.find((each) => each.aborted)?.reason));
  for (const each of signals) each.addEventListener('abort', abort, { once: true });
  request.once('close', () => {
    for (const each of signals) each.removeEventListener('abort', abort);
    if (response === undefined) request.emit('error', new Error('the connection ended without a response'));
  });
  // Node treats a reset connection as the end of a body without a length, and reports the reset only on the request.
  request.on('error', (error) => {
    if (response?.complete === false) response.destroy(error);
  });
  request.once('response', (arrived: IncomingMessage) => {
    response = arrived;
    arrived.on('error', () => undefined);
    // After the end of the response, the rest of the request body is not needed.
    arrived.once('end', () => void (request.writableFinished || request.destroy()));
  });
  request.once('upgrade', (_, socket) => {
    // Node passes the socket without an error listener, so an error on the socket would terminate the process.
    socket.destroy();
    request.emit('error', new Error('the server switched to another protocol'));
  });
  limitTimes(request, encrypted, limits);
  const arrival = once(request, 'response');
  sendBody(request, body);
  await arrival;
  if (response === undefined) throw new Error('no response');
  return received(response, limits.body);
}

function received(response: IncomingMessage, limits: ProgressLimits): Exchange {
  return {
    status: response.statusCode ?? 0,
    headers: Object.fromEntries(
      Object.entries(response.headersDistinct).map(([name, values = []]) => [name, values.join(', ')]),
    ),
    body: bytesOf(response, limits),
    async passOver() {
      const timer = setTimeout(() => response.destroy(), MAX_PASSING_MS);
      let passed = 0;
      try {
        for await (const chunk of bytesOf(response, limits)) {
          passed += chunk.length;
          if (passed > MAX_PASSED_BYTES) break;
        }
      } catch {
        // The caller already has the status, so a failure to read the rest does not matter.
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

async function* bytesOf(response: IncomingMessage, limits: ProgressLimits): AsyncGenerator<Uint8Array> {
  const progress = createProgress(limits);
  const chunks: AsyncIterator<Uint8Array, unknown> = response[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await progress.watch(chunks.next(), (reason) => response.destroy(reason));
      if (done === true) return;
      yield value;
    }
  } finally {
    // Frees the connection if the reader stops early.
    await chunks.return?.();
  }
}

function limitTimes(request: ClientRequest, encrypted: boolean, limits: ExchangeLimits): void {
  const awaited = new Set(['connection', 'request']);
  let timer = limit(limits.connect, 'no connection');

  function limit(time: number, missing: string): NodeJS.Timeout {
    return setTimeout(() => request.destroy(new TimeoutError(`${missing} within ${shownTime(time)}`)), time);
  }
  function done(what: 'connection' | 'request'): void {
    if (!awaited.delete(what)) return;
    if (what === 'connection') clearTimeout(timer);
    if (awaited.size === 0) timer = limit(limits.headers, 'no response');
  }
  function end(): void {
    awaited.clear();
    clearTimeout(timer);
  }

  request.once('socket', (socket) => {
    if (request.reusedSocket) done('connection');
    else socket.once(encrypted ? 'secureConnect' : 'connect', () => done('connection'));
  });
  request.once('finish', () => done('request'));
  request.once('response', end).once('error', end).once('close', end);
}

function sendBody(request: ClientRequest, body: SentRequest['body']): void {
  if (body === undefined) request.end();
  else if (typeof body === 'string' || body instanceof Uint8Array) request.end(body);
  else {
    const source = Readable.from(body, { objectMode: false });
    source.once('error', (error) => request.destroy(error));
    request.once('close', () => source.destroy());
    source.pipe(request);
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
