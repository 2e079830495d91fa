import { createHash } from 'node:crypto';
import type { ImagePosition } from '../../../database/contracts/matches.ts';
import type { Store } from '../../../database/contracts/store.ts';
import { type Digest, digestOfHex } from '../../../model/digest.ts';
import type { FileRule } from '../../../model/advisories/file-rule.ts';
import type { Layer } from '../../../model/layer.ts';
import { packContents } from '../../layer/packed-contents.ts';
import { createLayerRecorder, type LayerRecorder } from '../../layer-recorder.ts';
import { createFileIndexer, FILE_RULES_LEASE } from '../file-indexer.ts';
import { indexAll } from '../file-indexing.ts';
import { layerOf, type MadeUpLayer } from './layer-members.ts';

/** Returns a rule about files that are present. */
export function ruleAbout(id: string, paths: readonly string[], rest: Partial<FileRule> = {}): FileRule {
  return { id, when: 'present', paths, severity: 'High', description: 'bad', link: 'https://x.test', ...rest };
}

export type MadeUpImages = {
  /** Stores a layer; layers with the same members have the same digest. */
  readonly layer: (name: string, parent: Layer | null, made: MadeUpLayer) => Promise<Layer>;
  /** Stores an image and its layers, base first; layers with the same members and the same parent are stored once. */
  readonly image: (name: string, layers: readonly MadeUpLayer[]) => Promise<Digest>;
};

/** Stores images of made-up layers as the worker does. */
export function madeUpImages(
  store: Store,
  recorder: LayerRecorder = createLayerRecorder({ store, detectors: [] }),
): MadeUpImages {
  const chains = new Map<string, Layer>();

  async function layer(name: string, parent: Layer | null, made: MadeUpLayer): Promise<Layer> {
    const contents = layerOf(made);
    const digest = digestOfText(JSON.stringify(contents));
    const packed = packContents(contents);
    const stored = await recorder.record({ name, engineVersion: 1, parent, digest, contents: packed });
    if (!('id' in stored)) throw new Error('there is nothing to read again');
    return stored;
  }

  return {
    layer,
    async image(name, layers) {
      let top: Layer | null = null;
      for (const at of layers.keys()) {
        const key = JSON.stringify(layers.slice(0, at + 1));
        top = chains.get(key) ?? (await layer(digestOfText(key), top, layers[at] ?? {}));
        chains.set(key, top);
      }
      const digest = digestOfText(name);
      const known = { digest, reference: name, target: name, platform: 'linux/amd64', scannedAt: 1 };
      await store.images.record({ ...known, leaf: top?.id ?? 0, layers: [], baseDigest: null, commands: [] });
      return digest;
    },
  };
}

/** Searches stored layers for the files of all rules. */
export async function indexRules(store: Store): Promise<void> {
  const { step } = createFileIndexer(store);
  if (!(await indexAll(store, step, new AbortController().signal))) throw new Error(`${FILE_RULES_LEASE} is taken`);
}

/** Returns the names of the images that a vulnerability affects. */
export async function affectedBy(store: Store, id: string): Promise<readonly string[]> {
  const names: string[] = [];
  let after: ImagePosition | undefined;
  do {
    const { images, next } = await store.matches.affectedImages([id], { after, limit: 500 });
    names.push(...images.map(({ reference }) => reference));
    after = next;
  } while (after !== undefined);
  return names.toSorted();
}

function digestOfText(text: string): Digest {
  return digestOfHex(createHash('sha256').update(text).digest('hex'));
}
