import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { ClairError } from '../../errors.ts';
import type { OwnHosts } from './host-names.ts';

/** Methods that change nothing (RFC 9110 section 9.2.1). */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What a browser says of a request that no other site caused (w3.org/TR/fetch-metadata). */
const OWN_SITES: ReadonlySet<unknown> = new Set(['same-origin', 'none']);

/**
 * Refuses writes that a page of another site caused in somebody's browser: `request/cross-site`. Programs send neither
 * `Origin` nor `Sec-Fetch-Site`, and are not concerned.
 */
export function refuseCrossSiteWrites(server: FastifyInstance, isOwn: OwnHosts): void {
  server.addHook('onRequest', async ({ method, headers }) => {
    if (SAFE_METHODS.has(method) || isFromOwnSite(headers, isOwn)) return;
    throw new ClairError('request/cross-site', 'a page of another site may not write to this server');
  });
}

/**
 * Tells whether headers are those of a program or of a page of this server. Where the browser itself says that a request is
 * of the same origin, a proxy may have changed the port of `Host`; the name in `Origin` must be the server's all the same.
 */
export function isFromOwnSite(headers: IncomingHttpHeaders, isOwn: OwnHosts): boolean {
  const { origin, host = '', 'sec-fetch-site': site } = headers;
  if (site !== undefined && !OWN_SITES.has(site)) return false;
  if (origin === undefined) return true;
  if (!/^https?:\/\//i.test(origin) || !URL.canParse(origin)) return false;
  const { protocol, host: page } = new URL(origin);
  if (site === 'same-origin') return isOwn(page);
  // The port that is usual for the page's own scheme is left out on both sides.
  return URL.canParse(`${protocol}//${host}`) && new URL(`${protocol}//${host}`).host === page;
}
