import { availableParallelism } from 'node:os';
import type { HttpClient } from '../../bytes/http/client.ts';
import type { TemporarySpace } from '../../bytes/temporary-space.ts';
import type { Store } from '../../database/contracts/store.ts';
import type { ImageContents, IndexedImage } from '../../database/contracts/images.ts';
import { ClairError } from '../../errors.ts';
import type { Layer } from '../../model/layer.ts';
import type { Digest } from '../../model/digest.ts';
import { isCurrent } from '../../model/engine/engine-version.ts';
import { inOrder } from '../ordered-work.ts';
import { createSingleFlight } from '../single-flight.ts';
import type { ImageLayer } from '../sources/image-source.ts';
import type { Worker } from '../worker.ts';
import { createLayerDownloads, type LayerDownloads } from './layer-downloads.ts';
import { isPosted, type Manifest, type ManifestLayer, targetOf } from './manifest.ts';
import { platformOfPackages, UNKNOWN_PLATFORM } from './package-platform.ts';

/** Indexes manifests while their clients wait. */
export type ManifestIndex = {
  /**
   * Analyses the layers of an image and stores the image. A stored image with the same layers, analysed by this engine
   * version, stays unchanged. Concurrent calls for the same manifest, on any instance, share one analysis.
   *
   * @throws ClairError `manifest/queue-full` at once while too many manifests are being indexed;
   * `manifest/layer-unavailable`, `layer/host-not-allowed`, `server/…`; `bytes/…` for layers that are not readable; the
   * abort reason of the signal
   */
  readonly index: (manifest: Manifest, signal: AbortSignal) => Promise<void>;
};

export type ManifestIndexOptions = {
  readonly store: Store;
  readonly worker: Pick<Worker, 'analyzeBlob' | 'analyzeImage' | 'engineVersion'>;
  /** The policy of this client determines which hosts may serve layers. */
  readonly http: HttpClient;
  readonly space: TemporarySpace;
  /** The maximum number of manifests at a time; by default four per processor, as in Clair v4. */
  readonly maxManifests?: number | undefined;
};

/**
 * The number of layers of one manifest that are downloaded at a time: for nearly every image, the downloads of all
 * layers start before the credentials expire.
 */
const LAYERS_AT_ONCE = 32;

/** The delay before a client retries, in milliseconds. */
const RETRY_AFTER_MS = 5000;

/** Creates an index, which need not be closed. */
export function createManifestIndex({
  store,
  worker,
  http,
  space,
  maxManifests = 4 * availableParallelism(),
}: ManifestIndexOptions): ManifestIndex {
  const shared = createSingleFlight({ store });
  let running = 0;

  /** Returns true if indexing the manifest would store the image that is already stored. */
  async function current({ hash, layers }: Manifest): Promise<true | undefined> {
    const stored = await store.images.whole(hash);
    if (stored === undefined || stored.leaf === null || !hasLayers(stored, layers)) return undefined;
    const leaf = await store.layers.get(stored.leaf);
    return leaf !== undefined && isCurrent(leaf, worker.engineVersion) ? true : undefined;
  }

  async function analyze(manifest: Manifest, signal: AbortSignal): Promise<true> {
    const downloads = createLayerDownloads(http, space, signal);
    try {
      const diffIds = await diffIdsOf(manifest, downloads, signal);
      const stored = await store.images.whole(manifest.hash);
      const image = stored !== undefined && hasLayers(stored, manifest.layers) ? stored : newImage(manifest);
      const layers = manifest.layers.map((layer, at): ImageLayer => {
        const { createdBy = '', size = null } = image.layers[at] ?? {};
        const diffId = diffIds.get(layer.hash);
        if (diffId === undefined) throw new Error(`layer ${layer.hash} was not analysed`);
        const source = { ...downloads.source(layer), diffId };
        return { source, digest: layer.hash, diffId, createdBy, ...(size !== null && { size }) };
      });
      const { reference, target, platform, baseDigest, commands } = image;
      const platformOf = async (leaf: Layer): Promise<string> =>
        platformOfPackages((await store.layers.features(leaf.id)).map(({ feature }) => feature));
      const facts = { digest: manifest.hash, reference, target, platform, commands, layers };
      const derived = isPosted(image) && { platformOf };
      await worker.analyzeImage({ ...facts, ...derived, ...(baseDigest !== null && { baseDigest }) }, signal);
      return true;
    } finally {
      await downloads.close();
    }
  }

  async function diffIdsOf(
    { layers }: Manifest,
    downloads: LayerDownloads,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<Digest, Digest>> {
    // An image can contain the same layer several times.
    const distinct = [...new Map(layers.map((layer) => [layer.hash, layer])).values()];
    const diffIds = new Map<Digest, Digest>();
    const analyzed = inOrder(distinct, LAYERS_AT_ONCE, async (layer, stop) => {
      const either = AbortSignal.any([signal, stop]);
      return { layer, diffId: await worker.analyzeBlob(layer.hash, (each) => downloads.fetch(layer, each), either) };
    });
    for await (const { layer, diffId } of analyzed) diffIds.set(layer.hash, diffId);
    return diffIds;
  }

  return {
    async index(manifest, signal) {
      if (running >= maxManifests) {
        const message = `${maxManifests === 1 ? '1 manifest is' : `${maxManifests} manifests are`} already being indexed`;
        throw new ClairError('manifest/queue-full', message, { retryAfter: RETRY_AFTER_MS });
      }
      running += 1;
      try {
        const find = async (): Promise<true | undefined> => await current(manifest);
        const work = async (): Promise<true> => await analyze(manifest, signal);
        await shared.once(`manifest ${manifest.hash} ${worker.engineVersion}`, { find, work, signal });
      } finally {
        running -= 1;
      }
    },
  };
}

type StoredImage = IndexedImage & ImageContents;

function hasLayers({ layers: stored }: ImageContents, layers: readonly ManifestLayer[]): boolean {
  return stored.length === layers.length && stored.every(({ digest }, at) => digest === layers[at]?.hash);
}

/** A manifest without a configuration states neither a platform nor instructions. */
function newImage({ hash, layers }: Manifest): Omit<StoredImage, 'leaf' | 'scannedAt'> {
  const none = { layers: [], baseDigest: null, commands: [] };
  return {
    ...none,
    digest: hash,
    reference: referenceOf(hash, layers[0]),
    target: targetOf(hash),
    platform: UNKNOWN_PLATFORM,
  };
}

/** Returns the repository in the URL of a layer in a registry (distribution-spec, "Pulling blobs"), with the digest. */
function referenceOf(hash: Digest, layer: ManifestLayer | undefined): string {
  if (layer === undefined || !URL.canParse(layer.uri)) return hash;
  const { host, pathname } = new URL(layer.uri);
  const repository = /^\/v2\/([a-z0-9]+(?:[._/-]+[a-z0-9]+)*)\/blobs\//.exec(pathname)?.[1];
  return repository === undefined ? hash : `${host}/${repository}@${hash}`;
}
