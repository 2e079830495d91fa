import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { ReadingOptions, RouteOptions } from '../api-options.ts';
import type { ApiFamily } from '../families/api-family.ts';
import { HARBOR_ACCESS } from './access.ts';
import { metadataRoute } from './metadata.ts';
import { scanReportRoute } from './scan-reports.ts';
import { scanRoute } from './scans.ts';

/** The scanner adapter for Harbor 1.10 and later (goharbor/pluggable-scanner-spec 1.2). */
export const HARBOR: ApiFamily = {
  id: 'harbor',
  title: 'The scanner adapter for Harbor',
  description:
    'The Harbor scanner adapter API (pluggable-scanner-spec 1.2); in Harbor, register the scanner with the URL of the server and the path /harbor, such as https://clair.example:6060/harbor.',
  mounts: [{ prefix: '/harbor/api/v1', routes, longRoutes }],
  authentication: HARBOR_ACCESS,
  errors: {
    // Harbor shows only the message, so the message contains the remedy and the code.
    body: ({ code, message, remedy }) => ({ error: { message: `${message}. ${remedy} (${code})` } }),
    schema: Type.Object({ error: Type.Object({ message: Type.String() }) }),
    statuses: {
      'harbor/request-invalid': 422,
      'harbor/type-unsupported': 501,
      'harbor/scan-failed': 500,
      'harbor/report-incomplete': 500,
      'layer/host-not-allowed': 422,
      'image/target-invalid': 422,
    },
  },
};

async function routes(server: FastifyInstance, options: RouteOptions): Promise<void> {
  metadataRoute(server, options);
  scanRoute(server, options);
  scanReportRoute(server, options);
}

function longRoutes(server: FastifyInstance, options: ReadingOptions): void {
  // The server thread answers polls of unfinished scans and polls during outages; the other threads tolerate no outage.
  scanReportRoute(server, options, 0);
}
