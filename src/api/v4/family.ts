import type { FastifyInstance } from 'fastify';
import { V4_TOKENS } from '../access/authentication.ts';
import type { ReadingOptions, RouteOptions } from '../api-options.ts';
import type { ApiFamily } from '../families/api-family.ts';
import { V4_ERRORS } from './error-format.ts';
import { indexReportRoutes } from './index-reports.ts';
import { indexStateRoute } from './index-state.ts';
import { affectedManifestRoute } from './internal/affected-manifests.ts';
import { updateDifferenceRoute } from './internal/update-differences.ts';
import { updateOperationRoutes } from './internal/update-operations.ts';
import { negotiateTypes } from './negotiation.ts';
import { notificationDeletion, notificationRoute } from './notifier/notifications.ts';
import { openApiRoutes, robotsRoutes } from './public-routes.ts';
import { checkReportRequests, vulnerabilityReportRoute } from './vulnerability-reports.ts';

const NAMED = { id: 'v4', description: 'The Clair v4 API, for Quay and clairctl.' } as const;

/** The HTTP API of Clair v4, for Quay and clairctl. */
export const V4: ApiFamily = {
  ...NAMED,
  title: 'Clair v4',
  mounts: [
    { prefix: '/indexer', routes: indexerRoutes, longRoutes: affectedManifestRoute },
    { prefix: '/matcher', routes: matcherRoutes, longRoutes: matcherLongRoutes },
    { prefix: '/notifier', routes: notifierRoutes, longRoutes: notificationRoute },
    { prefix: '/openapi', routes: openApiRoutes(NAMED) },
    { prefix: '/robots.txt', routes: robotsRoutes },
  ],
  authentication: V4_TOKENS,
  servesAnyHost: true,
  errors: V4_ERRORS,
  commonErrors: [405],
};

async function indexerRoutes(server: FastifyInstance, options: RouteOptions): Promise<void> {
  negotiateTypes(server);
  indexReportRoutes(server, options);
  indexStateRoute(server, options);
  affectedManifestRoute(server, options);
}

async function notifierRoutes(server: FastifyInstance, options: RouteOptions): Promise<void> {
  negotiateTypes(server);
  notificationRoute(server, options);
  notificationDeletion(server, options);
}

async function matcherRoutes(server: FastifyInstance, options: RouteOptions): Promise<void> {
  checkReportRequests(server, options);
  matcherLongRoutes(server, options);
  updateOperationRoutes(server, options);
}

function matcherLongRoutes(server: FastifyInstance, options: ReadingOptions): void {
  vulnerabilityReportRoute(server, options);
  updateDifferenceRoute(server, options);
}
