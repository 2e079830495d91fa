import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent, type AgentOptions, request as httpsRequest, type RequestOptions as TlsOptions } from 'node:https';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { basicCredentials } from './credentials.ts';
import { shownTime, TimeoutError } from './timeout-error.ts';

type Opened = (error: Error | null, socket: Duplex) => void;

/** Opens TLS connections, which the proxy cannot read, through tunnels of a proxy (RFC 9110 section 9.3.6). */
export class TunnelAgent extends Agent {
  readonly #proxy: URL;
  readonly #connectTimeout: number;

  /** @param connectTimeout the time limit for the proxy to open a tunnel, in milliseconds */
  constructor(proxy: URL, connectTimeout: number, options: AgentOptions) {
    super(options);
    this.#proxy = proxy;
    this.#connectTimeout = connectTimeout;
  }

  override createConnection(options: TlsOptions, callback?: Opened): undefined {
    const authority = `${bracketed(options.host ?? '')}:${options.port}`;
    openTunnel(this.#proxy, authority, this.#connectTimeout, (error, tunnel) => {
      const encrypted = error ? tunnel : super.createConnection(Object.assign({}, options, { socket: tunnel }));
      callback?.(error, encrypted ?? tunnel);
    });
  }
}

/** Returns the headers with a proxy's credentials; only the proxy may receive these headers. */
export function proxyHeaders(proxy: URL): Readonly<Record<string, string>> {
  const credentials = basicCredentials(proxy);
  return credentials === undefined ? {} : { 'proxy-authorization': credentials };
}

function openTunnel(proxy: URL, authority: string, timeout: number, opened: Opened): void {
  const options: RequestOptions = {
    method: 'CONNECT',
    host: proxy.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: proxy.port,
    path: authority,
    headers: { host: authority, ...proxyHeaders(proxy) },
    agent: false,
  };
  const request = proxy.protocol === 'https:' ? httpsRequest(options) : httpRequest(options);
  const timer = setTimeout(() => {
    request.destroy(new TimeoutError(`the proxy ${proxy.host} did not open a tunnel within ${shownTime(timeout)}`));
  }, timeout);
  // The types require a socket, but Node ignores the socket if an error is passed.
  request.once('error', (error) => {
    clearTimeout(timer);
    opened(error, new Socket());
  });
  request.once('connect', ({ statusCode = 0 }: IncomingMessage, socket: Duplex, head: Buffer) => {
    clearTimeout(timer);
    if (statusCode < 200 || statusCode > 299) {
      socket.destroy();
      opened(
        new Error(`the proxy ${proxy.host} did not open a tunnel: it responded with status ${statusCode}`),
        socket,
      );
      return;
    }
    if (head.length > 0) socket.unshift(head);
    opened(null, socket);
  });
  request.end();
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
