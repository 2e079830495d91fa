import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { SERVER_TOKENS } from '../access/authentication.ts';
import type { ReadingOptions, RouteOptions } from '../api-options.ts';
import type { ApiFamily } from '../families/api-family.ts';
import { openApiRoute } from '../openapi.ts';
import { affectedImagesRoute } from './affected-images.ts';
import { dataChangesRoute } from './data-changes.ts';
import { statusRoute } from './status.ts';
import { submissionEventsRoute } from './submission-events.ts';
import { submissionRoutes } from './submissions.ts';
import { imageSubmissionRoute } from './image-submission.ts';
import { imageChangesRoute } from './image-changes.ts';
import { imageComparisonRoute } from './image-comparison.ts';
import { graphRoute } from './image-graph.ts';
import { imageUpgradesRoute } from './image-upgrades.ts';
import { imageRoutes } from './images.ts';
import { linkNextPages } from './next-page-link.ts';
import { notificationRoutes } from './notifications.ts';
import { overviewRoute } from './overview.ts';
import { refuseUnknownParameters } from './query-parameters.ts';
import { fileRuleRoutes } from './rules/file-rules.ts';
import { feedsRoute } from './feeds.ts';
import { vulnerabilitySearchRoute } from './vulnerability-search.ts';
import { ignoreRuleRoutes } from './rules/ignore-rules.ts';
import { introducingLayersRoute } from './introducing-layers.ts';
import { vulnerabilityRoute } from './vulnerabilities.ts';
import { reportRoute } from './image-reports.ts';
import { sbomSubmissionRoute } from './sbom-submission.ts';

/** Version 2 of the API, which returns reports on whole images and uses camelCase field names. */
export const V2: ApiFamily = {
  id: 'v2',
  title: 'Version 2',
  description: 'Version 2 of the API: images, reports, vulnerabilities, feeds and notifications.',
  mounts: [{ prefix: '/v2', routes, longRoutes }],
  authentication: SERVER_TOKENS,
  errors: {
    body: ({ code, message, remedy }) => ({ error: { code, message, remedy } }),
    schema: Type.Object({
      error: Type.Object({ code: Type.String(), message: Type.String(), remedy: Type.String() }, { title: 'Error' }),
    }),
  },
  // Every route rejects unknown query parameters.
  commonErrors: [400],
};

async function routes(server: FastifyInstance, options: RouteOptions): Promise<void> {
  refuseUnknownParameters(server);
  linkNextPages(server);
  imageRoutes(server, options);
  imageSubmissionRoute(server, options);
  sbomSubmissionRoute(server, options);
  submissionRoutes(server, options);
  submissionEventsRoute(server, options);
  statusRoute(server, options);
  overviewRoute(server, options);
  reportRoute(server, options);
  graphRoute(server, options);
  imageChangesRoute(server, options);
  imageComparisonRoute(server, options);
  imageUpgradesRoute(server, options);
  vulnerabilitySearchRoute(server, options);
  vulnerabilityRoute(server, options);
  introducingLayersRoute(server, options);
  affectedImagesRoute(server, options);
  dataChangesRoute(server, options);
  feedsRoute(server, options);
  fileRuleRoutes(server, options);
  ignoreRuleRoutes(server, options);
  notificationRoutes(server, options);
  openApiRoute(server, V2, '2');
}

function longRoutes(server: FastifyInstance, options: ReadingOptions): void {
  imageRoutes(server, options);
  reportRoute(server, options);
  graphRoute(server, options);
  imageChangesRoute(server, options);
  imageComparisonRoute(server, options);
  imageUpgradesRoute(server, options);
}
