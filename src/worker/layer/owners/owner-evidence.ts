import { ecosystemOf } from '../../../ecosystems/index.ts';
import type { SystemPackage } from '../../../model/feature.ts';
import { placeKey } from '../features/feature-census.ts';

/**
 * The installed packages of a distribution that may own a file: if there are several packages, one of them owns the
 * file.
 */
export type OwnerEvidence = {
  readonly packages: readonly [SystemPackage, ...SystemPackage[]];
  /**
   * The topmost layer that added or replaced the file (`FileNode.depth`), or a link in the path that the package lists.
   */
  readonly depth: number;
};

/** The owners by `placeKey()`. */
export type FeatureOwners = ReadonlyMap<string, OwnerEvidence>;

/**
 * Returns the packages that own a file at a layer. A package does not own a file that a layer above the layer of the
 * package added, because that layer replaced the file without the package manager.
 *
 * @param originOf returns the index of the layer that added a package, given its `placeKey()`; undefined if the package
 * is not installed
 */
export function ownersAtLayer(
  { packages, depth }: OwnerEvidence,
  originOf: (key: string) => number | undefined,
): readonly SystemPackage[] {
  return packages.filter((feature) => {
    const origin = originOf(placeKey({ feature, path: '' }));
    return origin !== undefined && origin >= depth;
  });
}

/**
 * Returns the namespace of the owner of a file at a layer; empty if there is no owner, if no feed can cover the owner,
 * or if the possible owners have different namespaces.
 *
 * @param originOf the same function as for {@link ownersAtLayer}
 * @param namespace the namespace of the layer's release; empty for none
 */
export function judgeAtLayer(
  evidence: OwnerEvidence,
  originOf: (key: string) => number | undefined,
  namespace: string,
): string {
  const possible = ownersAtLayer(evidence, originOf).map((of) => ecosystemOf(of).namespaceOf(of, namespace));
  const [first = '', ...others] = new Set(possible);
  return others.length === 0 ? first : '';
}
