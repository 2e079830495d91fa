import type { Store } from '../database/store.ts';
import type { Layer } from '../model/layer.ts';
import type { Problem } from '../model/problem.ts';
import { isStale, type SourceState } from '../model/source.ts';

/**
 * All that must be said about the answers for a layer: what is wrong with the layer itself, and what the sources
 * cannot tell about its release at this moment.
 *
 * @param now milliseconds since 1970
 */
export async function layerProblems(store: Store, layer: Layer, now: number): Promise<readonly Problem[]> {
  if (layer.distribution === null) return layer.problems;
  const { namespace, prettyName } = layer.distribution;
  const covering = await store.sources.covering(namespace);
  const problems: Problem[] = [];
  if (covering.length === 0) {
    const message = `no source has data for ${namespace} (${prettyName}): its packages could not be matched`;
    problems.push({ code: 'namespace-without-data', message, where: namespace });
  }
  const unknown = covering.length === 0 ? [] : await unlistedContentSets(store, layer);
  if (unknown.length > 0) {
    const message = `of which products the packages of ${shortList(unknown)} are is not known`;
    problems.push({ code: 'content-set-unknown', message, where: namespace });
  }
  for (const state of await store.sources.all()) {
    const { source, unclear } = state;
    if (!covering.includes(source)) continue;
    if (isStale(state, now)) problems.push({ code: 'source-stale', message: staleMessage(state), where: source });
    if (unclear.count === 0) continue;
    const examples = unclear.examples.length === 0 ? '' : `, for example: ${unclear.examples[0]}`;
    const message = `${unclear.count} records of ${source} could not be understood${examples}`;
    problems.push({ code: 'source-record-unclear', message, where: source });
  }
  return [...layer.problems, ...problems];
}

async function unlistedContentSets(store: Store, { contentSets }: Layer): Promise<readonly string[]> {
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

function staleMessage({ source, lastSuccess, error }: SourceState): string {
  const since = lastSuccess === null ? 'never' : `last on ${new Date(lastSuccess).toISOString()}`;
  return `${source} was updated ${since}${error === null ? '' : `, and then failed: ${error}`}`;
}
