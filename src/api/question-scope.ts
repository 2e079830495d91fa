import type { FastifyInstance } from 'fastify';
import type { Questions } from '../database/engines/question.ts';

/**
 * Runs each GET and HEAD request in a context that reads from the database replica. Event streams always use the
 * primary: after the primary has answered a query, a context never returns to the replica, and a stream lasts up to an
 * hour.
 */
export function askReplica(server: FastifyInstance, questions: Questions): void {
  server.addHook('onRequest', (request, _reply, done) => {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (!isRead || request.routeOptions.config.isLive === true) return done();
    questions.run({ usesPrimary: false }, done);
  });
}
