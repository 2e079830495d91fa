import { dayText } from '../../model/time/day.ts';
import { setImmediate } from 'node:timers/promises';
import type { ReportSnapshot, Store } from '../../database/contracts/store.ts';
import type { Enrichments } from '../../model/enrichment.ts';
import { reportCounts } from '../../model/report/finding-counts.ts';
import type { Layer } from '../../model/layer.ts';
import { cvesOf } from '../../model/report/match.ts';
import { type Diagnostic, DIAGNOSTICS } from '../../model/report/diagnostic.ts';
import { ecosystemOf } from '../../ecosystems/index.ts';
import { type Feature, sourceOf } from '../../model/feature.ts';
import type { ProgramFunctions } from '../../model/reachability.ts';
import { listsFixedOnly } from '../../model/report/fixed-only-feeds.ts';
import { MAX_LISTED_UNDECIDED, type Report } from '../../model/report/report.ts';
import { summaryOfFeed } from '../../model/report/feed-summary.ts';
import type { RuleSet } from '../../suppression/suppression-rule.ts';
import { clairVersion } from '../../version.ts';
import { type MergedMatch, mergedMatches } from '../merging/merged-matches.ts';
import { laterMatches } from '../merging/stored-matches.ts';
import { goAdvisories, judgedMatches, type ReachabilityEvidence } from '../reachability/finding-judgement.ts';
import type { BaseEvidence } from './base-layers.ts';
import { fileDiagnostics } from './files/file-diagnostics.ts';
import { judgedFindings } from '../statements/judged-findings.ts';
import { oncePer } from './once-per.ts';
import { layerCoverage, usedFeeds } from './layer-coverage.ts';
import { layerDiagnostics } from './layer-diagnostics.ts';
import { judgesOf } from './ownership/judges.ts';
import { matchedPaths } from './ownership/matched-paths.ts';
import { ownerDiagnostics } from './ownership/owner-diagnostics.ts';
import { uncoveredDiagnostics } from './ownership/uncovered-packages.ts';
import { reportNotes } from './report-notes.ts';
import { reportPackages } from './report-packages.ts';
import { createFindings } from './report-finding.ts';
import { type ReportedLayer, reportLayers } from './report-layers.ts';

/** The data about an image that is not stored with its layers. */
export type ReportedImage = {
  readonly kind: string;
  readonly reference: string;
  readonly digest: string;
  readonly platform: string;
  readonly layers: readonly ReportedLayer[];
} & Omit<BaseEvidence, 'layers'>;

export type ReportOptions = {
  readonly suppressions?: readonly RuleSet[];
  /** The number of base layers, if the user specifies it. */
  readonly baseLayers?: number;
  /** Diagnostics from before the creation of the report, for example about failed updates. */
  readonly diagnostics?: readonly Diagnostic[];
  /** Whether Clair verified the bytes of the layers; true by default. */
  readonly areLayersVerified?: boolean;
  readonly signal?: AbortSignal;
};

/**
 * Creates the report of an image from a single snapshot of the index.
 *
 * @param now the current time in milliseconds since 1970
 * @throws the abort reason of the signal
 */
export async function reportImage(
  store: Pick<Store, 'snapshot'>,
  image: ReportedImage,
  layers: readonly Layer[],
  now: number,
  { suppressions = [], baseLayers, diagnostics: before = [], areLayersVerified = true, signal }: ReportOptions = {},
): Promise<Report> {
  const { kind, reference, digest, platform } = image;
  const target = { kind, reference, digest, platform };
  /** Yields to the event loop and checks the signal, because each step can take a long time. */
  const nextStep = async (): Promise<void> => {
    await setImmediate();
    signal?.throwIfAborted();
  };
  const facts = await store.snapshot(async (at) => await imageFacts(at, { image, layers, now, baseLayers, nextStep }));
  const {
    installed,
    files,
    judges,
    matches,
    undecided,
    notes,
    enrichments,
    coverage,
    placedLayers,
    feeds,
    diagnostics,
  } = facts;
  const leaf = layers.at(-1);
  const distribution = leaf?.distribution ?? null;
  // Packages and findings share features.
  const purl = oncePer((of: Feature): string => ecosystemOf(of).purl(of, distribution));
  await nextStep();
  const pathsOf = matchedPaths([...installed, ...files], judges);
  const pathsOfMatch = ({ feature, namespace }: MergedMatch): readonly string[] => pathsOf(feature, namespace);
  const evidence = { imports: facts.imports, programs: facts.programs, pathsOf: pathsOfMatch };
  const reachabilityOf = await judgedMatches(matches, evidence);
  await nextStep();
  const found = matches.map(createFindings(enrichments, purl, pathsOf, reachabilityOf));
  const judged = { target, distribution, layers: placedLayers, findings: found };
  const judgement = await judgedFindings(judged, { suppressions, statements: facts.statements, today: dayText(now) });
  await nextStep();
  const used = usedFeeds(coverage);
  return {
    schemaVersion: 2,
    createdAt: new Date(now).toISOString(),
    clairVersion: clairVersion(),
    target,
    distribution,
    contentSets: leaf?.contentSets ?? [],
    layers: placedLayers,
    layersVerified: areLayersVerified && !diagnostics.some(({ code }) => code === 'layer-read-in-part'),
    packages: reportPackages(installed, purl),
    counts: reportCounts(judgement.findings),
    findings: judgement.findings,
    suppressed: judgement.suppressed,
    undecided: {
      count: undecided.length,
      listed: undecided.slice(0, MAX_LISTED_UNDECIDED).map(({ feature: of, ...each }) => ({
        id: each.vulnerability,
        reportedBy: each.feed,
        namespace: each.namespace,
        status: each.status,
        package: of.name,
        version: of.version,
        purl: purl(of),
        source: sourceOf(of),
        layer: each.originDepth,
      })),
    },
    notes: reportNotes(notes, purl, pathsOf),
    coverage,
    feeds: feeds.map((state) => ({
      ...summaryOfFeed(state, now),
      isUsed: used.has(state.feed),
      listsFixedOnly: listsFixedOnly(state.feed),
    })),
    diagnostics: [...before, ...diagnostics, ...judgement.diagnostics].map((diagnostic) => ({
      ...diagnostic,
      incomplete: DIAGNOSTICS[diagnostic.code].incomplete,
    })),
  };
}

