import type { AffectedPackage } from '../../model/advisories/advisory.ts';
import type { Match, Undecided, Verdicts } from '../../model/report/match.ts';
import type { IndexedImage } from './images.ts';

export type MatchStore = {
  /** Returns all vulnerabilities of all packages that are installed at a layer. */
  readonly ofLayer: (id: number) => Promise<readonly Match[]>;
  /**
   * Returns the vulnerabilities of installed packages for which the feed has not decided whether they affect the
   * package; each pair once per feed and name, without pairs that are matches.
   */
  readonly undecided: (id: number) => Promise<readonly Undecided[]>;
  /** Returns both in one query. */
  readonly verdicts: (id: number) => Promise<Verdicts>;
  /**
   * Returns the matches that affected packages of some types would have at later versions: one per range that starts
   * above the installed version, with names only (links and descriptions are empty). They show whether a fixed version
   * is affected by another advisory, or again.
   */
  readonly later: (id: number, types: readonly string[]) => Promise<readonly Match[]>;
  /**
   * Returns the layers that introduce a package affected by a vulnerability with one of these names, each once, by id;
   * of a layer that several engines analysed, the result of the newest.
   */
  readonly introducingLayers: (
    vulnerabilities: readonly string[],
    page: LayerPage,
  ) => Promise<readonly LayerReference[]>;
  /**
   * Like `introducingLayers`, for the content of an advisory, stored or not: the layers that introduce a package which
   * matches `affected`, but none which matches `except`.
   */
  readonly affectedLayers: (of: AffectedLayersQuery, page: LayerPage) => Promise<readonly LayerReference[]>;
  /**
   * Returns the images with a package at the topmost layer that is affected by a vulnerability with one of these names,
   * whichever layer introduced it: each once, in the order of the first layer that introduces such a package, then by
   * id. One call examines a limited number of images and may return fewer than `limit`, or none, while `next` is set.
   */
  readonly affectedImages: (vulnerabilities: readonly string[], page: AffectedImagePage) => Promise<AffectedImages>;
};

export type AffectedLayersQuery = {
  readonly affected: readonly AffectedPackage[];
  readonly except?: readonly AffectedPackage[];
};

/** A page of layers: ids above `after` (0 for the first page), at most `limit`. */
export type LayerPage = { readonly after: number; readonly limit: number };

export type LayerReference = { readonly id: number; readonly name: string };

/** A page of images: behind `after` (undefined for the first page), at most `limit`. */
export type AffectedImagePage = { readonly after: ImagePosition | undefined; readonly limit: number };

/** A position among the images of layers: the layer id, then the image id. */
export type ImagePosition = { readonly layer: number; readonly image: number };

export type AffectedImages = {
  readonly images: readonly IndexedImage[];
  /** The start of the next page; undefined at the end. */
  readonly next: ImagePosition | undefined;
};
