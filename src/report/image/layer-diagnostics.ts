import type { Store } from '../../database/contracts/store.ts';
import type { Distribution } from '../../model/releases/distribution.ts';
import { ENRICHMENT_FEEDS } from '../../model/enrichment.ts';
import type { Layer } from '../../model/layer.ts';
import type { Report } from '../../model/report/report.ts';
import { layerCoverage, usedFeeds } from './layer-coverage.ts';
import type { Match, Undecided, Verdicts } from '../../model/report/match.ts';
import type { Diagnostic } from '../../model/report/diagnostic.ts';
import { supportOf } from '../../model/releases/support/release-support.ts';
import { isStale, type FeedState, saysSkipped, skippedCount } from '../../model/feed.ts';

/**
 * All that must be said about the answers for a layer: what is wrong with the layer itself, and what the feeds
 * cannot tell about its release and its packages at this moment.
 *
 * @param now milliseconds since 1970
 * @param known what the feeds say of the layer's packages, and which of them cover it; read when absent
 */
export async function layerDiagnostics(
  store: LayerQuestions,
  layer: Layer,
  now: number,
  known: { readonly verdicts?: Verdicts; readonly coverage?: Report['coverage'] } = {},
): Promise<readonly Diagnostic[]> {
  const { distribution } = layer;
  const coverage = known.coverage ?? (await layerCoverage(store, layer));
  const diagnostics: Diagnostic[] = [];
  for (const { namespace, feeds } of coverage) {
    if (namespace === null || feeds.length > 0) continue;
    const name = namespace === distribution?.namespace ? `${namespace} (${distribution.prettyName})` : namespace;
    const message = `no imported feed covers ${name}, so its packages were not checked`;
    diagnostics.push({ code: 'namespace-without-data', message, where: namespace });
  }
  if (distribution !== null) {
    diagnostics.push(...endOfLifeDiagnostics(distribution, now));
    const isCovered = coverage.some(({ namespace, feeds }) => namespace === distribution.namespace && feeds.length > 0);
    const unknown = isCovered ? await unlistedContentSets(store, layer) : [];
    if (unknown.length > 0) {
      const message = `of which products the packages of ${shortList(unknown)} are is not known`;
      diagnostics.push({ code: 'content-set-unknown', message, where: distribution.namespace });
    }
  }
  const covering = usedFeeds(coverage);
  for (const state of await store.feeds.all()) {
    const isUsed = covering.has(state.feed);
    if (state.refused !== null && (isUsed || ENRICHED_BY.has(state.feed))) diagnostics.push(refusedDiagnostic(state));
    if (!isUsed) continue;
    if (isStale(state, now)) diagnostics.push({ code: 'feed-stale', message: staleMessage(state), where: state.feed });
    diagnostics.push(...skippedDiagnostics(state));
  }
  const { matches, undecided } = known.verdicts ?? (await store.matches.verdicts(layer.id));
  diagnostics.push(...inexactDiagnostics(matches), ...undecidedDiagnostics(undecided));
  return [...layer.diagnostics, ...diagnostics];
}

/** What is asked of the store about a layer. */
type LayerQuestions = Pick<Store, 'layers' | 'matches' | 'repositories' | 'feeds'>;

function endOfLifeDiagnostics({ namespace, prettyName }: Distribution, now: number): readonly Diagnostic[] {
  const support = supportOf(namespace, new Date(now).toISOString().slice(0, 'YYYY-MM-DD'.length));
  if (support.kind !== 'ended') return [];
  const { on, source, later } = support;
  const rest = later === undefined ? '' : ` ${later.extension.name} until ${later.until} is not in the feeds of Clair.`;
  const message =
    `support of ${namespace} (${prettyName}) ended on ${on} (${source}): vulnerabilities that were found since are missing.${rest}` +
    ' Move to a supported release, or accept this with --allow-eol';
  return [{ code: 'release-end-of-life', message, where: namespace }];
}

/** Every report uses these, whatever the release. */
const ENRICHED_BY: ReadonlySet<string> = new Set(Object.values(ENRICHMENT_FEEDS));

