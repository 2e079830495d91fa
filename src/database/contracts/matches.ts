import type { AffectedImport, AffectedPackage } from '../../model/advisories/advisory.ts';
import type { Match, Undecided, Verdicts } from '../../model/report/match.ts';
import type { IndexedImage } from './images.ts';

export type MatchStore = {
  /** Returns the matches of all packages installed at a layer. */
  readonly ofLayer: (id: number) => Promise<readonly Match[]>;
  /**
   * Returns the pairs of an installed package and a vulnerability for which it is undecided whether the vulnerability
   * affects the package. Each pair occurs once per feed and name.
   */
  readonly undecided: (id: number) => Promise<readonly Undecided[]>;
  /** Returns the matches, the undecided pairs and the notes of a layer in one query. */
  readonly verdicts: (id: number) => Promise<Verdicts>;
  /**
   * Returns the matches that affected packages of some types would have at later versions. There is one match, with
   * names only, for each range that starts above the installed version. With the later matches, a report detects that a
   * fixed version is affected again, or by another advisory.
   */
  readonly later: (id: number, types: readonly string[]) => Promise<readonly Match[]>;
  /** The packages and functions that advisories name for Go modules of a namespace. */
  readonly imports: (vulnerabilities: readonly string[], namespace: string) => Promise<readonly ModuleImports[]>;
  /**
   * Returns the layers that introduce a package affected by one of these vulnerabilities, each once, by id. If several
   * engine versions analysed a layer, the newest version is used.
   */
  readonly introducingLayers: (
    vulnerabilities: readonly string[],
    page: LayerPage,
  ) => Promise<readonly LayerReference[]>;
  /**
   * Returns layers as `introducingLayers` does, but for an advisory that need not be stored. The layers introduce a
   * package that `affected` matches, but no package that `except` matches.
   */
  readonly affectedLayers: (of: AffectedLayersQuery, page: LayerPage) => Promise<readonly LayerReference[]>;
  /** Returns the features that `affected` matches and `except` does not match, once for each product. */
  readonly affectedFeatures: (of: AffectedLayersQuery) => Promise<readonly AffectedFeature[]>;
  /**
   * Returns the images in which one of these vulnerabilities affects a package at the topmost layer, whichever layer
   * introduced the package. Each image occurs once, in the order of its lowest introducing layer, then by id. A call
   * examines a limited number of images and may return fewer images than `limit`, or no images, while `next` is set.
   */
  readonly affectedImages: (vulnerabilities: readonly string[], page: AffectedImagePage) => Promise<AffectedImages>;
  /** Returns images as `affectedImages` does, but for affected packages of an advisory that need not be stored. */
  readonly imagesAffectedBy: (affected: readonly AffectedPackage[], page: AffectedImagePage) => Promise<AffectedImages>;
};

export type AffectedLayersQuery = {
  readonly affected: readonly AffectedPackage[];
  readonly except?: readonly AffectedPackage[];
};

/** A feature that an advisory affects. */
export type AffectedFeature = {
  readonly feature: number;
  /** The product to which the effect is limited; empty for all products. */
  readonly cpe: string;
  /**
   * The effect does not apply to images of these products, because there the packages of `except` include the feature.
   */
  readonly unless: readonly string[];
  readonly affected: AffectedPackage;
};

/** The packages and functions that an advisory lists for one Go module, in one or several of its ranges. */
export type ModuleImports = {
  readonly vulnerability: string;
  readonly module: string;
  /** The vulnerable packages; absent if the advisory names no packages. */
  readonly imports?: readonly AffectedImport[];
};

/** A page of at most `limit` layers with ids above `after` (0 for the first page). */
export type LayerPage = { readonly after: number; readonly limit: number };

export type LayerReference = { readonly id: number; readonly name: string };

/** A page of at most `limit` images after the position `after` (undefined for the first page). */
export type AffectedImagePage = { readonly after: ImagePosition | undefined; readonly limit: number };

/** A position in the order by layer, then by image. */
export type ImagePosition = { readonly layer: number; readonly image: number };

export type AffectedImages = {
  readonly images: readonly IndexedImage[];
  /** The start of the next page; undefined on the last page. */
  readonly next: ImagePosition | undefined;
};
