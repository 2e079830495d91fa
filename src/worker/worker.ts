import type { ImageLayerFacts } from '../database/contracts/images.ts';
import type { Store } from '../database/contracts/store.ts';
import { ClairError } from '../errors.ts';
import type { Digest } from '../model/digest.ts';
import { type EngineVersion, isCurrent } from '../model/engine/engine-version.ts';
import type { Layer } from '../model/layer.ts';
import type { LayerProgress } from '../model/layer-progress.ts';
import { chainKey } from './layer/chain-key.ts';
import { absentDigest, contentsDigest, type LayerLayout } from './layer/layer-layout.ts';
import type { LayerReader } from './layer/layer-reader.ts';
import { packContents } from './layer/packed-contents.ts';
import type { LayerRecorder } from './layer-recorder.ts';
import type { ReadableLayer } from './layers-at-hand.ts';
import { createLinkedLayers, passesOfImage } from './linked-layers.ts';
import { inOrder } from './ordered-work.ts';
import { partsDigest } from './parts/layer-anchor.ts';
import { createLayerViews, type ViewOptions, type KeyedContents } from './parts/layer-views.ts';
import { createSingleFlight } from './single-flight.ts';
import { chainIds } from './sources/image/chain-id.ts';
import type { ImageLayer, ImageSource } from './sources/image-source.ts';
import type { LayerSource } from './sources/layer-source.ts';

export type WorkerOptions = {
  readonly store: Store;
  /** The version of the detectors and settings of the reader; see `engineVersionOf()`. */
  readonly engineVersion: EngineVersion;
  /** Whether the files of layers are hashed; false by default. Must match the setting of the reader. */
  readonly hasFileDigests?: boolean;
  readonly reader: LayerReader;
  /** The recorder, with the same detectors and database. */
  readonly recorder: LayerRecorder;
};

/** Reads each layer once, and stores the changes of the layer. */
export type Worker = {
  /**
   * The version of the engine, which changes with the detectors, the user's classifiers and the hashing of files;
   * layers without a current version ({@link isCurrent}) are analysed again.
   */
  readonly engineVersion: EngineVersion;
  /**
   * Analyses one layer on top of its stored parent and stores it. Returns the stored layer if this engine version
   * already analysed a layer with this name; concurrent calls for the same name share one analysis.
   *
   * @throws ClairError `bytes/…` for unavailable or unreadable bytes, `sbom/…` for an unreadable SBOM,
   * `layer/parent-unknown`, `database/…`; the layer is then not stored. The abort reason of the signal.
   */
  readonly analyzeLayer: (submission: LayerSubmission) => Promise<Layer>;
  /**
   * Analyses the unknown layers of an image and stores the image. A layer is known if bytes with its digest were read
   * before and had its diff ID; without a digest of the bytes, as in `docker save`, the diff ID is enough. Reads as
   * many layers at once as the reader allows, but stores them in order. Returns the image's layers, base first; the
   * list may be empty. Awaits `progress` before the first layer and after each layer.
   *
   * @throws ClairError the errors of the sources of the layers; `bytes/…`, `sbom/…`, `database/…`; `layer/name-taken`
   * if the name of a layer is stored with different content or a different parent; the abort reason of the signal. The
   * layers below the failed layer stay stored.
   */
  readonly analyzeImage: (
    image: AnalyzedImage,
    signal?: AbortSignal,
    progress?: (layers: LayerProgress) => Promise<void>,
  ) => Promise<readonly Layer[]>;
  /**
   * Returns the diff ID of a layer when only the digest of the stored bytes is known, and stores the layer contents.
   * `fetch` is called only if this engine version has not analysed the bytes; concurrent calls for the same digest
   * share one analysis.
   *
   * @throws the errors of `fetch`; ClairError `bytes/…`; the abort reason of the signal
   */
  readonly analyzeBlob: (digest: Digest, fetch: FetchBlob, signal: AbortSignal) => Promise<Digest>;
};

/** An image to analyse; analysis neither uses its kind nor closes the image. */
export type AnalyzedImage = Omit<ImageSource, 'kind' | 'close'> &
  Partial<Pick<ImageSource, 'kind' | 'close'>> & {
    /** Returns the platform of an image that states no platform, from its topmost layer. */
    readonly platformOf?: (leaf: Layer) => Promise<string>;
    /** Reads every layer and verifies its digests, even if a layer with these digests is stored; false by default. */
    readonly isVerified?: boolean;
  };