function refusedDiagnostic({ feed, refused, lastSuccess }: FeedState): Diagnostic {
  const age = lastSuccess === null ? 'older data' : `the data of ${new Date(lastSuccess).toISOString()}`;
  const message = `${refused}. This report uses ${age}; newer advisories may be missing. If the smaller feed is right, run \`clair update --feed ${feed} --allow-shrink\``;
  return { code: 'feed-update-refused', message, where: feed };
}

async function unlistedContentSets(store: LayerQuestions, { contentSets }: Layer): Promise<readonly string[]> {
  if (contentSets.length === 0) return [];
  const listed = await store.repositories.cpesOf(contentSets);
  return contentSets.filter((name) => !listed.has(name));
}

/** The first few, and how many more there are. */
function shortList(names: readonly string[]): string {
  const more = names.length - MAX_NAMED;
  return `${names.slice(0, MAX_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

const MAX_NAMED = 5;

function staleMessage({ feed, lastSuccess, error }: FeedState): string {
  const since = lastSuccess === null ? 'never' : `last on ${new Date(lastSuccess).toISOString()}`;
  return `${feed} was updated ${since}${error === null ? '' : `, and then failed: ${error}`}`;
}

/** Nothing tells which packages a skipped record is about, so it is told wherever its feed covers the release. */
function skippedDiagnostics({ feed, recordDiagnostics }: FeedState): readonly Diagnostic[] {
  const skipped = skippedCount(recordDiagnostics);
  if (skipped === 0) return [];
  const example = exampleOf(recordDiagnostics.examples.filter((each) => saysSkipped(each)));
  const what = skipped === 1 ? `1 record of ${feed} was` : `${skipped} records of ${feed} were`;
  const message = `${what} skipped, as a whole or in part${example}`;
  return [{ code: 'feed-record-skipped', message, where: feed }];
}

/**
 * Records that were taken in the widest sense are findings with the state `unknown`: only those of installed packages matter to
 * a reader. `clair feeds` counts all of them.
 */
function inexactDiagnostics(matches: readonly Match[]): readonly Diagnostic[] {
  const inexact = matches.filter(({ status }) => status === 'unknown');
  const feeds = [...new Set(inexact.map(({ vulnerability }) => vulnerability.feed))];
  return feeds.toSorted().map((feed) => {
    const found = inexact.filter(({ vulnerability }) => vulnerability.feed === feed);
    const named = found.slice(0, MAX_NAMED_PAIRS).map((each) => `${each.vulnerability.name} in ${each.feature.name}`);
    const more = found.length > named.length ? ', …' : '';
    const count = found.length === 1 ? '1 finding rests' : `${found.length} findings rest`;
    const message = `${count} on advisories of ${feed} that could not be understood in all, and were taken in the widest sense: ${named.join(', ')}${more}`;
    return { code: 'feed-record-inexact', message, where: feed };
  });
}

function exampleOf([example]: readonly string[]): string {
  return example === undefined ? '' : `, for example: ${example}`;
}

/** How many pairs of a vulnerability and a package a diagnostic names. */
const MAX_NAMED_PAIRS = 3;

/** One for each source. */
function undecidedDiagnostics(undecided: readonly Undecided[]): readonly Diagnostic[] {
  const feeds = [...new Set(undecided.map(({ feed }) => feed))];
  return feeds.toSorted().map((feed) => {
    const pairs = undecided.filter((each) => each.feed === feed);
    const named = pairs.slice(0, MAX_NAMED_PAIRS).map((each) => `${each.vulnerability} in ${each.feature.name}`);
    const packages = new Set(pairs.map((each) => `${each.feature.name} ${each.feature.version}`)).size;
    const what = packages === 1 ? '1 package is' : `${packages} packages are`;
    const message = `${feed} has not decided yet whether ${what} affected: ${named.join(', ')}`;
    return {
      code: 'feed-undecided',
      message: `${message}${pairs.length > named.length ? ', …' : ''}`,
      where: feed,
    };
  });
}
