import { ClairError } from '../../errors.ts';
import { basicCredentials } from './credentials.ts';
import { environmentProxies, type FindProxy, fixedProxy } from './proxies.ts';
import type { TlsSettings } from './routes.ts';
import { createHttpTransport } from './transport.ts';
import { reasonOf, shownAddress } from './client.ts';

/** Sends request bodies to a receiver over persistent connections. */
export type HttpPoster = {
  /**
   * Sends a body in a POST request and returns the status of any response. Follows no redirect and skips the response
   * body.
   *
   * @throws ClairError `bytes/unreachable` if no status arrives in time, or if `signal` aborts the request; the message
   * contains neither the query nor the credentials
   */
  readonly post: (body: Buffer, headers: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<number>;
  readonly close: () => Promise<void>;
};

export type HttpPosterOptions = {
  readonly url: string;
  readonly version: string;
  /** The maximum time from the call to the response status, in milliseconds. */
  readonly timeout: number;
  /** The URL of the proxy to use instead of the proxies from the environment. */
  readonly proxy?: string;
  readonly tls?: TlsSettings;
};

/**
 * Creates a client for a receiver. Sends credentials in the URL as basic authentication (RFC 7617).
 *
 * @throws ClairError `config/invalid` for an invalid URL or proxy; the message does not contain the value
 */
export function createHttpPoster({ url, version, timeout, proxy, tls = {} }: HttpPosterOptions): HttpPoster {
  const address = parseAddress(url);
  const authorization = basicCredentials(address);
  const own = { 'user-agent': `clair/${version}`, ...(authorization !== undefined && { authorization }) };
  const transport = createHttpTransport({
    limits: { connect: timeout, headers: timeout, body: { idle: timeout } },
    findProxy: findProxyOf(proxy),
    tls,
  });
  return {
    async post(body, headers, signal) {
      const limit = AbortSignal.any([AbortSignal.timeout(timeout), signal]);
      try {
        const response = await transport.send(address, {
          method: 'POST',
          headers: { ...own, ...headers },
          body,
          signal: limit,
        });
        await response.passOver();
        return response.status;
      } catch (error) {
        throw new ClairError('bytes/unreachable', `${shownAddress(url)} did not respond: ${reasonOf(error)}`, {
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
  throw new ClairError('config/invalid', 'the webhook URL is not an http: or https: URL');
}

function findProxyOf(proxy: string | undefined): FindProxy {
  try {
    return proxy === undefined ? environmentProxies() : fixedProxy(proxy);
  } catch {
    const what =
      proxy === undefined
        ? 'the proxy in HTTP_PROXY, HTTPS_PROXY or ALL_PROXY is not a valid URL'
        : 'the webhook proxy is not an http: or https: URL';
    // The error has no cause, because the cause would contain the value and perhaps a password.
    throw new ClairError('config/invalid', what);
  }
}