/** Returns the source of a blob, with its digest. */
export type FetchBlob = (signal: AbortSignal) => Promise<LayerSource & { readonly digest: Digest }>;

export type LayerSubmission = {
  readonly name: string;
  readonly parent: Layer | null;
  readonly source: LayerSource;
  /** Defaults to the Docker layout. */
  readonly layout?: LayerLayout;
  readonly signal?: AbortSignal;
};

/** Creates the worker, which analyses layers and stores their packages. */
export function createWorker({
  store,
  engineVersion,
  hasFileDigests = false,
  reader,
  recorder,
}: WorkerOptions): Worker {
  const shared = createSingleFlight({ store });
  const linked = createLinkedLayers({ store, reader, recorder, shared });
  const views = createLayerViews({
    store,
    engineVersion,
    readWhole: async (layer, { isVerified, signal }) =>
      isVerified
        ? await readAndKeep(layer.source, layer.layout ?? 'docker', signal)
        : await contentsOf(layer, layer.layout ?? 'docker', signal),
    compare: reader.differing,
  });

  async function knownLayer(name: string): Promise<Layer | undefined> {
    const layer = await store.layers.find(name, engineVersion);
    return layer !== undefined && isCurrent(layer, engineVersion) ? layer : undefined;
  }

  async function read(source: LayerSource, layout: LayerLayout, signal?: AbortSignal): Promise<KeyedContents> {
    const { parts: _, ...whole } = source;
    const { diffId, contents } = await reader.read(whole, { layout, ...(signal && { signal }) });
    return { digest: contentsDigest(diffId, layout), tar: diffId, contents };
  }

  /** Reads a layer and stores its contents, and the diff ID of its bytes if the reader verified their digest. */
  async function readAndKeep(source: LayerSource, layout: LayerLayout, signal?: AbortSignal): Promise<KeyedContents> {
    const found = await read(source, layout, signal);
    await store.layers.keepContents(found.digest, engineVersion, found.contents);
    if (source.digest !== undefined && layout === 'docker') await store.layers.noteBlob(source.digest, found.tar);
    return found;
  }

  /**
   * Concurrent requests for bytes with a known digest share one reading. The contents are stored before any layer
   * refers to the contents, so that the lease ends early and no lease holder waits for another lease.
   */
  async function contentsOf(layer: StatedLayer, layout: LayerLayout, signal?: AbortSignal): Promise<KeyedContents> {
    const { diffId, source } = layer;
    const digest = keyOf(layer, layout);
    if (source.parts !== undefined) return await partsOf(layer, digest, signal);
    const blob = blobOf(layer, layout);
    // Use the same name as for a blob of a manifest, so that an image and a manifest share one reading.
    const name = blob === undefined ? `contents ${digest} ${engineVersion}` : blobWork(blob);
    return await shared.once(name, {
      async find() {
        if (!(await isProved(layer, layout))) return undefined;
        const contents = await store.layers.contents(digest, engineVersion);
        return contents === undefined ? undefined : { digest, tar: diffId, contents };
      },
      work: async () => await readAndKeep(source, layout, signal),
      ...(signal && { signal }),
    });
  }

  /**
   * Reads a layer in part if possible. The contents are stored under a key of their own, because a partial reading does
   * not prove that the whole layer has the same contents. If the whole layer is read after all, its contents are also
   * stored as usual.
   */
  async function partsOf(
    { diffId, source }: StatedLayer,
    digest: Digest,
    signal?: AbortSignal,
  ): Promise<KeyedContents> {
    return await shared.once(`contents ${digest} ${engineVersion}`, {
      async find() {
        const contents = await store.layers.contents(digest, engineVersion);
        return contents === undefined ? undefined : { digest, tar: diffId, contents };
      },
      async work() {
        const reading = await reader.read(source, { layout: 'docker', ...(signal && { signal }) });
        const { diffId: tar, marked: contents = reading.contents, isInParts } = reading;
        await store.layers.keepContents(digest, engineVersion, contents);
        if (isInParts !== true) {
          await store.layers.keepContents(tar, engineVersion, reading.contents);
          if (source.digest !== undefined) await store.layers.noteBlob(source.digest, tar);
        }
        return { digest, tar, contents };
      },
      ...(signal && { signal }),
    });
  }

  /**
   * Removes the parts of each layer that is read as a whole because all bytes are needed, or that is already stored. If
   * such a layer was read in part before, both contents are compared.
   */
  async function partlyRead(stated: readonly ImageLayer[], how: ViewOptions): Promise<readonly ReadLayer[]> {
    const compared = inOrder(stated, reader.ahead, async (layer, stop): Promise<ReadLayer> => {
      const signal = how.signal === undefined ? stop : AbortSignal.any([stop, how.signal]);
      const { parts: named, findParts, ...source } = layer.source;
      if (layer.absent !== undefined) return layer;
      const isWanted =
        (named ?? findParts) !== undefined &&
        !how.isVerified &&
        !hasFileDigests &&
        !(
          (await isProved(layer, 'docker')) && (await store.layers.contents(layer.diffId, engineVersion)) !== undefined
        );
      const parts = isWanted ? (named ?? (await findParts?.(signal))) : undefined;
      const whole = await views.whole({ ...layer, source }, { ...how, signal, isWhole: parts === undefined });
      return parts === undefined || whole
        ? { ...layer, source, ...(whole && { whole }) }
        : { ...layer, source: { ...source, parts } };
    });
    const layers: ReadLayer[] = [];
    for await (const layer of compared) layers.push(layer);
    return layers;
  }

  /**
   * Returns whether bytes with the digest of the layer were read and had its diff ID. The configuration of an image can
   * state the diff ID of any layer; without this check, an attacker could receive the packages of a private layer, or
   * hide the packages of the attacker's own layer.
   */
  async function isProved(layer: StatedLayer, layout: LayerLayout): Promise<boolean> {
    const blob = blobOf(layer, layout);
    return blob === undefined || (await store.layers.diffIdOf(blob)) === layer.diffId;
  }

  function blobWork(blob: Digest): string {
    return `blob ${blob} ${engineVersion}`;
  }

  /** Yields for each layer of an image, base first, the stored layer or otherwise its contents. */
  function layersAhead(
    layers: readonly NamedLayer[],
    { isVerified, signal }: ViewOptions,
  ): AsyncGenerator<{ readonly each: NamedLayer; readonly known?: Layer; readonly contents?: KeyedContents }> {
    return inOrder(layers, reader.ahead, async (each, stop) => {
      const { layout = 'docker', absent, whole } = each;
      const either = signal === undefined ? stop : AbortSignal.any([stop, signal]);
      const readLayer = async (): Promise<KeyedContents> =>
        isVerified ? await readAndKeep(each.source, layout, either) : await contentsOf(each, layout, either);
      const isInParts = each.source.parts !== undefined;
      const isKnown =
        absent !== undefined || whole !== undefined || isInParts || (!isVerified && (await isProved(each, layout)));
      const proof = isKnown ? undefined : await readLayer();
      const known = await knownLayer(each.name);
      if (known !== undefined) return { each, known };
      if (absent !== undefined) return { each, contents: absentContents(each.content, absent) };
      return { each, contents: whole ?? proof ?? (await readLayer()) };
    });
  }

  return {
    engineVersion,
    async analyzeLayer({ name, parent, source, layout = 'docker', signal }) {
      const { diffId } = source;
      const insertRead = async ({ tar, ...found }: KeyedContents): Promise<Layer> => {
        // A second read may return different bytes or fail: a v1 client need not keep a posted layer.
        const again = { digest: found.digest, layout, source: { ...source, diffId: tar } };
        const recorded = { name, engineVersion, parent: parent && placeOf(parent), ...found };
        return await linked.record(recorded, { layers: [again], passes: passesOfImage(), isTried: true }, signal);
      };
      if (diffId !== undefined) {
        const known = await knownLayer(name);
        return known ?? (await insertRead(await contentsOf({ diffId, source }, layout, signal)));
      }
      // Without known digests only the name identifies the layer.
      return await shared.once(`layer ${name} ${engineVersion}`, {
        find: async () => await knownLayer(name),
        work: async () => await insertRead(await read(source, layout, signal)),
        ...(signal && { signal }),
      });
    },
    async analyzeBlob(digest, fetch, signal) {
      return await shared.once(blobWork(digest), {
        async find() {
          const diffId = await store.layers.diffIdOf(digest);
          if (diffId === undefined) return undefined;
          return (await store.layers.contents(diffId, engineVersion)) === undefined ? undefined : diffId;
        },
        work: async () => (await readAndKeep(await fetch(signal), 'docker', signal)).tar,
        signal,
      });
    },
    async analyzeImage(given, signal, progress = async () => undefined) {
      const { isVerified = false } = given;
      const layers: Layer[] = [];
      let knownBefore = 0;
      const tell = async (): Promise<void> =>
        await progress({ total: given.layers.length, done: layers.length, known: knownBefore });
      await tell();
      const image = { ...given, layers: await partlyRead(given.layers, { isVerified, signal }) };
      let chain: string | undefined;
      const named = namedLayers(image);
      const passes = passesOfImage();
      for await (const { each, known, contents } of layersAhead(named, { isVerified, signal })) {
        const { name, content } = each;
        const parent = layers.at(-1) ?? null;
        const below = parent && { ...placeOf(parent), ...(chain !== undefined && { chain }) };
        const layer =
          contents === undefined
            ? known
            : await linked.record(
                { name, engineVersion, parent: below, digest: contents.digest, contents: contents.contents },
                { layers: readableLayers(named.slice(0, layers.length + 1)), passes },
                signal,
              );
        if (layer?.digest !== content || layer.parent !== (parent?.id ?? null)) {
          throw new ClairError(
            'layer/name-taken',
            `${name} is already stored with different content or a different parent`,
          );
        }
        layers.push(layer);
        chain = chainKey(chain, layer);
        if (known !== undefined) knownBefore += 1;
        await tell();
      }
      const { digest, reference, target, baseDigest = null, commands = [], platformOf } = image;
      const topmost = layers.at(-1);
      const leaf = topmost?.id ?? null;
      const platform = (topmost && (await platformOf?.(topmost))) ?? image.platform;
      const known = { digest, reference, target, platform, leaf, scannedAt: store.now() };
      await store.images.record({ ...known, layers: image.layers.map(layerFacts), baseDigest, commands });
      return layers;
    },
  };
}

