import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ClairError } from '../../errors.ts';
import type { Access } from './bearer-tokens.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * Marks a POST route that only reads data and has its parameters in the body, because the parameters are too long
     * for a URL.
     */
    readonly onlyReads?: boolean;
    /** Marks a route without authentication, such as the files of the web UI. */
    readonly isPublic?: boolean;
  }
  interface FastifyRequest {
    /** The access level of the request. */
    access: Access;
  }
}

/** Returns the access level of a request. @throws ClairError `request/unauthenticated` */
export type RequestCheck = (request: FastifyRequest, reply: FastifyReply) => Promise<Access>;

const READING_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Rejects requests without the required access level before the body is read, even on unknown paths. */
export function checkRequests(server: FastifyInstance, check: RequestCheck): void {
  server.decorateRequest('access', 'full');
  server.addHook('onRequest', async (request, reply) => {
    const { isPublic = false, onlyReads = false } = request.routeOptions.config;
    if (isPublic) return;
    request.access = await check(request, reply);
    if (request.access === 'read-only' && !onlyReads && !READING_METHODS.has(request.method)) {
      throw new ClairError('request/forbidden', 'the token has read-only access');
    }
  });
}
