import type { FastifyInstance } from 'fastify';
import type { VulnerabilityRecord } from '../../../database/store.ts';
import { ClairError } from '../../../errors.ts';
import { severityRank } from '../../../model/severity.ts';
import type { ApiOptions } from '../../api-options.ts';

/** `GET /vulnerabilities/:id` */
export function vulnerabilityRoutes(server: FastifyInstance, { store }: ApiOptions): void {
  server.get<{ Params: { id: string } }>('/vulnerabilities/:id', async ({ params }) => {
    const records = await store.vulnerabilities.find(params.id);
    const [first] = records;
    if (first === undefined) {
      throw new ClairError('vulnerability/not-found', `no source knows a vulnerability ${params.id}`);
    }
    return vulnerabilityBody(first, records);
  });
}

/** One vulnerability has one body; where several sources know it, the first one's words and the worst severity count. */
function vulnerabilityBody(first: VulnerabilityRecord, records: readonly VulnerabilityRecord[]): object {
  const affected = records.flatMap((record) => record.affected);
  const worst = affected.toSorted((a, b) => severityRank(b.severity) - severityRank(a.severity))[0];
  return {
    ID: first.name,
    Link: first.link,
    Priority: worst?.severity ?? 'Unknown',
    Description: first.description,
    AffectedPackages: affected.map((of) => ({
      OS: of.namespace,
      Name: of.package,
      AllVersions: of.fixed === undefined,
      BeforeVersion: of.fixed ?? '',
      Status: of.status,
      Priority: of.severity,
    })),
  };
}
