import { dayText } from '../../model/time/day.ts';
import type { Store } from '../../database/contracts/store.ts';
import type { Distribution } from '../../model/releases/distribution.ts';
import { ENRICHMENT_FEEDS } from '../../model/enrichment.ts';
import { isSystemPackage } from '../../model/feature.ts';
import type { Layer } from '../../model/layer.ts';
import type { Report } from '../../model/report/report.ts';
import { layerCoverage, usedFeeds } from './layer-coverage.ts';
import type { KnownFeatures } from './ownership/namespace-counts.ts';
import { judgesOf } from './ownership/judges.ts';
import { withoutAdvisories } from './ownership/unversioned-libraries.ts';
import type { Match, Undecided, Verdicts } from '../../model/report/match.ts';
import type { Diagnostic } from '../../model/report/diagnostic.ts';
import { judgedDiagnostics } from '../../model/report/owned-diagnostics.ts';
import { downloadHint, feedsToDownload } from '../../model/releases/distribution-feeds.ts';
import { supportOf } from '../../model/releases/support/release-support.ts';
import { isStale, type FeedState, skippedCount, STALE_AFTER_MS } from '../../model/feed.ts';
import { timeSpanWords } from '../../model/time/time-span.ts';

/**
 * Returns the diagnostics of the analysis of a layer, and of the feeds for its release and packages.
 *
 * @param now the current time in milliseconds since 1970
 * @param known the data about the layer that the caller has already read; the function reads the rest from the store
 */
export async function layerDiagnostics(
  store: LayerQuestions,
  layer: Layer,
  now: number,
  known: KnownFacts = {},
): Promise<readonly Diagnostic[]> {
  const { distribution } = layer;
  const coverage = known.coverage ?? (await layerCoverage(store, layer, known.features));
  const states = known.states ?? (await store.feeds.all());
  const stored = new Set(states.filter(({ lastSuccess }) => lastSuccess !== null).map(({ feed }) => feed));
  const diagnostics: Diagnostic[] = [];
  for (const { namespace, feeds } of coverage) {
    if (namespace === null || feeds.length > 0) continue;
    const name = namespace === distribution?.namespace ? `${namespace} (${distribution.prettyName})` : namespace;
    const absent = feedsToDownload(namespace, stored);
    const message =
      absent.length > 0
        ? `No data for ${name} yet, so its packages were not checked: ${downloadHint(absent)}`
        : `No feed covers ${name}, so its packages were not checked`;
    diagnostics.push({ code: 'namespace-without-data', message, where: namespace });
  }
  for (const { namespace } of coverage) {
    if (namespace === null || namespace === distribution?.namespace) continue;
    diagnostics.push(...endOfLifeDiagnostics({ namespace, prettyName: namespace }, now));
  }
  if (distribution !== null) {
    diagnostics.push(...endOfLifeDiagnostics(distribution, now));
    const isCovered = coverage.some(({ namespace, feeds }) => namespace === distribution.namespace && feeds.length > 0);
    const unknown = isCovered ? await unlistedContentSets(store, layer) : [];
    if (unknown.length > 0) {
      const message = `The products of the repositories ${shortList(unknown)} are unknown, so advisories for these products were not matched`;
      diagnostics.push({ code: 'content-set-unknown', message, where: distribution.namespace });
    }
  }
  const covering = usedFeeds(coverage);
  for (const state of states) {
    const isUsed = covering.has(state.feed);
    if (state.refused !== null && (isUsed || ENRICHED_BY.has(state.feed))) diagnostics.push(refusedDiagnostic(state));
    if (!isUsed) continue;
    if (isStale(state, now))
      diagnostics.push({ code: 'feed-stale', message: staleMessage(state, now), where: state.feed });
    diagnostics.push(...skippedDiagnostics(state));
  }
  const { matches, undecided } = known.verdicts ?? (await store.matches.verdicts(layer.id));
  diagnostics.push(...inexactDiagnostics(matches), ...undecidedDiagnostics(undecided));
  const judges = known.features?.judges ?? (await judgesOf(store.feeds, layer.diagnostics));
  const ofFiles = await withoutAdvisories(store.feeds, layer.diagnostics, coverage);
  return [...judgedDiagnostics(ofFiles, judges), ...diagnostics];
}

/**
 * Data that the caller has already read: the verdicts on the packages of a layer, the packages, the coverage of their
 * namespaces, and all feeds.
 */
export type KnownFacts = {
  readonly verdicts?: Verdicts | undefined;
  readonly features?: KnownFeatures | undefined;
  readonly coverage?: Report['coverage'] | undefined;
  readonly states?: readonly FeedState[];
};

/** The parts of the store that the diagnostics need. */
type LayerQuestions = Pick<Store, 'layers' | 'matches' | 'repositories' | 'feeds'>;

type NamedRelease = Pick<Distribution, 'namespace' | 'prettyName'>;

function endOfLifeDiagnostics({ namespace, prettyName }: NamedRelease, now: number): readonly Diagnostic[] {
  const support = supportOf(namespace, dayText(now));
  if (support.kind !== 'ended') return [];
  const { on, source, later } = support;
  const rest = later === undefined ? '' : ` No Clair feed covers ${later.extension.name} (until ${later.until}).`;
  const name = prettyName === namespace ? namespace : `${namespace} (${prettyName})`;
  const message =
    `Support for ${name} ended on ${on} (${source}), so newer vulnerabilities are missing.${rest}` +
    ' Move to a supported release, or accept the release with --allow-eol';
  return [{ code: 'release-end-of-life', message, where: namespace }];
}