function placeOf({ id, depth }: Layer): Pick<Layer, 'id' | 'depth'> {
  return { id, depth };
}

/** A layer with the diff ID that its image states. */
type StatedLayer = Pick<ImageLayer, 'diffId' | 'source'>;

/** Returns the key of the contents of a layer. */
function keyOf({ diffId, source: { digest, parts } }: StatedLayer, layout: LayerLayout): Digest {
  return parts === undefined || digest === undefined
    ? contentsDigest(diffId, layout)
    : partsDigest(digest, diffId, parts.anchor);
}

/**
 * Returns the digest of the stored bytes, if the image states it; undefined for layouts other than the Docker layout.
 */
function blobOf({ source }: StatedLayer, layout: LayerLayout): Digest | undefined {
  return layout === 'docker' ? source.digest : undefined;
}

/** A layer of an image, with the contents of the whole layer if they differ from its parts or were just verified. */
type ReadLayer = ImageLayer & { readonly whole?: KeyedContents };

/** A layer of an image with its stored name, and the digest of its contents. */
type NamedLayer = ReadLayer & { readonly name: string; readonly content: Digest };

function namedLayers({ layers }: { readonly layers: readonly ReadLayer[] }): readonly NamedLayer[] {
  // An absent layer must not share a name with the real layer, and the layers above it must not share names with the
  // layers above the real layer.
  const contents = layers.map((layer) =>
    layer.absent === undefined
      ? (layer.whole?.digest ?? keyOf(layer, layer.layout ?? 'docker'))
      : absentDigest(layer.diffId),
  );
  const names = chainIds(contents);
  return layers.map((layer, index) => {
    const content = contents[index] ?? layer.diffId;
    return { ...layer, content, name: names[index] ?? content };
  });
}

function readableLayers(layers: readonly NamedLayer[]): readonly ReadableLayer[] {
  const here = layers.filter(({ absent }) => absent === undefined);
  return here.map(({ content, layout = 'docker', source }) => ({ digest: content, layout, source }));
}

function layerFacts({ digest, diffId, createdBy, size }: ImageLayer): ImageLayerFacts {
  return { digest, diffId, createdBy, size: size ?? null };
}

function absentContents(digest: Digest, absent: string): KeyedContents {
  return {
    digest,
    tar: digest,
    contents: packContents({ whiteouts: [], opaque: [], entries: [], outside: 0, absent }),
  };
}
