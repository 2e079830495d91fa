import { type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import { ClairError } from '../errors.ts';
import { credentials, reasonOf, shownAddress } from './http-client.ts';

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
  /** As `tls.connect` takes them; certificates in PEM form. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string; readonly servername?: string };
};

/** Of the body of an answer, which says nothing that is needed: the rest costs the connection. */
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Makes a client for a receiver. Credentials in its URL are sent as basic authentication (RFC 7617).
 *
 * @throws ClairError `config/invalid` for a URL or a proxy that is none, without showing it.
 */
export function createHttpPoster({ url, version, timeout, proxy, tls = {} }: HttpPosterOptions): HttpPoster {
  const address = parseAddress(url);
  const own = { 'user-agent': `clair/${version}`, ...credentials(address) };
  const dispatcher = openDispatcher({ timeout, tls, ...(proxy !== undefined && { proxy }) });
  return {
    async post(body, headers, signal) {
      const limit = AbortSignal.any([AbortSignal.timeout(timeout), signal]);
      try {
        const response = await request(address, {
          method: 'POST',
          dispatcher,
          headers: { ...headers, ...own },
          body,
          signal: limit,
        });
        await passOver(response.body);
        return response.statusCode;
      } catch (error) {
        throw new ClairError('bytes/unreachable', `${shownAddress(url)} gave no answer: ${reasonOf(error)}`, {
          cause: error,
        });
      }
    },
    close: async () => await dispatcher.destroy(),
  };
}

function parseAddress(url: string): URL {
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address?.protocol === 'http:' || address?.protocol === 'https:') return address;
  throw new ClairError('config/invalid', 'the address to post to is no http: or https: URL');
}

function openDispatcher({
  timeout,
  proxy,
  tls = {},
}: Pick<HttpPosterOptions, 'timeout' | 'proxy' | 'tls'>): Dispatcher {
  try {
    return new EnvHttpProxyAgent({
      connect: { timeout, ...tls },
      // Behind a proxy it is the tunnel to the receiver that is encrypted for it.
      requestTls: tls,
      // Without a tunnel where nothing is encrypted: proxies open them to port 443 at most.
      proxyTunnel: false,
      headersTimeout: timeout,
      bodyTimeout: timeout,
      ...(proxy !== undefined && { httpProxy: proxy, httpsProxy: proxy, noProxy: '' }),
    });
  } catch {
    // The cause is left out: it holds the value, and with it perhaps a password.
    throw new ClairError('config/invalid', 'the proxy to post through is not a URL');
  }
}

async function passOver(body: Dispatcher.ResponseData['body']): Promise<void> {
  try {
    await body.dump({ limit: MAX_ANSWER_BYTES });
  } catch {
    // The status is the answer, and it is there: how the rest ends changes nothing.
  }
}
