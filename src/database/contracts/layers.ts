import type { Digest } from '../../model/digest.ts';
import type { FeatureChange, Layer, LocatedFeature, OwnerChange } from '../../model/layer.ts';

export type LayerStore = {
  /** The layer of that name that the newest engine analysed. */
  readonly find: (name: string) => Promise<Layer | undefined>;
  readonly get: (id: number) => Promise<Layer | undefined>;
  /** The layer and its ancestors, base first. */
  readonly chain: (id: number) => Promise<readonly Layer[]>;
  /**
   * Stores a layer whole, or not at all; one that is there already, by name and engine version, stays as it is.
   *
   * @throws ClairError `layer/parent-unknown` when its parent was removed meanwhile.
   */
  readonly insert: (layer: NewLayer) => Promise<Layer>;
  readonly features: (id: number) => Promise<readonly LocatedFeature[]>;
  /** How many features are installed in each namespace, by its name; the empty name is that of features no feed can cover. */
  readonly namespaces: (id: number) => Promise<ReadonlyMap<string, number>>;
  /** What the layer itself adds and removes; packages that only changed their namespace are neither. */
  readonly changes: (id: number) => Promise<readonly FeatureChange[]>;
  /** How many packages each layer of the chain of a layer adds and removes, by its id; layers that do neither are absent. */
  readonly changeCounts: (id: number) => Promise<ReadonlyMap<number, ChangeCounts>>;
  /** The stored contents of a content digest, as they were packed, if this engine read it before. */
  readonly contents: (digest: Digest, engineVersion: number) => Promise<Uint8Array | undefined>;
  /** Keeps the contents of a content digest before any layer has them. */
  readonly keepContents: (digest: Digest, engineVersion: number, contents: Uint8Array) => Promise<void>;
  /**
   * Forgets the layers of that name, all that were built on them, and the images of which one was the topmost. Gives how
   * many layers there were; what their bytes say by themselves is kept, by digest.
   */
  readonly remove: (name: string) => Promise<number>;
  /** Notes that layers were asked for at a time, in milliseconds since 1970; only its day is kept. */
  readonly noteUse: (ids: readonly number[], at: number) => Promise<void>;
  /** How many layers only an older engine has analysed. */
  readonly countOutdated: (engineVersion: number) => Promise<number>;
};

export type ChangeCounts = { readonly added: number; readonly removed: number };

export type NewLayer = Omit<Layer, 'id' | 'parent' | 'depth'> & {
  readonly parent: Pick<Layer, 'id' | 'depth'> | null;
  readonly changes: readonly FeatureChange[];
  /** The located features whose owner differs from the one at the parent. Owners are installed at the layer. */
  readonly owners: readonly OwnerChange[];
  /** What the layer says by itself, packed. */
  readonly contents: Uint8Array;
};
