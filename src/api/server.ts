import Fastify, { type FastifyInstance, LogController } from 'fastify';
import { ClairError } from '../errors.ts';
import { keepDoor } from './access/door-keeper.ts';
import { logAccess, requestId } from './access-log.ts';
import { encodeAnswers } from './answer-encoding.ts';
import type { ApiOptions } from './api-options.ts';
import { generationOfAddress, sendError } from './error-response.ts';
import { keepAnswers } from './kept-answers.ts';
import { describeApi } from './openapi.ts';
import { createPageTokens } from './page-tokens.ts';
import { readPageFiles } from './page/page-files.ts';
import { pageRoutes } from './page/page-routes.ts';
import { limitAnswers, limitTime, nameServer } from './request-life.ts';
import { compileShape } from './request-shape.ts';
import { firstGeneration } from './v1/first-generation/routes.ts';
import { metricsRoute } from './v1/metrics.ts';
import { sharedRoutes } from './v1/shared-routes.ts';
import { stableGeneration } from './v1/stable-generation/routes.ts';
import { ARCHIVE_TYPES } from './v2/image-submission.ts';
import { secondVersion } from './v2/routes.ts';

/** The original read at most 1 MiB of a body. */
const MAX_BODY_BYTES = 1024 * 1024;

/** Above what a whole request line may have (nodejs.org/api/http.html, maxHeaderSize): names are checked by their shapes. */
const MAX_PARAMETER_LENGTH = 16 * 1024;

/** The original's: big layers take their time. */
const DEFAULT_TIMEOUT_MS = 15 * 60 * 1000;

/**
 * Makes the HTTP server; it listens when its `listen` is called, and tests can `inject` requests without a socket.
 *
 * @throws ClairError `config/invalid` for a key of page tokens that is none.
 */
export async function createApi({ pageTokenKey, timeout, ...options }: ApiOptions): Promise<FastifyInstance> {
  const pages = createPageTokens({ now: options.store.now, ...(pageTokenKey !== undefined && { key: pageTokenKey }) });
  const server: FastifyInstance = Fastify({
    loggerInstance: options.log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestId,
    bodyLimit: MAX_BODY_BYTES,
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH },
    serverFactory: options.listener.serve,
    ...(options.listener.isEncrypted && { https: {} }),
    frameworkErrors: (error, request, reply) => void sendError(error, generationOfAddress(request.url), request, reply),
  });
  server.addHook('onClose', async () => options.listener.close());
  server.setErrorHandler((error, request, reply) => sendError(error, generationOfAddress(request.url), request, reply));
  server.setNotFoundHandler(async ({ method, url }) => {
    throw new ClairError('request/not-found', `there is no ${method} ${url.split('?', 1)[0]}`);
  });
  server.setValidatorCompiler(compileShape);
  takeAnyBodyForJson(server);
  nameServer(server);
  logAccess(server, options);
  limitTime(server, timeout ?? DEFAULT_TIMEOUT_MS);
  limitAnswers(server, options.listener.answerLimit);
  if (options.checkAccess !== undefined) keepDoor(server, options.checkAccess);
  keepAnswers(server, { store: options.store, now: options.store.now });
  await encodeAnswers(server);
  const prefix = '/v1';
  describeApi(server);
  metricsRoute(server, options);
  pageRoutes(server, readPageFiles());
  await server.register(sharedRoutes, { ...options, pages, prefix });
  await server.register(firstGeneration, { ...options, pages, prefix });
  await server.register(stableGeneration, { ...options, pages, prefix });
  await server.register(secondVersion, { ...options, pages, prefix: '/v2' });
  return server;
}

/** Whatever a client calls it, as curl calls it a form: the original never looked. No body is none, not a broken one. */
function takeAnyBodyForJson(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  // A name that is none would be refused before the parser of all others is asked.
  server.addHook('onRequest', async ({ headers }) => {
    const type = headers['content-type'];
    if (type !== undefined && !ARCHIVE_TYPES.includes(type)) headers['content-type'] = 'application/json';
  });
  server.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
    const text = body.toString();
    if (text.trim() === '') {
      done(null, undefined);
      return;
    }
    void parse(request, text, (error, value) => {
      if (error === null) done(null, value);
      else done(new ClairError('request/not-json', `the body is not JSON: ${error.message}`, { cause: error }));
    });
  });
}
