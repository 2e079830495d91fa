import Fastify, { type FastifyInstance } from 'fastify';
import type { ReadingOptions } from '../api-options.ts';
import type { ApiFamily } from '../families/api-family.ts';
import { FAMILIES } from '../families/index.ts';
import { compileShape } from '../request-shape.ts';
import { ROUTER_OPTIONS } from '../router-options.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of a route whose answers may take seconds to compute: a thread does it where there is one. */
    readonly isLong?: boolean;
  }
}

/** A successful answer; the headers are those that the route set. */
export type LongAnswer = {
  readonly headers: Readonly<Record<string, string>>;
  /** What the route returned: a text, a stream of text, or an object that is to be JSON. */
  readonly body: unknown;
};

/** Answers requests to the routes marked `isLong`, without a socket, one at a time. @throws what the route throws */
export type AnswerRequest = (url: string) => Promise<LongAnswer>;

/**
 * Registers the routes marked `isLong` under their addresses. What requests share otherwise (access, names, encodings, errors)
 * is done where the request came in.
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
  // Taken before it is made a text, which may be longer than a string can be.
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
  return async (url) => {
    answer = {};
    const { headers, statusCode } = await server.inject({ method: 'GET', url });
    const { failure, body } = answer;
    answer = {};
    if (failure !== undefined) throw failure;
    if (statusCode !== 200) throw new Error(`a route marked isLong answered ${statusCode} to ${url}`);
    return { headers: ownHeaders(headers), body };
  };
}

/** Those of the connection and of the length are not the route's. */
function ownHeaders(headers: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const others = new Set(['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding']);
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (others.has(name) ? [] : [[name, String(value)]])),
  );
}
