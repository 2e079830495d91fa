import { FilesChanged, type NewLayer } from '../../database/contracts/layers.ts';
import type { WatchedFiles } from '../../database/contracts/file-rules.ts';
import type { Store } from '../../database/contracts/store.ts';
import type { Layer } from '../../model/layer.ts';
import type { LayerContents } from '../layer/layer-contents.ts';
import { createFileSights } from './file-sights.ts';

/** Stores layers with the states of the files that rules name, as features. */
export type LayerFiles = {
  /**
   * Stores a layer with its file states; computes the states again if the file rules change in the meantime.
   *
   * @throws the errors of `LayerStore.insert`, except FilesChanged
   */
  readonly insert: (layer: NewLayer, of: LayerWithFiles) => Promise<Layer>;
};

export type LayerWithFiles = {
  /** The key of the chain of layers up to this layer. */
  readonly key: string;
  /** The key of the chain of layers up to the parent; empty if there is no parent. */
  readonly below: string;
  /** Returns the layer's own contents; called only if there are rules. */
  readonly contents: () => LayerContents;
};

/** Creates the recorder of the files that file rules name. */
export function createLayerFiles({ layers, fileRules }: Pick<Store, 'layers' | 'fileRules'>): LayerFiles {
  const sights = createFileSights(layers);
  let known: WatchedFiles | undefined;

  async function insertAt(layer: NewLayer, { key, below, contents }: LayerWithFiles): Promise<Layer> {
    known = await fileRules.watched(known);
    const { revision: filesRevision, files } = known;
    if (files.length === 0) return await layers.insert({ ...layer, filesRevision });
    const { parent } = layer;
    const depth = parent === null ? 0 : parent.depth + 1;
    const at = { parent: parent && { id: parent.id, key: below }, depth, key, contents: contents() };
    const { changes, keep } = await sights.at(at, { key: String(filesRevision), files });
    const stored = await layers.insert({ ...layer, changes: [...layer.changes, ...changes], filesRevision });
    keep();
    return stored;
  }

  return {
    async insert(layer, of) {
      for (;;) {
        try {
          return await insertAt(layer, of);
        } catch (error) {
          if (!(error instanceof FilesChanged)) throw error;
        }
      }
    },
  };
}
