import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { ClairError } from '../../errors.ts';
import type { RouteOptions } from '../api-options.ts';
import { requestedScan, SCAN_REQUEST, type ScanRequest } from './scan-request.ts';

/** The maximum time for resolving the name of a registry; Harbor aborts after 5 s. */
const MAX_RESOLVING_MS = 2000;

const SCAN = Type.Object({ id: Type.String({ description: 'ID of the scan' }) }, { title: 'Scan' });

/** Registers `POST /scan`, which adds an image to the queue of submissions that all instances share. */
export function scanRoute(server: FastifyInstance, { submissions, hostGuard, harbor }: RouteOptions): void {
  server.post<{ Body: ScanRequest }>(
    '/scan',
    {
      schema: { body: SCAN_REQUEST },
      config: {
        described: {
          summary: 'Start a scan of an image.',
          description:
            'Clair requests the image from the registry with the credentials in the request, even if its layers are indexed, and deletes the credentials when the scan ends.',
          answers: { 202: SCAN },
          errors: [400, 413, 422, 501],
        },
      },
    },
    async ({ body }, reply) => {
      const { target, registryUrl, access, stored } = requestedScan(body, harbor);
      await refuseHost(registryUrl);
      const { name } = await submissions.submit({
        target,
        platform: null,
        access,
        request: JSON.stringify(stored),
      });
      reply.status(202).type('application/vnd.scanner.adapter.scan.response+json; version=1.0');
      return { id: name };
    },
  );

  /** Rejects a private registry immediately, because Harbor shows the errors of this request most prominently. */
  async function refuseHost(url: URL): Promise<void> {
    try {
      await hostGuard.check(url, AbortSignal.timeout(MAX_RESOLVING_MS));
    } catch (error) {
      // If the name does not resolve now, the later read of the image resolves the name again and reports the error.
      if (error instanceof ClairError) throw error;
    }
  }
}
