import { ClairError } from '../../errors.ts';
import type { ByteStream } from '../byte-stream.ts';
import type { Certificates } from '../certificate-files.ts';
import { checkedProxies } from './proxies.ts';
import { createHttpTransport } from './transport.ts';
import { reasonOf, shownAddress } from './client.ts';

/** Sends requests to a server and returns every response, regardless of its status. */
export type HttpSender = {
  /**
   * Sends a request. Follows no redirect, because only this server may receive the request.
   *
   * @throws ClairError `bytes/unreachable` when the connection fails, even while the body is read, with the connection
   *   failure as the cause; errors of the request body; the abort reason of the signal.
   */
  readonly send: (request: HttpRequest) => Promise<HttpResponse>;
  readonly close: () => Promise<void>;
};

export type HttpRequest = {
  readonly method: 'GET' | 'POST';
  /** The path below the server's address, starting with `/`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | ByteStream;
  readonly signal: AbortSignal;
};

/** A response with header names in lower case. The caller must read the body or end its iteration. */
export type HttpResponse = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ByteStream;
};

export type HttpSenderOptions = {
  /** An `http:` or `https:` URL, with or without a path prefix, without a trailing `/`. */
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly certificates?: Certificates;
};

const CONNECT_TIMEOUT_MS = 10_000;

/** The maximum time from the end of the request to the start of the response, in milliseconds. */
const HEADERS_TIMEOUT_MS = 120_000;

const BODY_TIMEOUT_MS = 60_000;

/**
 * Creates a client for one server. The client uses the proxies from the environment.
 *
 * @throws ClairError `bytes/unreachable` when the environment names a proxy that is not a URL.
 */
export function createHttpSender({ address, headers: own, certificates = {} }: HttpSenderOptions): HttpSender {
  const transport = createHttpTransport({
    limits: { connect: CONNECT_TIMEOUT_MS, headers: HEADERS_TIMEOUT_MS, body: { idle: BODY_TIMEOUT_MS } },
    findProxy: checkedProxies(),
    tls: certificates,
  });
  return {
    async send({ method, path, headers, body, signal }) {
      const url = `${address}${path}`;
      const sent = typeof body === 'object' ? sentBody(body) : { body, fault: () => undefined };
      try {
        const response = await transport.send(new URL(url), {
          method,
          headers: { ...own, ...headers },
          body: sent.body,
          signal,
        });
        return { ...response, body: readBody(response.body, url, signal) };
      } catch (error) {
        const fault = sent.fault();
        throw fault === undefined ? failureOf(error, url, signal) : fault;
      }
    },
    close: transport.close,
  };
}

/** Wraps a streamed body to distinguish errors of the body from connection failures. */
function sentBody(bytes: ByteStream): { readonly body: ByteStream; readonly fault: () => unknown } {
  let fault: unknown;
  async function* watched(): AsyncGenerator<Uint8Array> {
    try {
      yield* bytes;
    } catch (error) {
      fault = error;
      throw error;
    }
  }
  return { body: watched(), fault: () => fault };
}

async function* readBody(body: ByteStream, url: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw failureOf(error, url, signal);
  }
}

function failureOf(error: unknown, url: string, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  return new ClairError('bytes/unreachable', `${shownAddress(url)} did not respond: ${reasonOf(error)}`, {
    cause: error,
  });
}
