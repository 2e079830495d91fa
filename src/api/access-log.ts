import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Metrics } from '../health/metrics.ts';
import type { Tracing } from '../health/tracing.ts';

/** A client's `x-request-id` that is safe to write into the log. */
const REQUEST_ID = /^[\w.:-]{1,64}$/;

/**
 * The status that nginx logs for a client that disconnected before the response; the number is not an HTTP status code.
 */
const CLIENT_GONE = 499;

/**
 * Returns the `x-request-id` of a request if it consists of 1 to 64 letters, digits and `._:-`, otherwise a new UUID.
 */
export function requestId({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/**
 * Logs and traces each request, and counts the requests that receive a response. The log contains no headers, query
 * strings or bodies, because they may contain secrets.
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
    request.log.info({ ...fields, remote: request.ip }, 'request completed');
  });

  // `onResponse` does not run for a client that disconnected before the response.
  server.addHook('onRequestAbort', async (request) => {
    end(request, CLIENT_GONE);
    request.log.info({ method: request.method, route: routeOf(request) }, 'client disconnected');
  });
}

/** Returns the pattern of the route. All unknown paths share a pattern, so that clients cannot create metric labels. */
function routeOf(request: FastifyRequest): string {
  return request.is404 ? 'none' : (request.routeOptions.url ?? 'none');
}
