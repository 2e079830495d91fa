import type { Digest } from './digest.ts';
import type { EngineVersion } from './engine/engine-version.ts';
import type { Distribution } from './releases/distribution.ts';
import { type Feature, flagsOf, type SystemPackage } from './feature.ts';
import type { StoredDiagnostic } from './report/owned-diagnostics.ts';

/** A stored layer, with the contents of the image up to this layer. */
export type Layer = {
  readonly id: number;
  /** The name from the client, or the ChainID (image-spec, config.md#layer-chainid) for a layer of an image. */
  readonly name: string;
  readonly engineVersion: EngineVersion;
  /**
   * The digest of the uncompressed tar or, for layouts other than the Docker layout, a digest that is derived from this
   * digest.
   */
  readonly digest: Digest;
  readonly parent: number | null;
  /** The index of the layer in an image; 0 without a parent. */
  readonly depth: number;
  /** The operating system of the image up to this layer; null without an operating system. */
  readonly distribution: Distribution | null;
  /** The sorted, distinct repositories of the packages, if the image names them (Red Hat). */
  readonly contentSets: readonly string[];
  /** The diagnostics of this layer and its ancestors. */
  readonly diagnostics: readonly StoredDiagnostic[];
};

/** An installed feature. */
export type LocatedFeature = {
  readonly feature: Feature;
  /**
   * The namespace in which the feature is matched; empty if no feed can cover the feature, such as a third-party
   * package.
   */
  readonly namespace: string;
  /**
   * The namespace of the distribution package that owns the file, such as `debian:12`. While a feed covers this
   * namespace and the release has not reached its end of life, the distribution's advisories apply instead of the
   * advisories of the feature's ecosystem. Absent for files without an owner, and for owners that no feed can cover.
   */
  readonly judgedBy?: string;
  /** The path in the image from the root; empty for packages of a package database. */
  readonly path: string;
  /** The depth of the layer that added the current version. */
  readonly originDepth: number;
  /**
   * The installed package that owns the file. Absent if no package owns the file, if a layer above the package replaced
   * the file, or if only the type of the owner is known. The content of the file is not verified, so a file that was
   * replaced in the layer that installed the package still counts as owned.
   */
  readonly owner?: FeatureOwner;
};

/** The properties of a located feature that a layer may change without installing the feature again. */
export type FeatureRow = Pick<LocatedFeature, 'feature' | 'namespace' | 'judgedBy'>;

/** Returns whether these properties of a feature are equal in two layers. */
export function isSameRow(one: FeatureRow, other: FeatureRow): boolean {
  return (
    one.namespace === other.namespace &&
    one.judgedBy === other.judgedBy &&
    flagsOf(one.feature).join() === flagsOf(other.feature).join()
  );
}

/** A distribution package that owns files, with its namespace. */
export type FeatureOwner = { readonly feature: SystemPackage; readonly namespace: string };

/** A difference between a layer and its parent. */
export type FeatureChange = Omit<LocatedFeature, 'owner'> & { readonly change: 1 | -1 };

/**
 * A located feature whose owner differs from the owner at the parent layer. `owner` is null if no package owns the file
 * any more.
 */
export type OwnerChange = Pick<LocatedFeature, 'feature' | 'namespace' | 'judgedBy' | 'path'> & {
  readonly owner: FeatureOwner | null;
};
