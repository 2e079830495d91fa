import { ClairError } from '../../errors.ts';
import { basicCredentials } from './credentials.ts';
import { environmentProxies, fixedProxy } from './proxies.ts';
import type { TlsSettings } from './routes.ts';
import { createHttpTransport, type HttpTransport } from './transport.ts';
import { reasonOf, shownAddress } from './client.ts';

/** Sends bodies to one receiver, by connections that stay open between requests. */
export type HttpPoster = {
  /**
   * Sends a body by POST and gives the status of the answer, whatever it is: no redirect is followed, and the body of the
   * answer is passed over.
   *
   * @throws ClairError `bytes/unreachable` when no status came in time; the message has no query string or credentials.
   */
  readonly post: (body: Buffer, headers: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<number>;
  /** Cuts off what is under way. */
  readonly close: () => Promise<void>;
};

export type HttpPosterOptions = {
  readonly url: string;
  /** The version of Clair, for the `user-agent` header. */
  readonly version: string;
  /** From the call to the status of the answer, in milliseconds. */
  readonly timeout: number;
  /** Instead of those that the environment names. */
  readonly proxy?: string;
  readonly tls?: TlsSettings;
};

/**
 * Makes a client for a receiver. Credentials in its URL are sent as basic authentication (RFC 7617).
 *
 * @throws ClairError `config/invalid` for a URL or a proxy that is none, without showing it.
 */
export function createHttpPoster({ url, version, timeout, proxy, tls = {} }: HttpPosterOptions): HttpPoster {
  const address = parseAddress(url);
  const authorization = basicCredentials(address);
  const own = { 'user-agent': `clair/${version}`, ...(authorization !== undefined && { authorization }) };
  const transport = openTransport({ timeout, tls, ...(proxy !== undefined && { proxy }) });
  return {
    async post(body, headers, signal) {
      const limit = AbortSignal.any([AbortSignal.timeout(timeout), signal]);
      try {
        const response = await transport.send(address, {
          method: 'POST',
          headers: { ...headers, ...own },
          body,
          signal: limit,
        });
        await response.passOver();
        return response.status;
      } catch (error) {
        throw new ClairError('bytes/unreachable', `${shownAddress(url)} gave no answer: ${reasonOf(error)}`, {
          cause: error,
        });
      }
    },
    close: transport.close,
  };
}

function parseAddress(url: string): URL {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address?.protocol === 'http:' || address?.protocol === 'https:') return address;
  throw new ClairError('config/invalid', 'the address to post to is no http: or https: URL');
}

function openTransport({ timeout, proxy, tls }: Pick<HttpPosterOptions, 'timeout' | 'proxy' | 'tls'>): HttpTransport {
  try {
    return createHttpTransport({
      limits: { connect: timeout, headers: timeout, body: { idle: timeout } },
      findProxy: proxy === undefined ? environmentProxies() : fixedProxy(proxy),
      ...(tls && { tls }),
    });
  } catch {
    // The cause is left out: it holds the value, and with it perhaps a password.
    throw new ClairError('config/invalid', 'the proxy to post through is not a URL');
  }
}
