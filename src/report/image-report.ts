import type { Store } from '../database/store.ts';
import type { Layer } from '../model/layer.ts';
import { cvesOf, type Match } from '../model/match.ts';
import { PROBLEMS } from '../model/problem.ts';
import { packageUrl } from '../model/purl.ts';
import { MAX_LISTED_UNDECIDED, type Report, type ReportLayer } from '../model/report.ts';
import { summaryOfSource } from '../model/source-summary.ts';
import { layerProblems } from './layer-problems.ts';

/** What the report says of an image beside what is stored about its layers. */
export type ReportedImage = {
  readonly kind: string;
  readonly reference: string;
  readonly digest: string;
  readonly platform: string;
  readonly layers: readonly { readonly digest: string; readonly diffId: string; readonly createdBy: string }[];
};

/**
 * Makes the report of an image whose layers are known, base first, from the index alone.
 *
 * @param now milliseconds since 1970
 */
export async function reportImage(
  store: Store,
  image: ReportedImage,
  layers: readonly Layer[],
  now: number,
): Promise<Report> {
  const { kind, reference, digest, platform } = image;
  const leaf = layers.at(-1);
  const installed = leaf === undefined ? [] : await store.layers.packages(leaf.id);
  const { matches, undecided } =
    leaf === undefined ? { matches: [], undecided: [] } : await store.matches.verdicts(leaf.id);
  const enrichments = await store.enrichments.ofCves(matches.flatMap(({ vulnerability }) => cvesOf(vulnerability)));
  const problems = leaf === undefined ? [WITHOUT_LAYERS] : await layerProblems(store, leaf, now, undecided);
  const distribution = leaf?.distribution ?? null;
  const covering = distribution === null ? [] : await store.sources.covering(distribution.namespace);
  const purl = (of: Match['package']): string => packageUrl(of, distribution?.id, distribution?.namespace);
  return {
    schemaVersion: 1,
    target: { kind, reference, digest, platform },
    distribution,
    contentSets: leaf?.contentSets ?? [],
    layers: await Promise.all(image.layers.map((each, index) => reportLayer(store, each, index, layers[index]))),
    packages: installed.map(({ package: of, originDepth }) => ({
      name: of.name,
      version: of.version,
      arch: of.arch,
      type: of.kind,
      purl: purl(of),
      source: of.source,
      layer: originDepth,
    })),
    vulnerabilities: matches.map(({ vulnerability, package: of, ...match }) => ({
      id: vulnerability.name,
      cves: cvesOf(vulnerability).map((id) => ({ id, ...enrichments.get(id) })),
      namespace: match.namespace,
      severity: match.severity,
      severityFrom: match.severityFrom,
      status: match.status,
      package: of.name,
      version: of.version,
      purl: purl(of),
      source: of.source,
      fixedIn: match.fixed,
      layer: match.originDepth,
      link: vulnerability.link,
      description: vulnerability.description,
    })),
    undecided: {
      count: undecided.length,
      listed: undecided.slice(0, MAX_LISTED_UNDECIDED).map(({ package: of, ...each }) => ({
        id: each.vulnerability,
        reportedBy: each.source,
        namespace: each.namespace,
        status: each.status,
        package: of.name,
        version: of.version,
        purl: purl(of),
        source: of.source,
        layer: each.originDepth,
      })),
    },
    sources: (await store.sources.all()).map((state) => ({
      ...summaryOfSource(state, now),
      coversRelease: covering.includes(state.source),
    })),
    problems: problems.map((problem) => ({ ...problem, incomplete: PROBLEMS[problem.code].incomplete })),
  };
}

const WITHOUT_LAYERS = {
  code: 'distribution-unknown',
  message: 'the image has no layers',
  where: 'image configuration',
} as const;

async function reportLayer(
  store: Store,
  { digest, diffId, createdBy }: ReportedImage['layers'][number],
  index: number,
  layer: Layer | undefined,
): Promise<ReportLayer> {
  const changes = layer === undefined ? [] : await store.layers.changes(layer.id);
  const packagesAdded = changes.filter(({ change }) => change === 1).length;
  return { index, digest, diffId, createdBy, packagesAdded, packagesRemoved: changes.length - packagesAdded };
}
