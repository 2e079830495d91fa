import type { FastifyInstance } from 'fastify';
import type { PageFile } from './files.ts';

/**
 * The content security policy (w3.org/TR/CSP3). The policy allows only files from this server and requests to this
 * server, and no inline scripts or styles.
 */
const POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

/** Caches can use a response for a year (RFC 9111 section 5.2.2.1; RFC 8246 for `immutable`). */
const FOR_EVER = 'public, max-age=31536000, immutable';

/**
 * Serves the web UI at `/` without authentication; the web UI requests a token itself. Browsers revalidate all files
 * whose names contain no hash, such as the document, so that a new release takes effect immediately.
 */
export function pageRoutes(server: FastifyInstance, files: readonly PageFile[]): void {
  for (const { path, mediaType, content, isImmutable } of files) {
    server.get(path, { config: { isPublic: true } }, async (_request, reply) => {
      if (isImmutable) reply.header('cache-control', FOR_EVER);
      return await reply.headers(HEADERS).type(mediaType).send(content);
    });
  }
}
