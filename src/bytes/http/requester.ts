import { ClairError } from '../../errors.ts';
import type { Exchange, SentRequest } from './exchange.ts';
import { checkedProxies } from './proxies.ts';
import type { FindCertificates } from './routes.ts';
import { createHttpTransport } from './transport.ts';
import { reasonOf, shownAddress } from './client.ts';

/** Sends requests of any method to URLs and returns every response, regardless of its status. */
export type HttpRequester = {
  /**
   * Sends a request. Follows no redirect. The caller must read or skip the body of the response.
   *
   * @throws ClairError `bytes/unreachable` when the URL is invalid or the connection fails, with the failure as the
   * cause; a ClairError of the request body or of `findCertificates`; the abort reason of the signal
   */
  readonly send: (url: string, request: SentRequest) => Promise<Exchange>;
  readonly close: () => Promise<void>;
};

/** The options of {@link createHttpRequester}; the fields have the same meaning as for the HTTP client. */
export type HttpRequesterOptions = { readonly version: string; readonly findCertificates?: FindCertificates };

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * The maximum time from the end of the request to the start of the response, in milliseconds. A registry reads an
 * upload from its storage again to verify the digest before the registry responds.
 */
const HEADERS_TIMEOUT_MS = 5 * 60_000;

const BODY_TIMEOUT_MS = 60_000;

/**
 * Creates a requester that keeps connections open and uses the proxies from the environment.
 *
 * @throws ClairError `bytes/unreachable` when the environment names a proxy that is not a URL
 */
export function createHttpRequester({ version, findCertificates }: HttpRequesterOptions): HttpRequester {
  const transport = createHttpTransport({
    limits: { connect: CONNECT_TIMEOUT_MS, headers: HEADERS_TIMEOUT_MS, body: { idle: BODY_TIMEOUT_MS } },
    findProxy: checkedProxies(),
    ...(findCertificates && { findCertificates }),
  });
  return {
    async send(url, request) {
      try {
        const headers = { 'user-agent': `clair/${version}`, ...request.headers };
        return await transport.send(new URL(url), { ...request, headers });
      } catch (error) {
        if (request.signal.aborted) throw request.signal.reason;
        if (error instanceof ClairError) throw error;
        const message = `cannot reach ${shownAddress(url)}: ${reasonOf(error)}`;
        throw new ClairError('bytes/unreachable', message, { cause: error });
      }
    },
    close: transport.close,
  };
}
