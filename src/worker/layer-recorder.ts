import { createHash } from 'node:crypto';
import type { NewLayer, Store } from '../database/store.ts';
import type { Digest } from '../model/digest.ts';
import type { InstalledPackage, Layer } from '../model/layer.ts';
import type { Package } from '../model/package.ts';
import type { Detector } from './detectors/detector.ts';
import { initialState, type LayerState, nextState } from './layer/layer-state.ts';
import { installedAfter, packageChanges } from './layer/package-changes.ts';
import { unpackFindings } from './layer/packed-findings.ts';
import { createRecentStates } from './recent-states.ts';

/** Works out what layers add to and remove from the ones below them, and stores them. */
export type LayerRecorder = {
  /**
   * Stores a layer; returns the stored one when this engine version has recorded that name before.
   *
   * @throws ClairError `layer/parent-unknown`, `database/…`; `bytes/limit-exceeded` for a layer that needs too much memory
   * or time. The reason of the signal.
   */
  readonly record: (layer: RecordedLayer, signal?: AbortSignal) => Promise<Layer>;
  readonly close: () => Promise<void>;
};

/** A layer that was read. */
export type RecordedLayer = {
  readonly name: string;
  readonly engineVersion: number;
  readonly parent: RecordedParent | null;
  /** The digest that its findings are kept by. */
  readonly digest: Digest;
  /** Its findings, packed (`packed-findings.ts`). */
  readonly findings: Uint8Array;
};

/** A stored layer that another one lies on. */
export type RecordedParent = Pick<Layer, 'id' | 'depth'> & {
  /** The {@link chainKey} of the layer; worked out from the database when absent. */
  readonly chain?: string;
};

/**
 * A key for the content of a chain of layers: two chains with one key have the same state, whatever their layers are called.
 *
 * @param below the key of the chain below; absent for a base layer
 */
export function chainKey(
  below: string | undefined,
  { digest, engineVersion }: Pick<Layer, 'digest' | 'engineVersion'>,
): string {
  return createHash('sha256')
    .update(JSON.stringify([below ?? null, digest, engineVersion]))
    .digest('base64');
}

export type LayerRecorderOptions = {
  readonly store: Pick<Store, 'layers'>;
  readonly detectors: readonly Detector[];
};

/**
 * Creates the recorder that works in the calling thread. It keeps the states of the chains that it recorded last, so that
 * the layers of an image cost no query and no parsing of the layers below each.
 */
export function createLayerRecorder({ store: { layers }, detectors }: LayerRecorderOptions): LayerRecorder {
  const recent = createRecentStates<ChainState>();

  /** The state of a chain from the stored findings of its layers. */
  async function storedState(
    id: number,
    chain: readonly Layer[],
    signal: AbortSignal | undefined,
  ): Promise<ChainState> {
    let found = emptyState();
    for (const layer of chain) {
      signal?.throwIfAborted();
      const findings = await layers.findings(layer.digest, layer.engineVersion);
      if (findings === undefined) throw new Error(`the findings of layer ${layer.name} are missing`);
      const { state, conclusion } = nextState(found.state, unpackFindings(findings), detectors);
      const { packages, distribution } = conclusion;
      const namespace = distribution?.namespace ?? '';
      found = { state, packages, namespace, installed: [], bytes: found.bytes + findings.length };
    }
    return { ...found, installed: await layers.packages(id) };
  }

  async function stateBelow(
    { id, chain: known }: RecordedParent,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly chain: string; readonly below: ChainState }> {
    const kept = known === undefined ? undefined : recent.get(known);
    if (known !== undefined && kept !== undefined) return { chain: known, below: kept };
    const layersBelow = await layers.chain(id);
    const chain = layersBelow.reduce<string | undefined>(chainKey, undefined) ?? '';
    return { chain, below: recent.get(chain) ?? (await storedState(id, layersBelow, signal)) };
  }

  return {
    async record({ name, engineVersion, parent, digest, findings }, signal) {
      signal?.throwIfAborted();
      const { chain, below } =
        parent === null ? { chain: undefined, below: emptyState() } : await stateBelow(parent, signal);
      const { state, conclusion } = nextState(below.state, unpackFindings(findings), detectors);
      const { distribution, contentSets, packages, problems } = conclusion;
      const namespace = distribution?.namespace ?? '';
      const depth = parent === null ? 0 : parent.depth + 1;
      const isSame = packages === below.packages && namespace === below.namespace;
      const changes = isSame ? [] : packageChanges(below.installed, { packages, namespace, depth });
      const installed = installedAfter(below.installed, changes);
      signal?.throwIfAborted();
      const told = { distribution, contentSets, problems };
      const stored: NewLayer = { name, engineVersion, digest, parent, ...told, changes, findings };
      const layer = await layers.insert(stored);
      const key = chainKey(chain, { digest, engineVersion });
      recent.put(key, { state, packages, namespace, installed, bytes: below.bytes + findings.length });
      return layer;
    },
    close: async () => {},
  };
}

/** What is known at a layer of a chain. */
type ChainState = {
  readonly state: LayerState;
  /** As the files say. */
  readonly packages: readonly Package[];
  /** Empty without a distribution. */
  readonly namespace: string;
  /** The same packages with the layers that brought them. */
  readonly installed: readonly InstalledPackage[];
  /** The packed findings of the chain. */
  readonly bytes: number;
};

function emptyState(): ChainState {
  return { state: initialState(), packages: [], namespace: '', installed: [], bytes: 0 };
}
