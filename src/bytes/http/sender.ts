import { ClairError } from '../../errors.ts';
import type { ByteStream } from '../byte-stream.ts';
import type { Certificates } from '../certificate-files.ts';
import { environmentProxies } from './proxies.ts';
import { createHttpTransport, type HttpTransport } from './transport.ts';
import { reasonOf, shownAddress } from './client.ts';

/** Requests of any kind to one server, whose every answer is one. */
export type HttpSender = {
  /**
   * Sends a request; no redirect is followed, since what is sent is for nobody else.
   *
   * @throws ClairError `bytes/unreachable` when no answer comes, also while its body is read, with the failure of the
   * connection as its cause; what the body of the request throws; the reason of the signal.
   */
  readonly send: (request: HttpRequest) => Promise<HttpResponse>;
  /** Cuts off what is under way. */
  readonly close: () => Promise<void>;
};

export type HttpRequest = {
  readonly method: 'GET' | 'POST';
  /** What stands behind the address of the server, from its `/` on. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | ByteStream;
  readonly signal: AbortSignal;
};

/** The header fields are by their names in small letters; whoever is given a body reads it, or ends its iteration. */
export type HttpResponse = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ByteStream;
};

export type HttpSenderOptions = {
  /** `http:` or `https:`, with what stands before every path, and no `/` at its end. */
  readonly address: string;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly certificates?: Certificates;
};

const CONNECT_TIMEOUT_MS = 10_000;

/** Until an answer begins, from the end of the request on. */
const HEADERS_TIMEOUT_MS = 120_000;

/** Between two pieces of an answer. */
const BODY_TIMEOUT_MS = 60_000;

/**
 * Makes a client of one server, through the proxies that the environment names.
 *
 * @throws ClairError `bytes/unreachable` when the environment names a proxy that is no URL.
 */
export function createHttpSender({ address, headers: own, certificates = {} }: HttpSenderOptions): HttpSender {
  const transport = openTransport(certificates);
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

function openTransport(certificates: Certificates): HttpTransport {
  try {
    return createHttpTransport({
      limits: { connect: CONNECT_TIMEOUT_MS, headers: HEADERS_TIMEOUT_MS, body: { idle: BODY_TIMEOUT_MS } },
      findProxy: environmentProxies(),
      tls: certificates,
    });
  } catch {
    // The cause is left out: it holds the value, and with it perhaps a password.
    throw new ClairError('bytes/unreachable', 'the environment names a proxy that is not a URL');
  }
}

/** A body that is sent as it comes. What it fails with itself is told apart from a failure of the connection. */
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
  return new ClairError('bytes/unreachable', `${shownAddress(url)} gave no answer: ${reasonOf(error)}`, {
    cause: error,
  });
}
