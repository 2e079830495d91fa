import Fastify, { type FastifyInstance } from 'fastify';
import type { ReadingOptions } from '../api-options.ts';
import type { ApiFamily } from '../families/api-family.ts';
import { FAMILIES } from '../families/index.ts';
import { compileShape } from '../request-shape.ts';
import { ROUTER_OPTIONS } from '../router-options.ts';
import type { PooledRequest } from './pooled-answer.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Marks a route with responses that can take seconds to compute; a thread of the pool handles its requests. */
    readonly isLong?: boolean;
  }
}

/** A successful response with the headers of the route. */
export type LongAnswer = {
  readonly headers: Readonly<Record<string, string>>;
  /** The return value of the route: a text, a stream of text, or an object to write as JSON. */
  readonly body: unknown;
};

/** Handles requests to routes marked `isLong`, without a socket and one at a time. @throws the errors of the route */
export type AnswerRequest = (request: PooledRequest) => Promise<LongAnswer>;

/**
 * Registers the routes marked `isLong`, and returns the function that handles their requests. The server thread checks
 * access and handles request IDs, encodings and errors.
 */
export async function createReadingRoutes(
  options: ReadingOptions,
  families: readonly ApiFamily[] = FAMILIES,
): Promise<AnswerRequest> {
  const server: FastifyInstance = Fastify({ logger: false, routerOptions: ROUTER_OPTIONS });
  let answer: { failure?: unknown; body?: unknown } = {};
  server.setValidatorCompiler(compileShape);
  server.setErrorHandler(async (error, _request, reply) => {
    answer.failure = error;
    return await reply.status(500).send();
  });
  // This hook captures the payload before serialization, because the text can exceed the maximum length of a string.
  server.addHook('preSerialization', async (_request, _reply, payload) => {
    answer.body = payload;
    return {};
  });
  server.addHook('onSend', async (_request, _reply, payload) => {
    answer.body ??= payload;
    return '';
  });
  for (const { prefix, longRoutes } of families.flatMap(({ mounts }) => mounts)) {
    if (longRoutes !== undefined) await server.register(async (scope) => longRoutes(scope, options), { prefix });
  }
  return async ({ url, accept, body: posted }) => {
    answer = {};
    const { headers, statusCode } = await server.inject({
      method: posted === undefined ? 'GET' : 'POST',
      url,
      headers: { ...(accept !== undefined && { accept }), ...(posted && { 'content-type': 'application/json' }) },
      ...(posted && { payload: posted }),
    });
    const { failure, body } = answer;
    answer = {};
    if (failure !== undefined) throw failure;
    if (statusCode !== 200) throw new Error(`a route marked isLong responded with status ${statusCode} to ${url}`);
    return { headers: ownHeaders(headers), body };
  };
}

/** Removes the headers that the framework adds. */
function ownHeaders(headers: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const others = new Set(['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding']);
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (others.has(name) ? [] : [[name, String(value)]])),
  );
}
