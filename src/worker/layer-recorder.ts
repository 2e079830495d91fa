import type { NewLayer } from '../database/contracts/layers.ts';
import { chainKey } from './layer/chain-key.ts';
import { createLayerFiles } from './files/layer-files.ts';
import type { Store } from '../database/contracts/store.ts';
import type { Digest } from '../model/digest.ts';
import type { Layer } from '../model/layer.ts';
import type { Detector } from './detectors/detector.ts';
import { withOwners } from './detectors/owner-detectors.ts';
import type { LayerContents } from './layer/layer-contents.ts';
import { linkedDigest } from './layer/layer-layout.ts';
import { areSameTargets, type LinkTarget, MAX_PASSES, unitedTargets } from './layer/link-targets.ts';
import { gapsDiagnostic, initialState, type LayerState, type NextState, nextState } from './layer/layer-state.ts';
import type { PlacedFeature } from './layer/features/feature-census.ts';
import {
  featureChanges,
  installedAfter,
  installedByKey,
  type InstalledFeatures,
} from './layer/features/feature-changes.ts';
import type { FeatureOwners } from './layer/owners/owner-evidence.ts';
import { executableDiagnostics } from './layer/executables/executable-diagnostics.ts';
import { programChanges, type ProgramIds, type Programs } from './layer/programs.ts';
import { diagnosticsToStore } from './layer/owners/owned-diagnostics.ts';
import { ownedAfter, ownerChanges } from './layer/owners/owner-changes.ts';
import { unpackContents } from './layer/packed-contents.ts';
import { type LoggedDatabase, loggedDigest } from './logged/logged-databases.ts';
import type { UnreadDatabase, UnreadLogs } from './logged/unread-logs.ts';
import { createRecentStates } from './recent-states.ts';

export type LayerRecorder = {
  /**
   * Stores a layer, or returns the layer with that name that this engine version stored before. If links lead to unread
   * targets, or a database was not read together with its log, stores nothing and returns the unread targets or
   * databases. The caller then reads the layers again and repeats the call.
   *
   * @throws ClairError `layer/parent-unknown`, `database/…`; `bytes/limit-exceeded` for a layer that needs too much
   * memory or time. The abort reason of the signal.
   */
  readonly record: (layer: RecordedLayer, signal?: AbortSignal) => Promise<Recorded>;
  readonly close: () => Promise<void>;
};

export type Recorded = Layer | UnreadTargets | UnreadLogs;

/** Link targets that require layers to be read again. */
export type UnreadTargets = {
  readonly unread: readonly LinkTarget[];
  /** The targets that the layers below were already read for. */
  readonly known: readonly LinkTarget[];
};

export type RecordedLayer = {
  readonly name: string;
  readonly engineVersion: number;
  readonly parent: RecordedParent | null;
  /** The key of the stored contents of the layer. */
  readonly digest: Digest;
  /** The packed contents (`packed-contents.ts`). */
  readonly contents: Uint8Array;
  /** The targets that the readable layers of the chain were read again for; an empty list at first. */
  readonly targets?: readonly LinkTarget[];
  /** Whether the layer is stored even if link targets are still unread. */
  readonly isLast?: boolean;
  /** Whether all databases in readable layers were read together with their logs; the others then stay unread. */
  readonly areLogsRead?: boolean;
};

export type RecordedParent = Pick<Layer, 'id' | 'depth'> & {
  /** The {@link chainKey} of the layer; computed from the database when absent. */
  readonly chain?: string;
};

export type LayerRecorderOptions = {
  readonly store: Pick<Store, 'layers' | 'fileRules'>;
  /** The detectors; the recorder passes them through {@link withOwners}. */
  readonly detectors: readonly Detector[];
};

/**
 * Creates a recorder for the calling thread. The recorder caches the states of recent chains, so that the layers of an
 * image need neither queries nor parsing for the layers below.
 */
