import type { FastifyInstance } from 'fastify';
import type { RouteOptions } from '../api-options.ts';
import { sendError } from '../error-response.ts';
import { openApiRoute } from '../openapi.ts';
import { affectedImagesRoute } from './affected-images.ts';
import { dataChangesRoute } from './data-changes.ts';
import { statusRoute } from './status.ts';
import { submissionEventsRoute } from './submission-events.ts';
import { submissionRoutes } from './submissions.ts';
import { imageSubmissionRoute } from './image-submission.ts';
import { imageChangesRoute } from './image-changes.ts';
import { graphRoute } from './image-graph.ts';
import { imageRoutes } from './images.ts';
import { notificationRoutes } from './notifications.ts';
import { refuseUnknownParameters } from './query-parameters.ts';
import { sourcesRoute } from './sources.ts';
import { vulnerabilitySearchRoute } from './vulnerability-search.ts';
import { vulnerabilityRoutes } from './vulnerabilities.ts';
import { reportRoute } from './image-reports.ts';

/** The API of people and pages, in camelCase; its errors are `{"error": {"code", "message", "remedy"}}`. */
export async function secondVersion(server: FastifyInstance, options: RouteOptions): Promise<void> {
  server.setErrorHandler((error, request, reply) => sendError(error, 'v2', request, reply));
  refuseUnknownParameters(server);
  imageRoutes(server, options);
  imageSubmissionRoute(server, options);
  submissionRoutes(server, options);
  submissionEventsRoute(server, options);
  statusRoute(server, options);
  reportRoute(server, options);
  graphRoute(server, options);
  imageChangesRoute(server, options);
  vulnerabilitySearchRoute(server, options);
  vulnerabilityRoutes(server, options);
  affectedImagesRoute(server, options);
  dataChangesRoute(server, options);
  sourcesRoute(server, options);
  notificationRoutes(server, options);
  openApiRoute(server, 'v2');
}
