import { featureIdentity } from './feature.ts';
import type { LocatedFeature } from './layer.ts';

/**
 * Returns each feature once for each namespace and `judgedBy`, in input order, with its first path and the lowest layer
 * that added one of its paths.
 */
export function featuresOnce(installed: readonly LocatedFeature[]): readonly LocatedFeature[] {
  const found = new Map<string, LocatedFeature>();
  for (const each of installed) {
    const key = `${each.namespace} ${each.judgedBy ?? ''}\n${featureIdentity(each.feature)}`;
    const known = found.get(key);
    if (known === undefined) found.set(key, each);
    else if (each.originDepth < known.originDepth) found.set(key, { ...known, originDepth: each.originDepth });
  }
  return [...found.values()];
}
