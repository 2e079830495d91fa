import type { FastifyInstance, FastifyReply } from 'fastify';
import { ClairError } from '../errors.ts';

/** Says in each answer which server it is from, as the original did. */
export function nameServer(server: FastifyInstance): void {
  server.addHook('onRequest', async (_request, reply) => {
    reply.header('server', 'clair');
  });
}

/**
 * Answers with an error when a request takes longer, in milliseconds; {@link whileWaitedFor} then ends its work. The
 * framework's own bound (`handlerTimeout`) is forgotten as soon as the body of a request was read.
 */
export function limitTime(server: FastifyInstance, timeout: number): void {
  server.addHook('onRequest', async (_request, reply) => {
    const timer = setTimeout(() => {
      const message = 'Clair failed to respond within the configured timeout window';
      if (!reply.sent) void reply.send(new ClairError('request/timeout', message));
    }, timeout);
    reply.raw.once('close', () => clearTimeout(timer));
  });
}

/** A signal for the work behind a request: it is aborted when the answer is out, or the client is gone. */
export function whileWaitedFor({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  if (raw.closed) controller.abort();
  else raw.once('close', () => controller.abort());
  return controller.signal;
}