type FactsQuestion = {
  readonly image: ReportedImage;
  readonly layers: readonly Layer[];
  readonly now: number;
  readonly baseLayers: number | undefined;
  readonly nextStep: () => Promise<void>;
};

/** Reads the data of a report from a snapshot. */
async function imageFacts(at: ReportSnapshot, { image, layers, now, baseLayers, nextStep }: FactsQuestion) {
  const leaf = layers.at(-1);
  if (leaf === undefined) {
    const enrichments: ReadonlyMap<string, Enrichments> = new Map();
    const nothing = {
      installed: [],
      files: [],
      judges: new Set<string>(),
      matches: [],
      undecided: [],
      notes: [],
      coverage: [],
      statements: [],
    };
    const evidence = { imports: [], programs: new Map<string, ProgramFunctions>() };
    const placedLayers = await reportLayers(at, image, layers, baseLayers);
    const feeds = await at.feeds.all();
    return { ...nothing, ...evidence, enrichments, placedLayers, feeds, diagnostics: [WITHOUT_LAYERS] };
  }
  // The slowest statements come first, because the database server runs the next statement while this thread reads the
  // previous response.
  const begin = beginningReads(nextStep);
  const [ofVerdicts, ofInstalled, ofFiles, ofLayers, ofRest] = [
    await begin(() => at.matches.verdicts(leaf.id)),
    await begin(() => at.layers.features(leaf.id)),
    await begin(() => at.layers.files(leaf.id)),
    await begin(() => reportLayers(at, image, layers, baseLayers)),
    await begin(() => Promise.all([at.feeds.all(), at.layers.statements(leaf.id), at.fileRules.countPending()])),
  ];
  const verdicts = await ofVerdicts.answer;
  const later = await laterMatches(at.matches, leaf.id, verdicts.matches);
  await nextStep();
  const matches = mergedMatches(verdicts.matches, { later });
  const cves = namedCves(matches);
  const ofEnrichments = await begin(() => at.enrichments.ofCves(cves));
  const ofEvidence = await begin(() => reachabilityEvidence(at, leaf.id, matches));
  const [installed, files] = [await ofInstalled.answer, await ofFiles.answer];
  const [feeds, statements, pendingRules] = await ofRest.answer;
  const ofFileDiagnostics = await begin(() => fileDiagnostics(at, files, pendingRules));
  const judges = await judgesOf(at.feeds, installed, leaf.diagnostics);
  const features = { installed, judges };
  const coverage = await layerCoverage(at, leaf, features);
  const ofLayer = await layerDiagnostics(at, leaf, now, { verdicts, features, coverage, states: feeds });
  const ofPackages = [...ownerDiagnostics(installed, judges), ...uncoveredDiagnostics(installed)];
  const diagnostics = [...ofLayer, ...ofPackages, ...(await ofFileDiagnostics.answer)];
  const [enrichments, evidence] = [await ofEnrichments.answer, await ofEvidence.answer];
  const placedLayers = await ofLayers.answer;
  return {
    ...evidence,
    statements,
    ...verdicts,
    installed,
    files,
    judges,
    matches,
    enrichments,
    coverage,
    placedLayers,
    feeds,
    diagnostics,
  };
}

/** Returns the CVEs of matches. Matches of a vulnerability are neighbours, whose CVEs are listed once. */
function namedCves(matches: readonly MergedMatch[]): readonly string[] {
  const cves: string[] = [];
  let last: MergedMatch['vulnerability'] | undefined;
  for (const { vulnerability } of matches) {
    if (vulnerability === last) continue;
    last = vulnerability;
    cves.push(...cvesOf(vulnerability));
  }
  return cves;
}

/**
 * A database read that has already started. The caller can await the answer later, or not at all if another read fails
 * first.
 */
type Begun<T> = { readonly answer: Promise<T> };

function beginningReads(nextStep: () => Promise<void>): <T>(read: () => Promise<T>) => Promise<Begun<T>> {
  return async (read) => {
    const answer = read();
    answer.catch(() => undefined);
    await nextStep();
    return { answer };
  };
}

/** Reads the data that determines the reachability of Go findings. Reads nothing for an image without Go findings. */
async function reachabilityEvidence(
  at: Pick<ReportSnapshot, 'matches' | 'layers'>,
  leaf: number,
  matches: readonly MergedMatch[],
): Promise<Omit<ReachabilityEvidence, 'pathsOf'>> {
  const advisories = goAdvisories(matches);
  if (advisories.length === 0) return { imports: [], programs: new Map() };
  return { imports: await at.matches.imports(advisories, 'golang'), programs: await at.layers.programs(leaf) };
}

const WITHOUT_LAYERS = {
  code: 'distribution-unknown',
  message: 'the image has no layers',
  where: 'image configuration',
} as const;
