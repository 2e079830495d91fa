import type { AffectedPackage } from '../../model/advisories/advisory.ts';
import type { Match, Undecided, Verdicts } from '../../model/report/match.ts';
import type { IndexedImage } from './images.ts';

export type MatchStore = {
  /** Forward: every vulnerability of every package that is installed at a layer. */
  readonly ofLayer: (id: number) => Promise<readonly Match[]>;
  /**
   * Every vulnerability of every package that is installed at a layer of which its source does not say whether it affects
   * the package, by feed and name; each pair of them once, and none that is a match.
   */
  readonly undecided: (id: number) => Promise<readonly Undecided[]>;
  /** Both at the cost of one. */
  readonly verdicts: (id: number) => Promise<Verdicts>;
  /**
   * The matches that affected packages of some types would have at later versions: one for each range that begins above the version
   * installed at a layer, with names only (links and descriptions are empty). They tell whether a fixed version is affected by
   * another advisory, or again.
   */
  readonly later: (id: number, types: readonly string[]) => Promise<readonly Match[]>;
  /**
   * Backward: the layers that bring in a package affected by a vulnerability of one of these names, each once, in order of their
   * id; of a layer that several engines analysed, what the newest found.
   */
  readonly introducingLayers: (
    vulnerabilities: readonly string[],
    page: LayerPage,
  ) => Promise<readonly LayerReference[]>;
  /**
   * The same for what an advisory says, whether it is stored or not: the layers that bring in a package which `affected`
   * finds affected, and none which `except` does.
   */
  readonly affectedLayers: (of: AffectedLayersQuery, page: LayerPage) => Promise<readonly LayerReference[]>;
  /**
   * The images in which a package is installed at the topmost layer that a vulnerability of one of these names affects,
   * whichever layer brought it: each once, in the order in which the first layer of each that brings such a package in became
   * known, and then by their ids. Never more than `limit`; one call looks at so many images only, and may give fewer, or
   * none, while `next` leads on.
   */
  readonly affectedImages: (vulnerabilities: readonly string[], page: AffectedImagePage) => Promise<AffectedImages>;
};

export type AffectedLayersQuery = {
  readonly affected: readonly AffectedPackage[];
  readonly except?: readonly AffectedPackage[];
};

/** A page of layers: those with an id above `after` (0 for the first page), at most `limit`. */
export type LayerPage = { readonly after: number; readonly limit: number };

export type LayerReference = { readonly id: number; readonly name: string };

/** A page of images: those behind `after`, undefined for the first page, at most `limit`. */
export type AffectedImagePage = { readonly after: ImagePosition | undefined; readonly limit: number };

/** A place among the images that layers are in: by the ids of a layer and of an image, the layer first. */
export type ImagePosition = { readonly layer: number; readonly image: number };

export type AffectedImages = {
  readonly images: readonly IndexedImage[];
  /** Behind what the next page starts; undefined when there are no more. */
  readonly next: ImagePosition | undefined;
};
