import type { Store } from '../database/store.ts';
import type { Layer } from '../model/layer.ts';
import type { Problem } from '../model/problem.ts';

/**
 * All that must be said about the answers for a layer: what is wrong with the layer itself, and what the sources
 * cannot tell about its release at this moment.
 */
export async function layerProblems(store: Store, layer: Layer): Promise<readonly Problem[]> {
  if (layer.distribution === null) return layer.problems;
  const { namespace, prettyName } = layer.distribution;
  const covering = await store.sources.covering(namespace);
  const problems: Problem[] = [];
  if (covering.length === 0) {
    const message = `no source has data for ${namespace} (${prettyName}): its packages could not be matched`;
    problems.push({ code: 'namespace-without-data', message, where: namespace });
  }
  for (const { source, unclear } of await store.sources.all()) {
    if (!covering.includes(source) || unclear.count === 0) continue;
    const examples = unclear.examples.length === 0 ? '' : `, for example: ${unclear.examples[0]}`;
    const message = `${unclear.count} records of ${source} could not be understood${examples}`;
    problems.push({ code: 'source-record-unclear', message, where: source });
  }
  return [...layer.problems, ...problems];
}
