import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { ClairError } from '../../errors.ts';
import type { OwnHosts } from './host-names.ts';

/** Safe methods (RFC 9110 section 9.2.1). */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The values of `Sec-Fetch-Site` for requests that no other site triggered (w3.org/TR/fetch-metadata). */
const OWN_SITES: ReadonlySet<unknown> = new Set(['same-origin', 'none']);

/**
 * Rejects writes that a page of another site triggers in a browser; the error is `request/cross-site`. Programs send
 * neither `Origin` nor `Sec-Fetch-Site`, so the check does not affect them.
 */
export function refuseCrossSiteWrites(server: FastifyInstance, isOwn: OwnHosts): void {
  server.addHook('onRequest', async ({ method, headers }) => {
    if (SAFE_METHODS.has(method) || isFromOwnSite(headers, isOwn)) return;
    throw new ClairError('request/cross-site', 'web pages from other sites cannot write to this server');
  });
}

/**
 * Returns whether a request comes from a program or a page of this server. With `Sec-Fetch-Site: same-origin`, the host
 * name in `Origin` must be a name of this server; the port can differ, because a proxy may change the port of `Host`.
 */
export function isFromOwnSite(headers: IncomingHttpHeaders, isOwn: OwnHosts): boolean {
  const { origin, host = '', 'sec-fetch-site': site } = headers;
  if (site !== undefined && !OWN_SITES.has(site)) return false;
  if (origin === undefined) return true;
  if (!/^https?:\/\//i.test(origin) || !URL.canParse(origin)) return false;
  const { protocol, host: page } = new URL(origin);
  if (site === 'same-origin') return isOwn(page);
  // URL parsing removes the default port of the scheme on both sides, so that `HOST:443` equals `HOST`.
  return URL.canParse(`${protocol}//${host}`) && new URL(`${protocol}//${host}`).host === page;
}
