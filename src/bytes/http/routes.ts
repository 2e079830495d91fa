import { Agent as HttpAgent, type AgentOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import { LRUCache } from 'lru-cache';
import type { FindProxy } from './proxies.ts';
import { proxyHeaders, TunnelAgent } from './proxy-tunnel.ts';

/**
 * Returns additional CA certificates (PEM) for a host. The form of the host is `HOST`, or `HOST:PORT` if the port is
 * not 443.
 */
export type FindCertificates = (host: string) => Promise<readonly string[]>;

/** The settings for `tls.connect`, with certificates in PEM format. `ca` replaces Node's CA certificates. */
export type TlsSettings = {
  readonly ca?: string | readonly string[];
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
};

/** The first hop of a request: the origin or a proxy. */
export type Route = {
  readonly encrypted: boolean;
  readonly host: string;
  /** The port; empty for the default port of the protocol. */
  readonly port: string;
  readonly path: string;
  /** The path of a Unix socket to use instead of the host and the port. */
  readonly socketPath?: string;
  readonly agent: HttpAgent;
  readonly headers: Readonly<Record<string, string>>;
};

/** The routes to origins. Each route keeps persistent connections. */
export type Routes = {
  /** @throws Error for an unusable proxy; errors of the certificate lookup */
  readonly to: (address: URL) => Promise<Route>;
  readonly destroy: () => void;
};

export type RouteOptions = {
  readonly findProxy: FindProxy;
  /** The time limit for a proxy to open a tunnel, in milliseconds. */
  readonly connectTimeout: number;
  /** Resolves the names of origins; the system resolves the names of proxies. */
  readonly lookup?: LookupFunction;
  /** The TLS settings of all origins. */
  readonly tls?: TlsSettings;
  readonly findCertificates?: FindCertificates;
};

/**
 * The time after which an idle connection is closed, in milliseconds. The time is short, because a server can close an
 * idle connection at the moment of its reuse.
 */
const IDLE_MS = 4000;
const KEPT_OPEN: AgentOptions = { keepAlive: true, timeout: IDLE_MS };

/**
 * The maximum number of cached certificate lookups. The cache is limited, because clients can name any number of hosts.
 */
const MAX_KNOWN_HOSTS = 1000;

/**
 * Creates the routes to origins. A host with its own certificates has its own agent, so its certificates do not apply
 * to other hosts.
 */
export function createRoutes(options: RouteOptions): Routes {
  const { findProxy, connectTimeout, lookup, tls = {}, findCertificates = async () => [] } = options;
  const agents = new Map<string, HttpAgent>();
  const trusted = new LRUCache<string, Promise<readonly string[]>>({ max: MAX_KNOWN_HOSTS });

  function agent(key: string, create: () => HttpAgent): HttpAgent {
    const known = agents.get(key) ?? create();
    agents.set(key, known);
    return known;
  }

  async function certificatesOf(host: string): Promise<readonly string[]> {
    const known = trusted.get(host) ?? findCertificates(host);
    trusted.set(host, known);
    try {
      return await known;
    } catch (error) {
      // Failures are not cached, because the next lookup can succeed.
      trusted.delete(host);
      throw error;
    }
  }

  async function encryptedAgent(host: string, proxy: URL | undefined): Promise<HttpAgent> {
    const certificates = await certificatesOf(host);
    // In node:tls, `ca` replaces Node's CA certificates, so the list includes Node's certificates.
    const added = certificates.length === 0 ? {} : { ca: [...rootCertificates, ...certificates] };
    const settings: object = { ...KEPT_OPEN, ...tls, ...added };
    const key = `encrypted ${certificates.length === 0 ? '' : host} by ${proxy?.href ?? 'itself'}`;
    return agent(key, () =>
      proxy === undefined
        ? new HttpsAgent({ ...settings, ...(lookup && { lookup }) })
        : new TunnelAgent(proxy, connectTimeout, settings),
    );
  }

  return {
    async to(address) {
      const proxy = findProxy(address);
      const path = `${address.pathname}${address.search}`;
      if (address.protocol === 'https:') {
        return { ...hop(address), path, headers: {}, agent: await encryptedAgent(address.host, proxy) };
      }
      if (proxy === undefined) {
        const direct = agent('direct', () => new HttpAgent({ ...KEPT_OPEN, ...(lookup && { lookup }) }));
        return { ...hop(address), path, headers: {}, agent: direct };
      }
      // Plain HTTP uses no tunnel, because many proxies open tunnels only to port 443.
      const forward = agent(`forward by ${proxy.href}`, () =>
        proxy.protocol === 'https:' ? new HttpsAgent(KEPT_OPEN) : new HttpAgent(KEPT_OPEN),
      );
      const headers = { host: address.host, ...proxyHeaders(proxy) };
      return { ...hop(proxy), path: `${address.origin}${path}`, headers, agent: forward };
    },
    destroy() {
      for (const each of agents.values()) each.destroy();
    },
  };
}

function hop({ protocol, hostname, port }: URL): Pick<Route, 'encrypted' | 'host' | 'port'> {
  return { encrypted: protocol === 'https:', host: hostname.replace(/^\[(.*)\]$/, '$1'), port };
}
