import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ClairError } from '../../errors.ts';
import type { Access } from './bearer-tokens.ts';

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

/** Returns what a request may do. @throws ClairError `request/unauthenticated` */
export type RequestCheck = (request: FastifyRequest, reply: FastifyReply) => Promise<Access>;

const READING_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Refuses requests that may not do what they ask for, also on paths without a route; nothing of the request is read before. */
export function checkRequests(server: FastifyInstance, check: RequestCheck): void {
  server.decorateRequest('access', 'full');
  server.addHook('onRequest', async (request, reply) => {
    const { isPublic = false, onlyReads = false } = request.routeOptions.config;
    if (isPublic) return;
    request.access = await check(request, reply);
    if (request.access === 'read-only' && !onlyReads && !READING_METHODS.has(request.method)) {
      throw new ClairError('request/forbidden', 'the token may read only');
    }
  });
}
