import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { AffectedPackage } from '../../model/advisories/advisory.ts';
import { isNamespaceEntry } from '../../model/advisories/manual-vulnerability.ts';
import { cvesOf } from '../../model/report/match.ts';
import { worstSeverity } from '../../model/severity.ts';
import type { RouteOptions } from '../api-options.ts';
import { recordsOf, VULNERABILITY_PARAMS } from './vulnerability-records.ts';

const VERSION = Type.Union([Type.String(), Type.Null()]);

const AFFECTED = Type.Object(
  {
    namespace: Type.String(),
    package: Type.String(),
    introduced: VERSION,
    fixedIn: VERSION,
    lastAffected: VERSION,
    status: Type.String(),
    severity: Type.String(),
    severityFrom: Type.String({ description: 'feed, cvss or nvd' }),
    archs: Type.Array(Type.String()),
    module: Type.Union([Type.String(), Type.Null()]),
    cpe: Type.Union([Type.String(), Type.Null()]),
  },
  { title: 'AffectedRange' },
);

const WORDS = Type.Object(
  {
    feed: Type.String(),
    link: Type.String(),
    description: Type.String(),
    severity: Type.String(),
    aliases: Type.Array(Type.String()),
    affected: Type.Array(AFFECTED),
  },
  { title: 'FeedWords' },
);

const VULNERABILITY = Type.Object(
  {
    id: Type.String(),
    aliases: Type.Array(Type.String()),
    cves: Type.Array(Type.Object({ id: Type.String() })),
    feeds: Type.Array(WORDS),
  },
  { title: 'VulnerabilityOfFeeds' },
);

/** `GET /vulnerabilities/:id` */
export function vulnerabilityRoute(server: FastifyInstance, { store }: RouteOptions): void {
  server.get<{ Params: Type.Static<typeof VULNERABILITY_PARAMS> }>(
    '/vulnerabilities/:id',
    {
      schema: { params: VULNERABILITY_PARAMS },
      config: {
        described: {
          summary: 'The advisory of each feed for a vulnerability, with the CVSS, EPSS and KEV data of its CVEs.',
          answers: { 200: VULNERABILITY },
          errors: [400, 404],
        },
      },
    },
    async ({ params: { id } }) => {
      const records = await recordsOf(store, id);
      const names = new Set(records.flatMap((record) => [record.name, ...record.aliases]));
      names.delete(id);
      const aliases = [...names].toSorted();
      const cves = cvesOf({ name: id, aliases });
      const enrichments = await store.enrichments.ofCves(cves);
      return {
        id,
        aliases,
        cves: cves.map((cve) => ({ id: cve, ...enrichments.get(cve) })),
        feeds: records.map((record) => ({
          feed: record.feed,
          link: record.link,
          description: record.description,
          severity: worstSeverity(record.affected),
          aliases: record.aliases,
          affected: record.affected.filter((each) => !isNamespaceEntry(each)).map(rangeJson),
        })),
      };
    },
  );
}

function rangeJson(of: AffectedPackage): object {
  const { introduced = null, fixed = null, lastAffected = null, archs = [], module = null, cpe = null } = of;
  const { namespace, package: name, status, severity, severityFrom = 'feed' } = of;
  const range = { namespace, package: name, introduced, fixedIn: fixed, lastAffected };
  return { ...range, status, severity, severityFrom, archs, module, cpe };
}
