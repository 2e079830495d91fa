import type { FastifyInstance } from 'fastify';
import type { PageFile } from './files.ts';

/**
 * What the page may do in a browser (w3.org/TR/CSP3): load its own files and ask its own server, and nothing else; no script
 * or style stands in the document.
 */
const POLICY = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

/** A year, the longest that is of use (RFC 9111 section 5.2.2.1; RFC 8246 for `immutable`). */
const FOR_EVER = 'public, max-age=31536000, immutable';

/**
 * Serves the page at `/`, to everybody: it tells nothing, and asks for a token itself where the server wants one. Its
 * document is asked for each time, so that a new release is seen at once; all that it loads is named by its content.
 */
export function pageRoutes(server: FastifyInstance, files: readonly PageFile[]): void {
  for (const { path, mediaType, content, isImmutable } of files) {
    server.get(path, { config: { isPublic: true } }, async (_request, reply) => {
      if (isImmutable) reply.header('cache-control', FOR_EVER);
      return await reply.headers(HEADERS).type(mediaType).send(content);
    });
  }
}
