import type { FastifyInstance } from 'fastify';
import type { RouteOptions } from '../api-options.ts';
import { whileWaitedFor } from '../request-life.ts';
import type { AnswerPool } from './pooled-answer.ts';

/**
 * Handles routes marked `isLong` in a pool. Call this function before registering the routes, and after the checks that
 * reject requests.
 */
export function answerInThreads(server: FastifyInstance, pool: AnswerPool, noteUse: RouteOptions['noteUse']): void {
  server.addHook('preHandler', async (request, reply) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead || request.routeOptions.config.isLong !== true || reply.sent) return undefined;
    const { headers, asked, body } = await pool.answer(
      { url: request.url, accept: request.headers.accept },
      whileWaitedFor(reply),
    );
    for (const id of asked) noteUse({ id });
    return await reply.headers(headers).send(body);
  });
}