/** The feeds that every report uses, regardless of the release. */
const ENRICHED_BY: ReadonlySet<string> = new Set(Object.values(ENRICHMENT_FEEDS));

function refusedDiagnostic({ feed, refused, lastSuccess }: FeedState): Diagnostic {
  const age = lastSuccess === null ? 'older data' : `data from ${new Date(lastSuccess).toISOString()}`;
  const message = `${refused}. This report uses ${age}; newer advisories may be missing. If the smaller feed is correct, run \`clair update --feed ${feed} --allow-shrink\``;
  return { code: 'feed-update-refused', message, where: feed };
}

async function unlistedContentSets(store: LayerQuestions, { contentSets }: Layer): Promise<readonly string[]> {
  if (contentSets.length === 0) return [];
  const listed = await store.repositories.cpesOf(contentSets);
  return contentSets.filter((name) => !listed.has(name));
}

/** Returns the first names, and the number of the remaining names. */
function shortList(names: readonly string[]): string {
  const more = names.length - MAX_NAMED;
  return `${names.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

const MAX_NAMED = 5;

/** Returns the message about stale data. @param state the state of a feed with data */
function staleMessage({ feed, lastSuccess, error, staleAfter }: FeedState, now: number): string {
  const updated = lastSuccess ?? 0;
  const age = `${timeSpanWords(now - updated)} old, more than ${timeSpanWords(staleAfter ?? STALE_AFTER_MS)} (updater.staleAfter)`;
  const failure = error === null ? '' : `; a later update failed: ${error}`;
  return `${feed} is ${age}; it was last updated on ${new Date(updated).toISOString()}${failure}`;
}

/**
 * Returns the diagnostic of a feed with skipped advisories. A skipped advisory can be about any package, so the reports
 * on all releases that the feed covers have the diagnostic.
 */
function skippedDiagnostics({ feed, recordDiagnostics }: FeedState): readonly Diagnostic[] {
  const skipped = skippedCount(recordDiagnostics);
  if (skipped === 0) return [];
  const examples = recordDiagnostics.examples.filter(({ kind }) => kind === 'skipped');
  const example = exampleOf(examples.map((each) => each.message));
  const what = skipped === 1 ? `1 entry of ${feed} was` : `${skipped} entries of ${feed} were`;
  const message = `${what} skipped in whole or in part${example}`;
  return [{ code: 'feed-record-skipped', message, where: feed }];
}

/**
 * Returns the diagnostics about inexact advisories. Clair applies an inexact advisory as broadly as possible, and its
 * findings have the status `unknown`. The diagnostics count findings; `clair feeds` counts all inexact advisories.
 */
function inexactDiagnostics(matches: readonly Match[]): readonly Diagnostic[] {
  const inexact = matches.filter(({ status }) => status === 'unknown');
  const feeds = [...new Set(inexact.map(({ vulnerability }) => vulnerability.feed))];
  return feeds.toSorted().map((feed) => {
    const found = inexact.filter(({ vulnerability }) => vulnerability.feed === feed);
    const named = found.slice(0, MAX_NAMED_PAIRS).map((each) => `${each.vulnerability.name} in ${each.feature.name}`);
    const more = found.length > named.length ? ', …' : '';
    const count = found.length === 1 ? '1 finding comes' : `${found.length} findings come`;
    const message = `${count} from ${feed} advisories that Clair could read only in part and applied as broadly as possible: ${named.join(', ')}${more}`;
    return { code: 'feed-record-inexact', message, where: feed };
  });
}

function exampleOf([example]: readonly string[]): string {
  return example === undefined ? '' : `, for example: ${example}`;
}

/** The maximum number of pairs of a vulnerability and a package that a diagnostic names. */
const MAX_NAMED_PAIRS = 3;

/**
 * Returns a diagnostic for each feed that has not decided about packages, and a diagnostic for packages that are
 * undecided because their epochs are unknown.
 */
function undecidedDiagnostics(all: readonly Undecided[]): readonly Diagnostic[] {
  const lost = all.filter((each) => isEpochLost(each));
  const undecided = all.filter((each) => !isEpochLost(each));
  const feeds = [...new Set(undecided.map(({ feed }) => feed))];
  const ofFeeds = feeds.toSorted().map((feed): Diagnostic => {
    const { what, named } = pairWords(undecided.filter((each) => each.feed === feed));
    const message = `${feed} has not decided yet whether ${what} affected: ${named}`;
    return { code: 'feed-undecided', message, where: feed };
  });
  if (lost.length === 0) return ofFeeds;
  const { what, named } = pairWords(lost);
  const message = `the SBOM lacks epochs, so it is unknown whether ${what} affected: ${named}`;
  return [...ofFeeds, { code: 'package-epoch-unknown', message, where: 'SBOM' }];
}

/**
 * Returns whether a pair is undecided because the epoch is unknown. The feed itself has not decided a pair with the
 * status `under-investigation`, even if the epoch is unknown.
 */
function isEpochLost({ feature, status }: Undecided): boolean {
  return status === 'undetermined' && isSystemPackage(feature) && feature.epoch === 'unknown';
}

function pairWords(pairs: readonly Undecided[]): { readonly what: string; readonly named: string } {
  const first = pairs.slice(0, MAX_NAMED_PAIRS).map((each) => `${each.vulnerability} in ${each.feature.name}`);
  const packages = new Set(pairs.map((each) => `${each.feature.name} ${each.feature.version}`)).size;
  return {
    what: packages === 1 ? '1 package is' : `${packages} packages are`,
    named: `${first.join(', ')}${pairs.length > first.length ? ', …' : ''}`,
  };
}
