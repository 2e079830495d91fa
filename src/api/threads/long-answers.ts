import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { RouteOptions } from '../api-options.ts';
import { whileWaitedFor } from '../request-life.ts';
import type { AnswerPool, PooledRequest } from './pooled-answer.ts';

/**
 * Handles routes marked `isLong` in a pool. Call this function before registering the routes, and after the checks that
 * reject requests.
 */
export function answerInThreads(server: FastifyInstance, pool: AnswerPool, noteUse: RouteOptions['noteUse']): void {
  server.addHook('preHandler', async (request, reply) => {
    if (request.routeOptions.config.isLong !== true || reply.sent) return undefined;
    const { headers, asked, body } = await pool.answer(requestOf(request), whileWaitedFor(reply));
    for (const id of asked) noteUse({ id });
    return await reply.headers(headers).send(body);
  });
}

/** Returns the parts of a request for the thread. The body is unparsed text ({@link leaveBodies}). */
function requestOf({ method, url, headers, body }: FastifyRequest): PooledRequest {
  const text = typeof body === 'string' ? body : '';
  return { url, accept: headers.accept, ...(method === 'POST' && { body: text }) };
}
