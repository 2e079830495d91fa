import { setMaxListeners } from 'node:events';
import type { LookupFunction } from 'node:net';
import { type Exchange, exchange, type ExchangeLimits, type SentRequest } from './exchange.ts';
import type { FindProxy } from './proxies.ts';
import { createRoutes, type FindCertificates, type TlsSettings } from './routes.ts';

/** Sends requests to any origin over persistent connections. All clients in `bytes` use a transport. */
export type HttpTransport = {
  /** @throws Error as `exchange` and `Routes` do */
  readonly send: (address: URL, request: SentRequest) => Promise<Exchange>;
  /** Aborts all requests; later requests fail. */
  readonly close: () => Promise<void>;
};

export type HttpTransportOptions = {
  readonly limits: ExchangeLimits;
  readonly findProxy: FindProxy;
  readonly lookup?: LookupFunction;
  readonly tls?: TlsSettings;
  readonly findCertificates?: FindCertificates;
};

/** Creates a transport on Node's own HTTP client (docs/explanation/adr/0010-http-by-node-itself.md). */
export function createHttpTransport({ limits, ...options }: HttpTransportOptions): HttpTransport {
  const routes = createRoutes({ ...options, connectTimeout: limits.connect });
  const closing = new AbortController();
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
