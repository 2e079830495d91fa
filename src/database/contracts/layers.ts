import type { Digest } from '../../model/digest.ts';
import type { EngineVersion } from '../../model/engine/engine-version.ts';
import type { SbomStatement } from '../../model/report/sbom-statement.ts';
import type { ProgramChange } from '../../model/programs/program.ts';
import type { ProgramFunctions } from '../../model/reachability.ts';
import type { FeatureChange, Layer, LocatedFeature, OwnerChange } from '../../model/layer.ts';

export type LayerStore = {
  /**
   * Returns the layer with this name that is current for the engine ({@link isCurrent}) and has the newest engine
   * version. If no layer is current, or without `engine`, returns the most recently analysed layer with this name.
   */
  readonly find: (name: string, engine?: EngineVersion) => Promise<Layer | undefined>;
  /**
   * Returns the layer with this name that is current for the engine and has the newest engine version. In a report
   * (`Store.together`, `Store.snapshot`), PostgreSQL returns the packages of the layer with the same round trip, so
   * callers that do not need the packages must use `find`.
   */
  readonly findCurrent: (name: string, engine: EngineVersion) => Promise<Layer | undefined>;
  readonly get: (id: number) => Promise<Layer | undefined>;
  /** Returns the layer and its ancestors, base first. */
  readonly chain: (id: number) => Promise<readonly Layer[]>;
  /**
   * Stores a layer completely or not at all; an existing layer with this name and engine version stays unchanged.
   *
   * @throws ClairError `layer/parent-unknown` if the layer's parent was removed in the meantime. {@link FilesChanged}
   * if the watched files no longer have the revision `filesRevision`.
   */
  readonly insert: (layer: NewLayer) => Promise<Layer>;
  /** The installed packages, without the files that file rules name. */
  readonly features: (id: number) => Promise<readonly LocatedFeature[]>;
  /** The watched files whose state at the layer is unknown, or is a state that a file rule names. */
  readonly files: (id: number) => Promise<readonly LocatedFeature[]>;
  /** The functions of the Go programs that are installed at the layer, by path. */
  readonly programs: (id: number) => Promise<ReadonlyMap<string, ProgramFunctions>>;
  /** The {@link programIdentity} of the Go programs that are installed at the layer, by path. */
  readonly programIds: (id: number) => Promise<ReadonlyMap<string, string>>;
  /** The VEX statements of the layer of an SBOM; empty for other layers. */
  readonly statements: (id: number) => Promise<readonly SbomStatement[]>;
  /**
   * The number of installed packages in each namespace, except library packages to which the advisories of the
   * distribution apply. The empty name is for packages that no feed can cover.
   */
  readonly namespaces: (id: number) => Promise<ReadonlyMap<string, number>>;
  /**
   * Packages that the layer itself adds and removes, except packages of which only the namespace, the flags or
   * `judgedBy` changed.
   */
  readonly changes: (id: number) => Promise<readonly FeatureChange[]>;
  /**
   * The numbers of packages that each layer of the chain adds and removes, by the id of the layer. Layers without
   * changes are absent.
   */
  readonly changeCounts: (id: number) => Promise<ReadonlyMap<number, ChangeCounts>>;
  /** The packed contents for a content digest; undefined if this engine version has not analysed the content. */
  readonly contents: (digest: Digest, engineVersion: number) => Promise<Uint8Array | undefined>;
  /** Stores contents by content digest before a layer refers to them. */
  readonly keepContents: (digest: Digest, engineVersion: number, contents: Uint8Array) => Promise<void>;
  /** Returns the diff ID of bytes that {@link noteBlob} recorded, by the digest of the bytes. */
  readonly diffIdOf: (blob: Digest) => Promise<Digest | undefined>;
  /**
   * Records the diff ID of bytes that were read and verified. A diff ID that an image merely states must never be
   * recorded, because another image could then get the contents of the wrong layer. Housekeeping removes the diff ID
   * with the contents.
   */
  readonly noteBlob: (blob: Digest, diffId: Digest) => Promise<void>;
  /**
   * Removes the layers with a name, all layers above these layers, and the images whose topmost layer is removed.
   * Returns the number of layers. Keeps layer contents, which are stored by digest.
   */
  readonly remove: (name: string) => Promise<number>;
  /** Records when layers were requested, in milliseconds since 1970; only the day is stored. */
  readonly noteUse: (ids: readonly number[], at: number) => Promise<void>;
  /** Returns the number of layers that have no current version ({@link isCurrent}) for an engine. */
  readonly countOutdated: (engineVersion: EngineVersion) => Promise<number>;
};

export type ChangeCounts = { readonly added: number; readonly removed: number };

export type NewLayer = Omit<Layer, 'id' | 'parent' | 'depth'> & {
  readonly parent: Pick<Layer, 'id' | 'depth'> | null;
  readonly changes: readonly FeatureChange[];
  /** Located features whose owner differs from the owner at the parent. Owners are installed at the layer. */
  readonly owners: readonly OwnerChange[];
  /** The paths whose Go program differs from the program at the parent. */
  readonly programs: readonly ProgramChange[];
  /** The VEX statements of an SBOM; none when absent. */
  readonly statements?: readonly SbomStatement[];
  /**
   * The revision of the file rules that was used to compute the points in the changes. Defaults to 0, the revision
   * without file rules.
   */
  readonly filesRevision?: number;
  /** The packed contents of the layer itself, without the layers below. */
  readonly contents: Uint8Array;
};

/** The watched files have changed since their points were computed, so the caller must compute the points again. */
export class FilesChanged extends Error {
  override readonly name = 'FilesChanged';
}
