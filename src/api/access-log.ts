import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Metrics } from '../health/metrics.ts';
import type { Tracing } from '../health/tracing.ts';

/** What is written into a log as a client sent it. */
const REQUEST_ID = /^[\w.:-]{1,64}$/;

/** Not of HTTP, but what others write of a client that did not wait for its answer. */
const CLIENT_GONE = 499;

/** The identity of a request: that of the client's `x-request-id`, where it gave a plain one, or a new one. */
export function requestId({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/**
 * Writes one line for each request that was answered, counts it, and makes it a span. Neither headers nor query strings
 * are written, which may hold secrets, and no bodies.
 */
export function logAccess(
  server: FastifyInstance,
  { metrics, tracing }: { readonly metrics: Metrics; readonly tracing: Tracing },
): void {
  const ends = new WeakMap<FastifyRequest, (code: number) => void>();
  const end = (request: FastifyRequest, code: number): void => {
    ends.get(request)?.(code);
    ends.delete(request);
  };

  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    ends.set(request, tracing.request(`${request.method} ${routeOf(request)}`, request.headers, done));
  });

  server.addHook('onResponse', async (request, reply) => {
    const { statusCode: code, elapsedTime } = reply;
    const route = routeOf(request);
    end(request, code);
    metrics.requestAnswered({ route: `${request.method} ${route}`, code, milliseconds: elapsedTime });
    const [path] = request.url.split('?', 1);
    const fields = { method: request.method, path, route, code, milliseconds: Math.round(elapsedTime) };
    request.log.info({ ...fields, remote: request.ip }, 'request answered');
  });

  // Who goes away before he has his answer is otherwise in no log at all.
  server.addHook('onRequestAbort', async (request) => {
    end(request, CLIENT_GONE);
    request.log.info({ method: request.method, route: routeOf(request) }, 'client went away');
  });
}

/** The pattern of the path; one for all that there is not, or a client could make any number of them. */
function routeOf(request: FastifyRequest): string {
  return request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
}
