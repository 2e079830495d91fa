import type { FastifyInstance } from 'fastify';
import type { Questions } from '../database/engines/question.ts';

/**
 * Makes each request that only reads a question, which the replica of the database answers. Streams of events read the
 * primary: they run longer than a request.
 */
export function askReplica(server: FastifyInstance, questions: Questions): void {
  server.addHook('onRequest', (request, _reply, done) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead || request.routeOptions.config.isLive === true) return done();
    questions.run({ usesPrimary: false }, done);
  });
}
