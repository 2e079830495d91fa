import Fastify, { type FastifyInstance, LogController } from 'fastify';
import { keepDoor } from './access/door-keeper.ts';
import { logAccess, requestId } from './access-log.ts';
import type { ApiOptions } from './api-options.ts';
import { errorResponse } from './error-response.ts';
import { firstGeneration } from './v1/first-generation/routes.ts';
import { metricsRoute } from './v1/metrics.ts';

/** The original read at most 1 MiB of a body. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Layer names of several hundred characters are normal: digests, and paths of registries. */
const MAX_NAME_LENGTH = 1024;

/** Makes the HTTP server; it listens when its `listen` is called, and tests can `inject` requests without a socket. */
export async function createApi(options: ApiOptions): Promise<FastifyInstance> {
  const server: FastifyInstance = Fastify({
    loggerInstance: options.log,
    bodyLimit: MAX_BODY_BYTES,
    routerOptions: { maxParamLength: MAX_NAME_LENGTH },
    serverFactory: options.listener.serve,
    ...(options.listener.isEncrypted && { https: {} }),
    genReqId: requestId,
    logController: new LogController({ disableRequestLogging: true }),
  });
  server.addHook('onClose', async () => options.listener.close());
  server.setErrorHandler(async (error, request, reply) => {
    const { status, message } = errorResponse(error);
    if (status >= 500) request.log.error({ err: error }, 'request failed');
    await reply.status(status).send({ Message: message });
  });
  logAccess(server, options);
  if (options.checkAccess !== undefined) keepDoor(server, options.checkAccess);
  metricsRoute(server, options);
  await server.register(firstGeneration, { ...options, prefix: '/v1' });
  return server;
}