export function createLayerRecorder({ store, ...options }: LayerRecorderOptions): LayerRecorder {
  const { layers } = store;
  const files = createLayerFiles(store);
  const detectors = withOwners(options.detectors);
  const recent = createRecentStates<ChainState>();

  async function readingOf(
    { digest, engineVersion }: Pick<Layer, 'digest' | 'engineVersion'>,
    targets: readonly LinkTarget[],
    plain: () => Promise<Uint8Array>,
  ): Promise<Reading> {
    const linked =
      targets.length === 0 ? undefined : await layers.contents(linkedDigest(digest, targets), engineVersion);
    const packed = linked ?? (await plain());
    const contents = unpackContents(packed);
    // An unreadable layer counts as read, because the layer has its own diagnostic.
    const isRead = targets.length === 0 || linked !== undefined || contents.absent !== undefined;
    return { contents, bytes: packed.length, isRead };
  }

  async function readingOfStored(layer: Layer, targets: readonly LinkTarget[]): Promise<Reading> {
    return await readingOf(layer, targets, async () => {
      const contents = await layers.contents(layer.digest, layer.engineVersion);
      if (contents === undefined) throw new Error(`the contents of layer ${layer.name} are missing`);
      return contents;
    });
  }

  /** Applies a layer to a state, with the stored readings of databases with logs. */
  async function laidOver(below: LayerState, reading: Reading, engineVersion: number): Promise<LaidState> {
    const { contents, isRead } = reading;
    let { bytes } = reading;
    const next = nextState(below, contents, detectors, isRead);
    const logged = new Map(below.logged);
    for (const each of next.unlogged) {
      const name = loggedDigest(each);
      const packed = await layers.contents(name, engineVersion);
      bytes += packed?.length ?? 0;
      for (const entry of packed === undefined ? [] : unpackContents(packed).entries) {
        if (entry.kind === 'file' && entry.facts !== undefined) logged.set(name, entry.facts);
      }
    }
    const isSame = logged.size === below.logged.size;
    return { ...(isSame ? next : nextState({ ...below, logged }, contents, detectors, isRead)), bytes };
  }

  /**
   * Computes the state of a chain from stored contents. Also returns `needed`: `targets` and the other link targets
   * that the state needs.
   */
  async function laidAnew(
    chain: readonly Layer[],
    targets: readonly LinkTarget[],
    signal: AbortSignal | undefined,
  ): Promise<{ readonly found: UnstoredState; readonly needed: readonly LinkTarget[] }> {
    let found: UnstoredState = emptyState(targets);
    let needed = targets;
    for (const layer of chain) {
      signal?.throwIfAborted();
      const reading = await readingOfStored(layer, targets);
      const { state, conclusion, gaps, bytes } = await laidOver(found.state, reading, layer.engineVersion);
      needed = unitedTargets(needed, gaps);
      const namespace = conclusion.distribution?.namespace ?? '';
      // The state has no features, because the features of the parent may have been stored before all link targets were
      // read.
      const readable = readableAfter(found.readable, reading, layer.digest);
      const unknown = { features: undefined, owners: undefined, programs: undefined };
      found = { state, ...unknown, namespace, readable, bytes: found.bytes + bytes };
    }
    return { found, needed };
  }

  /**
   * Computes the state of a stored chain for the link targets in `wished`; if `wished` is empty, for the link targets
   * that the layers were read for when they were recorded.
   */
  async function storedState(
    id: number,
    chain: readonly Layer[],
    wished: readonly LinkTarget[],
    signal: AbortSignal | undefined,
  ): Promise<ChainState> {
    let { found, needed } = await laidAnew(chain, wished, signal);
    for (
      let pass = 0;
      pass < MAX_PASSES && wished.length === 0 && needed.length > found.state.targets.length;
      pass += 1
    ) {
      if (!(await isAnyRead(chain, needed))) break;
      ({ found, needed } = await laidAnew(chain, needed, signal));
    }
    return { ...found, ...(await storedFeatures(id)) };
  }

  async function storedFeatures(id: number): Promise<Pick<ChainState, 'layer' | 'installed' | 'programIds'>> {
    const installed = installedByKey(await layers.features(id));
    return { layer: id, installed, programIds: await layers.programIds(id) };
  }

  /**
   * Returns the state with the features that are stored for a layer. The same content may be stored under several
   * names, and some of these layers may have been recorded before all link targets were read; a layer's additions and
   * removals are relative to its own parent.
   */
  async function atLayer(id: number, state: ChainState): Promise<ChainState> {
    return state.layer === id
      ? state
      : { ...state, ...(await storedFeatures(id)), features: undefined, owners: undefined, programs: undefined };
  }

  async function isAnyRead(chain: readonly Layer[], targets: readonly LinkTarget[]): Promise<boolean> {
    for (const { digest, engineVersion } of chain) {
      if ((await layers.contents(linkedDigest(digest, targets), engineVersion)) !== undefined) return true;
    }
    return false;
  }

  async function stateBelow(
    { id, chain: known }: RecordedParent,
    targets: readonly LinkTarget[],
    signal: AbortSignal | undefined,
  ): Promise<{ readonly chain: string; readonly below: ChainState }> {
    const kept = known === undefined ? undefined : recent.get(known);
    if (known !== undefined && kept !== undefined && fits(kept, targets)) {
      return { chain: known, below: await atLayer(id, kept) };
    }
    const layersBelow = await layers.chain(id);
    const chain = layersBelow.reduce<string | undefined>(chainKey, undefined) ?? '';
    const before = kept ?? recent.get(chain) ?? (await storedState(id, layersBelow, [], signal));
    if (fits(before, targets)) return { chain, below: await atLayer(id, before) };
    const anew = await storedState(id, layersBelow, unitedTargets(before.state.targets, targets), signal);
    // If some layers could not be read again, the earlier state is more complete.
    return { chain, below: anew.state.unread > before.state.unread ? await atLayer(id, before) : anew };
  }

  return {
    async record(layer, signal) {
      const { name, engineVersion, parent, digest, targets = [], isLast = false, areLogsRead = false } = layer;
      signal?.throwIfAborted();
      const { chain, below } =
        parent === null ? { chain: undefined, below: emptyState(targets) } : await stateBelow(parent, targets, signal);
      const reading = await readingOf(layer, below.state.targets, async () => layer.contents);
      const { state, conclusion, gaps, unlogged, bytes } = await laidOver(below.state, reading, engineVersion);
      const needed = unitedTargets(state.targets, gaps);
      const isWhole = gaps.length === 0 && (state.unread === 0 || state.targets.length === 0);
      // Do not request the same targets again: a target that could not be read stays unread.
      if (!isWhole && !isLast && !areSameTargets(needed, targets))
        return { unread: needed, known: below.state.targets };
      const readable = readableAfter(below.readable, reading, digest);
      if (unlogged.length > 0 && !areLogsRead) {
        return { databases: unlogged.map((each) => unread(each, readable)), targets: state.targets };
      }
      const { distribution, contentSets, features, owners, programs, diagnostics, executables } = conclusion;
      const namespace = distribution?.namespace ?? '';
      const depth = parent === null ? 0 : parent.depth + 1;
      const isSame = features === below.features && owners === below.owners && namespace === below.namespace;
      const changes = isSame ? [] : featureChanges(below.installed, { features, owners, namespace, depth });
      const placed = installedAfter(below.installed, changes);
      const owned = isSame ? [] : ownerChanges(below.installed, placed, { owners, namespace });
      const installed = ownedAfter(placed, owned);
      const changed =
        programs === below.programs
          ? { changes: [], ids: below.programIds }
          : programChanges(below.programIds, programs);
      signal?.throwIfAborted();
      const all = [...diagnostics, ...gapsDiagnostic(gaps)];
      const originOf = (of: string): number | undefined => installed.get(of)?.originDepth;
      const judged = diagnosticsToStore(all, originOf, namespace);
      const told = {
        distribution,
        contentSets,
        diagnostics: [...judged, ...executableDiagnostics(executables, originOf)],
      };
      const { contents } = layer;
      const { statements } = reading.contents;
      const rows = { changes, owners: owned, programs: changed.changes, ...(statements && { statements }) };
      const stored: NewLayer = { name, engineVersion, digest, parent, ...told, ...rows, contents };
      const key = chainKey(chain, { digest, engineVersion });
      const inserted = await files.insert(stored, {
        key,
        below: chain ?? '',
        // Contents that were read again for links differ from the contents that are stored for the layer.
        contents: () => (below.state.targets.length === 0 ? reading.contents : unpackContents(contents)),
      });
      recent.put(key, {
        layer: inserted.id,
        state,
        features,
        owners,
        namespace,
        installed,
        programs,
        programIds: changed.ids,
        readable,
        bytes: below.bytes + bytes,
      });
      return inserted;
    },
    close: async () => {},
  };
}

