import { setImmediate } from 'node:timers/promises';
import type { Store } from '../../database/contracts/store.ts';
import { reportCounts } from '../../model/report/finding-counts.ts';
import type { Layer } from '../../model/layer.ts';
import { cvesOf, type Match, type Verdicts } from '../../model/report/match.ts';
import { type Problem, PROBLEMS } from '../../model/report/problem.ts';
import { ecosystemOf } from '../../ecosystems/index.ts';
import { archOf, sourceOf } from '../../model/feature.ts';
import { listsFixedOnly } from '../../model/report/fixed-only-sources.ts';
import { MAX_LISTED_UNDECIDED, type Report } from '../../model/report/report.ts';
import { summaryOfSource } from '../../model/report/source-summary.ts';
import { judgeFindings } from '../../suppression/suppressed-findings.ts';
import type { RuleSet } from '../../suppression/suppression-rule.ts';
import { clairVersion } from '../../version.ts';
import type { BaseEvidence } from './base-layers.ts';
import { layerProblems } from './layer-problems.ts';
import { createFindings } from './report-finding.ts';
import { type ReportedLayer, reportLayers } from './report-layers.ts';

/** What the report says of an image beside what is stored about its layers. */
export type ReportedImage = {
  readonly kind: string;
  readonly reference: string;
  readonly digest: string;
  readonly platform: string;
  readonly layers: readonly ReportedLayer[];
} & Omit<BaseEvidence, 'layers'>;

export type ReportOptions = {
  /** What is said of vulnerabilities that do not matter; nothing when absent. */
  readonly suppressions?: readonly RuleSet[];
  /** How many layers came with the base image, where the user states it. */
  readonly baseLayers?: number;
  /** What else must be known to trust the report: what went wrong before it was made. */
  readonly problems?: readonly Problem[];
  readonly signal?: AbortSignal;
};

/**
 * Makes the report of an image whose layers are known, base first, from the index alone.
 *
 * @param now milliseconds since 1970
 * @throws the reason of the signal
 */
export async function reportImage(
  store: Store,
  image: ReportedImage,
  layers: readonly Layer[],
  now: number,
  { suppressions = [], baseLayers, problems: before = [], signal }: ReportOptions = {},
): Promise<Report> {
  const { kind, reference, digest, platform } = image;
  const target = { kind, reference, digest, platform };
  /** Each step may take long for an image of many packages: signals of the process are noticed in between. */
  const nextStep = async (): Promise<void> => {
    await setImmediate();
    signal?.throwIfAborted();
  };
  const leaf = layers.at(-1);
  const installed = leaf === undefined ? [] : await store.layers.features(leaf.id);
  await nextStep();
  const verdicts: Verdicts =
    leaf === undefined ? { matches: [], undecided: [] } : await store.matches.verdicts(leaf.id);
  const { matches, undecided } = verdicts;
  await nextStep();
  const enrichments = await store.enrichments.ofCves(matches.flatMap(({ vulnerability }) => cvesOf(vulnerability)));
  const problems = leaf === undefined ? [WITHOUT_LAYERS] : await layerProblems(store, leaf, now, verdicts);
  const distribution = leaf?.distribution ?? null;
  const covering = distribution === null ? [] : await store.sources.covering(distribution.namespace);
  const purl = (of: Match['feature']): string => ecosystemOf(of).purl(of, distribution);
  const placedLayers = await reportLayers(store, image, layers, baseLayers);
  await nextStep();
  const found = matches.map(createFindings(enrichments, purl));
  const judged = { target, distribution, layers: placedLayers, vulnerabilities: found };
  const judgement = judgeFindings(judged, suppressions, new Date(now).toISOString().slice(0, 'YYYY-MM-DD'.length));
  await nextStep();
  return {
    schemaVersion: 1,
    createdAt: new Date(now).toISOString(),
    clairVersion: clairVersion(),
    target,
    distribution,
    contentSets: leaf?.contentSets ?? [],
    layers: placedLayers,
    packages: installed.map(({ feature: of, namespace, originDepth }) => ({
      namespace: namespace === '' ? null : namespace,
      name: of.name,
      version: of.version,
      arch: archOf(of),
      type: of.type,
      purl: purl(of),
      source: sourceOf(of),
      layer: originDepth,
    })),
    counts: reportCounts(judgement.vulnerabilities),
    vulnerabilities: judgement.vulnerabilities,
    suppressed: judgement.suppressed,
    undecided: {
      count: undecided.length,
      listed: undecided.slice(0, MAX_LISTED_UNDECIDED).map(({ feature: of, ...each }) => ({
        id: each.vulnerability,
        reportedBy: each.source,
        namespace: each.namespace,
        status: each.status,
        package: of.name,
        version: of.version,
        purl: purl(of),
        source: sourceOf(of),
        layer: each.originDepth,
      })),
    },
    sources: (await store.sources.all()).map((state) => ({
      ...summaryOfSource(state, now),
      coversRelease: covering.includes(state.source),
      listsFixedOnly: listsFixedOnly(state.source),
    })),
    problems: [...before, ...problems, ...judgement.problems].map((problem) => ({
      ...problem,
      incomplete: PROBLEMS[problem.code].incomplete,
    })),
  };
}

const WITHOUT_LAYERS = {
  code: 'distribution-unknown',
  message: 'the image has no layers',
  where: 'image configuration',
} as const;
