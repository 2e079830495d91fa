import { setMaxListeners } from 'node:events';
import type { LookupFunction } from 'node:net';
import { type Exchange, exchange, type ExchangeLimits, type SentRequest } from './exchange.ts';
import type { FindProxy } from './proxies.ts';
import { createRoutes, type FindCertificates, type TlsSettings } from './routes.ts';

/** Requests to any origin, over connections that stay open in between. Everything above it in `bytes` sends by one of these. */
export type HttpTransport = {
  /** @throws Error as `exchange` and `Routes` do */
  readonly send: (address: URL, request: SentRequest) => Promise<Exchange>;
  /** Cuts off what is under way; nothing can be sent afterwards. */
  readonly close: () => Promise<void>;
};

export type HttpTransportOptions = {
  readonly limits: ExchangeLimits;
  readonly findProxy: FindProxy;
  readonly lookup?: LookupFunction;
  readonly tls?: TlsSettings;
  readonly findCertificates?: FindCertificates;
};

/** Makes a transport over Node's own HTTP client (docs/adr/0010-http-by-node-itself.md). */
export function createHttpTransport({ limits, ...options }: HttpTransportOptions): HttpTransport {
  const routes = createRoutes({ ...options, connectTimeout: limits.connect });
  const closing = new AbortController();
  // As many requests as there are at once listen to it.
  setMaxListeners(0, closing.signal);
  return {
    async send(address, request) {
      const route = await routes.to(address);
      return await exchange(route, request, limits, closing.signal);
    },
    async close() {
      closing.abort(new Error('the HTTP client was closed'));
      routes.destroy();
    },
  };
}
