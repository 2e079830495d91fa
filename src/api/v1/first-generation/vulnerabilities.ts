import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Store } from '../../../database/contracts/store.ts';
import type { VulnerabilityRecord } from '../../../database/contracts/vulnerabilities.ts';
import { ClairError } from '../../../errors.ts';
import { isNamespaceEntry, type ManualVulnerability } from '../../../model/advisories/manual-vulnerability.ts';
import { type Severity, worstSeverity } from '../../../model/severity.ts';
import type { RouteOptions } from '../../api-options.ts';
import {
  checkedName,
  emptyVulnerability,
  refuseRemoval,
  startedFrom,
  withPackages,
  withSeverity,
} from '../manual-edits.ts';
import { VULNERABILITY_NAME } from '../shapes.ts';
import { VULNERABILITY } from './answer-shapes.ts';
import {
  CHANGED_VULNERABILITY,
  type ChangedVulnerability,
  packagesOf,
  POSTED_VULNERABILITY,
  type PostedVulnerability,
  priorityOf,
} from './posted-vulnerability.ts';

const PARAMS = Type.Object({ id: VULNERABILITY_NAME });

type Named = { Params: Type.Static<typeof PARAMS> };

/** Registers `POST /vulnerabilities` and `/vulnerabilities/:id`. */
export function vulnerabilityRoutes(server: FastifyInstance, { store }: RouteOptions): void {
  server.post<{ Body: PostedVulnerability }>(
    '/vulnerabilities',
    {
      schema: { body: POSTED_VULNERABILITY },
      config: {
        described: {
          summary: 'Create a manual vulnerability with a new ID.',
          answers: { 201: null },
          errors: [400, 404, 413, 415],
        },
      },
    },
    async ({ body }, reply) => {
      const { ID, Link: link, Description: description = '' } = body;
      const name = checkedName(ID);
      const priority = priorityOf(body.Priority);
      const packages = packagesOf(body, priority);
      if (packages.length === 0)
        throw new ClairError('request/invalid', 'body.AffectedPackages is empty: name at least one package');
      const exists = (): never => {
        throw new ClairError('vulnerability/exists', `vulnerability already exists: ${name}`);
      };
      if ((await store.vulnerabilities.find(name)).length > 0) exists();
      await write(name, (present) =>
        present === undefined ? withPackages({ ...emptyVulnerability(name), link, description }, packages) : exists(),
      );
      return await reply.status(201).send();
    },
  );

  server.get<Named>(
    '/vulnerabilities/:id',
    {
      schema: { params: PARAMS },
      config: {
        described: {
          summary: 'Return a vulnerability with the affected packages in all namespaces.',
          answers: { 200: VULNERABILITY },
          errors: [400, 404],
        },
      },
    },
    async ({ params: { id } }) => vulnerabilityBody(id, await recordsNamed(store, id)),
  );

  server.put<Named & { Body: ChangedVulnerability }>(
    '/vulnerabilities/:id',
    {
      schema: { params: PARAMS, body: CHANGED_VULNERABILITY },
      config: {
        described: {
          summary:
            'Update a vulnerability with the non-empty fields of the body, and add the affected packages of the body.',
          answers: { 204: null },
          errors: [400, 404, 413, 415],
        },
      },
    },
    async ({ params: { id }, body }, reply) => {
      const records = await recordsNamed(store, id);
      await write(id, (present = startedFrom(id, records)) => changed(present, body));
      return await reply.status(204).send();
    },
  );

  server.delete<Named>(
    '/vulnerabilities/:id',
    {
      schema: { params: PARAMS },
      config: {
        described: {
          summary: 'Delete a manual vulnerability.',
          answers: { 204: null },
          errors: [400, 404],
        },
      },
    },
    async ({ params: { id } }, reply) => {
      const records = await recordsNamed(store, id);
      await write(id, (present) => (present === undefined ? refuseRemoval(id, records) : undefined));
      return await reply.status(204).send();
    },
  );

  async function write(
    name: string,
    change: (present: ManualVulnerability | undefined) => ManualVulnerability | undefined,
  ): Promise<void> {
    await store.manual.edit({ name, at: store.now(), change });
  }
}

/** Returns the advisories with an ID, from all feeds. @throws ClairError `vulnerability/not-found` */
export async function recordsNamed(store: Store, id: string): Promise<readonly VulnerabilityRecord[]> {
  const records = await store.vulnerabilities.find(id);
  if (records.length === 0) {
    throw new ClairError('vulnerability/not-found', `vulnerability ${id} not found`);
  }
  return records;
}

/** Applies the changes. As in Clair v1, an empty field or the priority Unknown changes nothing. */
function changed(of: ManualVulnerability, body: ChangedVulnerability): ManualVulnerability {
  const { Link: link = '', Description: description = '', Priority: word = '' } = body;
  const given: Severity = word === '' ? 'Unknown' : priorityOf(word);
  const priority = given === 'Unknown' ? worstSeverity(of.affected) : given;
  const worded = { ...of, ...(link !== '' && { link }), ...(description !== '' && { description }) };
  const judged = given === 'Unknown' ? worded : withSeverity(worded, given);
  return withPackages(judged, packagesOf(body, priority));
}

/**
 * Combines the advisories. The result has the first non-empty link, the first non-empty description and the worst
 * severity.
 */
function vulnerabilityBody(id: string, records: readonly VulnerabilityRecord[]): object {
  const affected = records.flatMap((record) => record.affected);
  return {
    ID: id,
    Link: records.find(({ link }) => link !== '')?.link ?? '',
    Priority: worstSeverity(affected),
    Description: records.find(({ description }) => description !== '')?.description ?? '',
    AffectedPackages: affected
      .filter((of) => !isNamespaceEntry(of))
      .map((of) => ({
        OS: of.namespace,
        Name: of.package,
        AllVersions: of.fixed === undefined,
        BeforeVersion: of.fixed ?? '',
        Status: of.status,
        Priority: of.severity,
      })),
  };
}