type ChainState = {
  /** The id of the stored layer; undefined below the base layer. */
  readonly layer: number | undefined;
  readonly state: LayerState;
  /** The listed features; undefined if the next layer's features must be compared with `installed`. */
  readonly features: ReadonlyMap<string, PlacedFeature> | undefined;
  /** The owners of the listed features; undefined if `features` is undefined. */
  readonly owners: FeatureOwners | undefined;
  /** The namespace; empty if there is no distribution. */
  readonly namespace: string;
  readonly installed: InstalledFeatures;
  /** The Go programs; undefined if the programs of the next layer must be compared with `programIds`. */
  readonly programs: Programs | undefined;
  readonly programIds: ProgramIds;
  /** Maps the content digest of a file to the digest of a layer that contains the file. */
  readonly readable: ReadonlyMap<Digest, Digest>;
  /** The size of the packed contents, including the contents of databases that were read with their logs. */
  readonly bytes: number;
};

/** A state computed from layer contents alone, without the rows that are stored for the layers. */
type UnstoredState = Omit<ChainState, 'layer' | 'installed' | 'programIds'>;

type Reading = { readonly contents: LayerContents; readonly bytes: number; readonly isRead: boolean };

type LaidState = NextState & { readonly bytes: number };

function fits({ state }: ChainState, targets: readonly LinkTarget[]): boolean {
  return (
    targets.length === 0 || (state.unread === 0 && areSameTargets(unitedTargets(state.targets, targets), state.targets))
  );
}

/** If two layers contain a file with the same bytes, the upper layer is used. */
function readableAfter(below: ChainState['readable'], { contents }: Reading, layer: Digest): ChainState['readable'] {
  const readable = new Map(below);
  for (const entry of contents.entries) {
    const content = entry.kind === 'file' ? entry.facts?.content : undefined;
    if (content !== undefined) readable.set(content, layer);
  }
  return readable.size === 0 ? below : readable;
}

function unread(each: LoggedDatabase, readable: ChainState['readable']): UnreadDatabase {
  const { detector, path, database, log } = each;
  return { detector, path, database, log, layers: { database: readable.get(database), log: readable.get(log) } };
}

function emptyState(targets: readonly LinkTarget[] = []): ChainState {
  return {
    layer: undefined,
    state: initialState({}, targets),
    features: undefined,
    owners: undefined,
    namespace: '',
    installed: new Map(),
    programs: undefined,
    programIds: new Map(),
    readable: new Map(),
    bytes: 0,
  };
}
