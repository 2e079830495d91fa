import Fastify, { type FastifyInstance, LogController } from 'fastify';
import { ClairError } from '../errors.ts';
import { refuseCrossSiteWrites } from './access/cross-site-writes.ts';
import { checkRequests } from './access/request-check.ts';
import { checkHost } from './access/host-names.ts';
import { logAccess, requestId } from './access-log.ts';
import { encodeAnswers } from './answer-encoding.ts';
import type { ApiOptions } from './api-options.ts';
import { readJsonBodies } from './body-types.ts';
import type { ApiFamily } from './families/api-family.ts';
import { FAMILIES } from './families/index.ts';
import { registerFamilies } from './families/registration.ts';
import { createErrorHandler, createFamilyCheck } from './families/request-family.ts';
import { cacheResponses } from './response-cache.ts';
import { describeApi } from './openapi.ts';
import { createPageTokens } from './page-tokens.ts';
import { readPageFiles } from './web-ui/files.ts';
import { askReplica } from './question-scope.ts';
import { pageRoutes } from './web-ui/routes.ts';
import { closeIdleWhileStopping, limitAnswers, limitTime, nameServer } from './request-life.ts';
import { compileShape } from './request-shape.ts';
import { ROUTER_OPTIONS } from './router-options.ts';
import { answerInThreads } from './threads/long-answers.ts';

/** The maximum size of a request body, as in Clair v1. */
const MAX_BODY_BYTES = 1024 * 1024;

/** The default time limit of a request, as in Clair v1; the analysis of a large layer takes minutes. */
const DEFAULT_TIMEOUT_MS = 15 * 60 * 1000;

/**
 * Creates the HTTP server without listening; `inject` sends requests without a socket.
 *
 * @param families the API families to serve
 * @throws ClairError `config/invalid` for an invalid page token key
 */
export async function createApi(
  { pageTokenKey, timeout, answers, questions, ...options }: ApiOptions,
  families: readonly ApiFamily[] = FAMILIES,
): Promise<FastifyInstance> {
  const pages = createPageTokens({ now: options.store.now, ...(pageTokenKey !== undefined && { key: pageTokenKey }) });
  const answerError = createErrorHandler(families);
  const server: FastifyInstance = Fastify({
    loggerInstance: options.log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestId,
    bodyLimit: MAX_BODY_BYTES,
    routerOptions: ROUTER_OPTIONS,
    serverFactory: options.listener.serve,
    ...(options.listener.isEncrypted && { https: {} }),
    frameworkErrors: (error, request, reply) => void answerError(error, request, reply),
  });
  server.addHook('onClose', async () => options.listener.close());
  server.setErrorHandler(answerError);
  server.setNotFoundHandler(async ({ method, url }) => {
    throw new ClairError('request/not-found', `there is no ${method} ${url.split('?', 1)[0]}`);
  });
  server.setValidatorCompiler(compileShape);
  readJsonBodies(server);
  nameServer(server);
  logAccess(server, options);
  limitTime(server, timeout ?? DEFAULT_TIMEOUT_MS);
  closeIdleWhileStopping(server, options.listener.closeIdle);
  limitAnswers(server, options.listener.answerLimit);
  checkHost(server, options.isOwnHost, options.checkAccess !== undefined);
  refuseCrossSiteWrites(server, options.isOwnHost);
  checkRequests(server, createFamilyCheck(families, options));
  if (questions !== undefined) askReplica(server, questions);
  cacheResponses(server, { store: options.store, now: options.store.now });
  if (answers !== undefined) answerInThreads(server, answers, options.noteUse);
  await encodeAnswers(server);
  describeApi(server, families);
  pageRoutes(server, readPageFiles());
  await registerFamilies(server, families, { ...options, pages });
  return server;
}
