import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { AffectedPackage } from '../../model/advisories/advisory.ts';
import { isNamespaceEntry } from '../../model/advisories/manual-vulnerability.ts';
import { titleOf } from '../../model/report/description-title.ts';
import { cvesOf } from '../../model/report/match.ts';
import { worstSeverity } from '../../model/severity.ts';
import { readCountState } from '../../report/image/image-summary.ts';
import type { RouteOptions } from '../api-options.ts';
import { descriptionOf, recordsOf, VULNERABILITY_PARAMS } from './vulnerability-records.ts';

const AFFECTED = Type.Object(
  {
    namespace: Type.String(),
    package: Type.String(),
    introduced: textOrNull('first affected version; null if the range starts at 0'),
    fixedIn: textOrNull('fixed version; null if no version fixes the vulnerability'),
    lastAffected: textOrNull('last affected version, if the feed names this version instead of a fix'),
    status: Type.String(),
    severity: Type.String(),
    severityFrom: Type.String({ description: 'origin of the severity: feed, cvss or nvd' }),
    imports: Type.Array(
      Type.Object(
        {
          path: Type.String({ description: 'import path' }),
          symbols: Type.Array(Type.String(), {
            description: 'vulnerable functions and methods; empty for the whole package',
          }),
          goos: Type.Array(Type.String(), { description: 'affected operating systems (GOOS); empty for all' }),
          goarch: Type.Array(Type.String(), { description: 'affected architectures (GOARCH); empty for all' }),
        },
        { title: 'AffectedImport' },
      ),
      { description: 'vulnerable packages of a Go module; empty if the advisory names no packages' },
    ),
    archs: Type.Array(Type.String(), { description: 'affected architectures; empty for all' }),
    module: textOrNull('affected module stream; null for all'),
    cpe: textOrNull('affected product (CPE); null for all'),
  },
  { title: 'AffectedRange' },
);

const WORDS = Type.Object(
  {
    feed: Type.String(),
    link: Type.String(),
    description: Type.String(),
    severity: Type.String({ description: 'worst severity of the affected ranges' }),
    aliases: Type.Array(Type.String()),
    affected: Type.Array(AFFECTED),
  },
  { title: 'FeedWords' },
);

const VULNERABILITY = Type.Object(
  {
    id: Type.String(),
    title: Type.String({ description: 'first sentence of the description; empty without a description' }),
    description: Type.String({
      description: 'description of the first feed that provides one, otherwise of the NVD; may be empty',
    }),
    severity: Type.String({ description: 'worst severity of all feeds and releases' }),
    images: Type.Integer({
      description: 'indexed images with an unsuppressed finding under this ID or alias, according to the stored counts',
    }),
    isCurrent: Type.Boolean({ description: 'false if `images` may be out of date' }),
    aliases: Type.Array(Type.String()),
    cves: Type.Array(Type.Object({ id: Type.String() }), { description: 'CVSS, EPSS and KEV data, as in a report' }),
    feeds: Type.Array(WORDS, { description: 'advisories, manual advisories first' }),
  },
  { title: 'VulnerabilityOfFeeds' },
);

function textOrNull(description: string): Type.TSchema {
  return Type.Union([Type.String(), Type.Null()], { description });
}

/** Registers `GET /vulnerabilities/:id`. */
export function vulnerabilityRoute(server: FastifyInstance, { store, basis }: RouteOptions): void {
  server.get<{ Params: Type.Static<typeof VULNERABILITY_PARAMS> }>(
    '/vulnerabilities/:id',
    {
      schema: { params: VULNERABILITY_PARAMS },
      config: {
        described: {
          summary:
            'Return the advisory of each feed for a vulnerability, with the CVSS, EPSS and KEV data of its CVEs.',
          description:
            'Accepts any identifier of a vulnerability and returns all advisories that Clair merges into one finding with this vulnerability (docs/reference/report.md, "Merged findings").',
          answers: { 200: VULNERABILITY },
          errors: [400, 404],
        },
      },
    },
    async ({ params: { id } }) => {
      const isCurrent = (await readCountState(store, basis)).areCurrent(store.now());
      const records = await recordsOf(store, id);
      const names = new Set(records.flatMap((record) => [record.name, ...record.aliases]));
      names.delete(id);
      const aliases = [...names].toSorted();
      const cves = cvesOf({ name: id, aliases });
      const enrichments = await store.enrichments.ofCves(cves);
      const description = await descriptionOf(store.enrichments, records, [id, ...cves]);
      return {
        id,
        title: titleOf(description),
        description,
        severity: worstSeverity(records.flatMap(({ affected }) => affected)),
        images: (await store.foundNames.imagesOf([id])).get(id) ?? 0,
        isCurrent,
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
  const { namespace, package: name, status, severity, severityFrom = 'feed', imports: named = [] } = of;
  const imports = named.map(({ path, symbols = [], goos = [], goarch = [] }) => ({ path, symbols, goos, goarch }));
  const range = { namespace, package: name, introduced, fixedIn: fixed, lastAffected };
  return { ...range, status, severity, severityFrom, imports, archs, module, cpe };
}
