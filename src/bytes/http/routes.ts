import { Agent as HttpAgent, type AgentOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import { LRUCache } from 'lru-cache';
import type { FindProxy } from './proxies.ts';
import { proxyHeaders, TunnelAgent } from './proxy-tunnel.ts';

/**
 * Gives the certificates (PEM) of the authorities that are trusted for a host, `HOST` or `HOST:PORT` where the port is
 * not 443, beside those that are trusted for every host.
 */
export type FindCertificates = (host: string) => Promise<readonly string[]>;

/** As `tls.connect` takes them; certificates in PEM form. `ca` replaces the authorities that Node comes with. */
export type TlsSettings = {
  readonly ca?: string | readonly string[];
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
};

/** Where a request goes first, origin or proxy. */
export type Route = {
  /** Whether that hop is encrypted. */
  readonly encrypted: boolean;
  readonly host: string;
  /** Empty for that of the protocol. */
  readonly port: string;
  readonly path: string;
  readonly agent: HttpAgent;
  /** What a proxy wants to know. */
  readonly headers: Readonly<Record<string, string>>;
};

/** The ways to origins, with the connections that stay open between requests. */
export type Routes = {
  /** @throws Error for a proxy that cannot be used; what finding the certificates of the host throws */
  readonly to: (address: URL) => Promise<Route>;
  /** Closes all connections. */
  readonly destroy: () => void;
};

export type RouteOptions = {
  readonly findProxy: FindProxy;
  /** Until a proxy has opened a tunnel, in milliseconds. */
  readonly connectTimeout: number;
  /** Resolves the names of origins; the names of proxies are resolved by the system. */
  readonly lookup?: LookupFunction;
  /** For all encrypted origins. */
  readonly tls?: TlsSettings;
  readonly findCertificates?: FindCertificates;
};

/** How long a connection stays open without a request. Longer than this, servers close it just as it is used again. */
const IDLE_MS = 4000;
const KEPT_OPEN: AgentOptions = { keepAlive: true, timeout: IDLE_MS };

/** Whose certificates are remembered: clients of a server name hosts, any number of them. */
const MAX_KNOWN_HOSTS = 1000;

/** Makes the ways to origins. Hosts with certificates of their own share no connections with other hosts. */
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
      // What cannot be read now may be there for the next request.
      trusted.delete(host);
      throw error;
    }
  }

  async function encryptedAgent(host: string, proxy: URL | undefined): Promise<HttpAgent> {
    const certificates = await certificatesOf(host);
    // Certificates that are named replace those that Node comes with (node:tls, `ca`), which must stay.
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
      // No tunnel where nothing is encrypted: proxies open them to port 443 at most.
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
