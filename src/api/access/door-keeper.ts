import type { FastifyInstance } from 'fastify';
import { ClairError } from '../../errors.ts';
import type { Access, AccessCheck } from './bearer-tokens.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of a route that only reads though its method is POST, because what is asked is long. */
    readonly onlyReads?: boolean;
    /** Of a route that tells everybody the same, and nothing of this server: the files of the page. */
    readonly isPublic?: boolean;
  }
  interface FastifyRequest {
    /** What the request may do. */
    access: Access;
  }
}

const READING_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Lets in who may come in, whatever is asked for, also what is not there; nothing of the request is read before. Without a
 * check everybody has full access.
 */
export function keepDoor(server: FastifyInstance, check: AccessCheck | undefined): void {
  server.decorateRequest('access', 'full');
  if (check === undefined) return;
  server.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.isPublic === true) return;
    // RFC 9110 section 11.6.1; it stays when this throws.
    reply.header('www-authenticate', 'Bearer');
    const access = await check(request.headers.authorization);
    request.access = access;
    reply.removeHeader('www-authenticate');
    const onlyReads = READING_METHODS.has(request.method) || request.routeOptions.config.onlyReads === true;
    if (access === 'read-only' && !onlyReads) {
      throw new ClairError('request/forbidden', 'the token may read only');
    }
  });
}
