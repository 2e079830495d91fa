import Fastify, { type FastifyInstance } from 'fastify';
import type { ReadingOptions } from '../api-options.ts';
import { compileShape } from '../request-shape.ts';
import { ROUTER_OPTIONS } from '../router-options.ts';
import { layerRoutes as firstLayerRoutes } from '../v1/first-generation/layers.ts';
import { layerRoutes as stableLayerRoutes } from '../v1/stable-generation/layers.ts';
import { namespaceRoutes } from '../v1/stable-generation/namespaces.ts';
import { imageChangesRoute } from '../v2/image-changes.ts';
import { graphRoute } from '../v2/image-graph.ts';
import { reportRoute } from '../v2/image-reports.ts';
import { imageRoutes } from '../v2/images.ts';

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
export async function createReadingRoutes(options: ReadingOptions): Promise<AnswerRequest> {
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
  await server.register(
    async (v1) => {
      firstLayerRoutes(v1, options);
      stableLayerRoutes(v1, options);
      namespaceRoutes(v1, options);
    },
    { prefix: '/v1' },
  );
  await server.register(
    async (v2) => {
      imageRoutes(v2, options);
      reportRoute(v2, options);
      graphRoute(v2, options);
      imageChangesRoute(v2, options);
    },
    { prefix: '/v2' },
  );
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
