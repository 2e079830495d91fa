import type { NewLayer, Store } from '../database/store.ts';
import { ClairError } from '../errors.ts';
import type { Digest } from '../model/digest.ts';
import type { InstalledPackage, Layer } from '../model/layer.ts';
import { type Detector } from './detectors/detector.ts';
import { engineVersionOf } from './detectors/index.ts';
import type { LayerFindings } from './layer/layer-findings.ts';
import { findingsDigest, type LayerLayout } from './layer/layer-layout.ts';
import { readLayer } from './layer/layer-reader.ts';
import { initialState, type LayerState, nextState } from './layer/layer-state.ts';
import { packageChanges } from './layer/package-changes.ts';
import { chainIds } from './sources/chain-id.ts';
import type { ImageSource } from './sources/image-source.ts';
import type { LayerSource } from './sources/layer-source.ts';

export type WorkerOptions = { readonly store: Store; readonly detectors: readonly Detector[] };

/** Reads layers, once each, and stores what they add and remove. */
export type Worker = {
  /** Raised with the detectors; layers that were analysed by an older engine are analysed again. */
  readonly engineVersion: number;
  /**
   * Analyses one layer on top of its parent, which must be known, and stores it; gives the known layer at once when
   * this engine has analysed one of that name before.
   *
   * @throws ClairError `bytes/…` for what cannot be had or read; nothing is stored then.
   */
  readonly analyzeLayer: (submission: LayerSubmission) => Promise<Layer>;
  /**
   * Analyses the layers of an image that are not known yet, base first, and remembers the image.
   * Gives its layers; none for an image without layers.
   */
  readonly analyzeImage: (image: ImageSource, signal?: AbortSignal) => Promise<readonly Layer[]>;
};

export type LayerSubmission = {
  readonly name: string;
  readonly parent: Layer | null;
  readonly source: LayerSource;
  /** That of Docker when absent. */
  readonly layout?: LayerLayout;
  readonly signal?: AbortSignal;
};

export function createWorker({ store, detectors }: WorkerOptions): Worker {
  const engineVersion = engineVersionOf(detectors);

  async function knownLayer(name: string): Promise<Layer | undefined> {
    const layer = await store.layers.find(name);
    return layer !== undefined && layer.engineVersion >= engineVersion ? layer : undefined;
  }

  /** What a layer says by itself, and the digest that this is kept by. */
  async function findingsOf(submission: LayerSubmission): Promise<{ digest: Digest; findings: string }> {
    const { source, layout = 'docker', signal } = submission;
    const promised = source.diffId && findingsDigest(source.diffId, layout);
    const known = promised && (await store.layers.findings(promised, engineVersion));
    if (promised !== undefined && known !== undefined) return { digest: promised, findings: known };
    const { diffId, findings } = await readLayer(source, detectors, { layout, ...(signal && { signal }) });
    return { digest: findingsDigest(diffId, layout), findings: JSON.stringify(findings) };
  }

  /** What is known of a layer's file tree, from the stored findings of its ancestors. */
  async function stateAt(layer: Layer | null): Promise<LayerState> {
    let state = initialState();
    for (const each of layer === null ? [] : await store.layers.chain(layer.id)) {
      const findings = await store.layers.findings(each.digest, each.engineVersion);
      if (findings === undefined) throw new Error(`the findings of layer ${each.name} are missing`);
      ({ state } = nextState(state, parsedFindings(findings), detectors));
    }
    return state;
  }

  async function analyze(submission: LayerSubmission, below: LayerState): Promise<{ layer: Layer; state: LayerState }> {
    const { name, parent } = submission;
    const { digest, findings } = await findingsOf(submission);
    const { state, conclusion } = nextState(below, parsedFindings(findings), detectors);
    const depth = parent === null ? 0 : parent.depth + 1;
    const installed: readonly InstalledPackage[] = parent === null ? [] : await store.layers.packages(parent.id);
    const { distribution, packages, problems } = conclusion;
    const changes = packageChanges(installed, { packages, namespace: distribution?.namespace ?? '', depth });
    const stored: NewLayer = { name, engineVersion, digest, parent, distribution, problems, changes, findings };
    return { layer: await store.layers.insert(stored), state };
  }

  return {
    engineVersion,
    async analyzeLayer(submission) {
      const known = await knownLayer(submission.name);
      if (known !== undefined) return known;
      return (await analyze(submission, await stateAt(submission.parent))).layer;
    },
    async analyzeImage(image, signal) {
      const names = chainIds(image.layers.map(({ diffId }) => diffId));
      const layers: Layer[] = [];
      let state: LayerState | undefined;
      for (const [index, { source, diffId }] of image.layers.entries()) {
        const name = names[index] ?? diffId;
        const parent = layers.at(-1) ?? null;
        let layer = await knownLayer(name);
        if (layer === undefined) {
          const submission = { name, parent, source, ...(signal === undefined ? {} : { signal }) };
          ({ layer, state } = await analyze(submission, state ?? (await stateAt(parent))));
        } else {
          state = undefined;
        }
        if (layer.digest !== diffId || layer.parent !== (parent?.id ?? null)) {
          throw new ClairError('layer/name-taken', `${name} is stored with other content or another parent`);
        }
        layers.push(layer);
      }
      const { digest, reference, platform } = image;
      const leaf = layers.at(-1)?.id ?? null;
      await store.images.record({ digest, reference, platform, leaf, scannedAt: Date.now() });
      return layers;
    },
  };
}

function parsedFindings(findings: string): LayerFindings {
  return JSON.parse(findings);
}
