import type { Digest } from './digest.ts';
import type { Distribution } from './releases/distribution.ts';
import type { Feature, SystemPackage } from './feature.ts';
import type { Diagnostic } from './report/diagnostic.ts';

/** A layer that is known: what was found when it was laid over its parents. */
export type Layer = {
  readonly id: number;
  /** The name that a client gave it, or the ChainID (image-spec, config.md#layer-chainid) for a layer of an image. */
  readonly name: string;
  readonly engineVersion: number;
  /** Digest of the uncompressed tar; of a layer in another layout than Docker's, one made from it. */
  readonly digest: Digest;
  readonly parent: number | null;
  /** 0 for a layer without a parent; in an image, the index of the layer. */
  readonly depth: number;
  /** The operating system as it is at this layer; null when there is none. */
  readonly distribution: Distribution | null;
  /** The repositories that its packages come from, where the image tells them (Red Hat): sorted, each once. */
  readonly contentSets: readonly string[];
  /** Everything that is known to be wrong with the answers about this layer, its parents' diagnostics included. */
  readonly diagnostics: readonly Diagnostic[];
};

/** A feature that is installed at a layer. */
export type LocatedFeature = {
  readonly feature: Feature;
  /** The namespace in which it is matched; empty for a feature that no feed can cover, such as a package of a third party. */
  readonly namespace: string;
  /** Where it is in the image, from the root; empty for packages that the database of a package manager lists. */
  readonly path: string;
  /** The depth of the layer that added its present version. */
  readonly originDepth: number;
  /**
   * The package that owns its file, of the packages that are installed at the layer; absent for a file that none owns, or that a
   * later layer than that of the package replaced. Nobody verifies that the content of the file is that of the package: what
   * replaces the file in the layer that installs the package counts as the package's.
   */
  readonly owner?: FeatureOwner;
};

/** A package of a distribution that owns files, with the namespace in which it is matched. */
export type FeatureOwner = { readonly feature: SystemPackage; readonly namespace: string };

/** One difference between a layer and its parent. */
export type FeatureChange = Omit<LocatedFeature, 'owner'> & { readonly change: 1 | -1 };

/** A located feature whose owner differs from the one at the parent of a layer; null when no package owns its file any more. */
export type OwnerChange = Pick<LocatedFeature, 'feature' | 'namespace' | 'path'> & {
  readonly owner: FeatureOwner | null;
};
