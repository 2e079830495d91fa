import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Store } from '../../database/contracts/store.ts';
import type { VulnerabilityRecord } from '../../database/contracts/vulnerabilities.ts';
import { ClairError } from '../../errors.ts';
import type { AffectedPackage } from '../../model/advisories/advisory.ts';
import { isNamespaceEntry } from '../../model/advisories/manual-vulnerability.ts';
import { cvesOf } from '../../model/report/match.ts';
import { worstSeverity } from '../../model/severity.ts';
import type { RouteOptions } from '../api-options.ts';
import { pagePosition } from '../page-position.ts';
import { LIST_QUERY, NEXT_PAGE, pageSize } from './shapes.ts';

/** The parameters of each route of a vulnerability. */
export const VULNERABILITY_PARAMS: Type.TObject<{ id: Type.TString }> = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 128 }),
});

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

const PAGE_OF_LAYERS = Type.Object({
  layers: Type.Array(Type.Object({ name: Type.String() }, { title: 'LayerName' })),
  nextPage: NEXT_PAGE,
});

/** What the token of a next page holds. */
const POSITION = Type.Object({ list: Type.Literal('layers'), id: Type.String(), after: Type.Integer() });

/** `GET /vulnerabilities/:id` and `GET /vulnerabilities/:id/layers` */
export function vulnerabilityRoutes(server: FastifyInstance, { store, pages }: RouteOptions): void {
  server.get<{ Params: Type.Static<typeof VULNERABILITY_PARAMS> }>(
    '/vulnerabilities/:id',
    {
      schema: { params: VULNERABILITY_PARAMS },
      config: {
        described: {
          summary: 'What each feed says of a vulnerability, and what is known of the CVEs that it is about.',
          answers: { 200: VULNERABILITY },
          errors: [400, 404],
        },
      },
    },
    async ({ params: { id } }) => {
      const records = await recordsOf(store, id);
      const aliases = [...new Set(records.flatMap((record) => record.aliases))].toSorted();
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

  server.get<{ Params: Type.Static<typeof VULNERABILITY_PARAMS>; Querystring: Type.Static<typeof QUERY> }>(
    '/vulnerabilities/:id/layers',
    {
      schema: { params: VULNERABILITY_PARAMS, querystring: QUERY },
      config: {
        described: {
          summary: 'The layers that bring in a package with a vulnerability, not those that inherit it.',
          answers: { 200: PAGE_OF_LAYERS },
          errors: [400, 404],
        },
      },
    },
    async ({ params: { id }, query }) => {
      await recordsOf(store, id);
      const position = pagePosition(pages, query.page, POSITION);
      if (position !== undefined && position.id !== id) {
        throw new ClairError('request/page-invalid', `the page token is one of ${position.id}`);
      }
      const limit = pageSize(query.limit);
      const after = position?.after ?? 0;
      const found = await store.matches.introducingLayers(id, { after, limit: limit + 1 });
      const shown = found.slice(0, limit);
      const next = { list: 'layers', id, after: shown.at(-1)?.id ?? after };
      return {
        layers: shown.map(({ name }) => ({ name })),
        nextPage: found.length > limit ? pages.seal(next) : null,
      };
    },
  );
}

const QUERY = Type.Object(LIST_QUERY);

/** What each feed says of a vulnerability. @throws ClairError `vulnerability/not-found` */
export async function recordsOf({ vulnerabilities }: Store, id: string): Promise<readonly VulnerabilityRecord[]> {
  const records = await vulnerabilities.find(id);
  if (records.length > 0) return records;
  throw new ClairError('vulnerability/not-found', `there is no vulnerability ${id}`);
}

function rangeJson(of: AffectedPackage): object {
  const { introduced = null, fixed = null, lastAffected = null, archs = [], module = null, cpe = null } = of;
  const { namespace, package: name, status, severity, severityFrom = 'feed' } = of;
  const range = { namespace, package: name, introduced, fixedIn: fixed, lastAffected };
  return { ...range, status, severity, severityFrom, archs, module, cpe };
}
