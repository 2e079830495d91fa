import type { LayerStore } from '../../database/contracts/layers.ts';
import type { WatchedFile } from '../../model/advisories/watched-file.ts';
import type { FeatureChange, Layer } from '../../model/layer.ts';
import type { LayerContents } from '../layer/layer-contents.ts';
import { unpackContents } from '../layer/packed-contents.ts';
import { fileChanges } from './file-changes.ts';
import { type FileSight, initialSight, nextSight } from './file-sight.ts';

/** Computes the changes of the states of watched files, and caches the states at recent layers. */
export type FileSights = {
  /**
   * Returns the watched file states that a layer adds and removes. Also returns `keep`, which caches the states of all
   * watched files at the layer under the key of the layer.
   *
   * @throws ClairError `database/…`
   */
  readonly at: (layer: SightedLayer, watched: SightedFiles) => Promise<SightedChanges>;
};

export type SightedLayer = {
  readonly parent: { readonly id: number; readonly key: string } | null;
  readonly depth: number;
  /**
   * A key that is equal only for layers with the same chain of contents; ids do not suffice, because ids of removed
   * layers are reused.
   */
  readonly key: string;
  readonly contents: LayerContents;
};

/** A list of watched files, and a key that is equal for equal lists. */
export type SightedFiles = { readonly key: string; readonly files: readonly WatchedFile[] };

export type SightedChanges = {
  readonly changes: readonly FeatureChange[];
  readonly keep: () => void;
};

/**
 * The maximum number of layers whose file states are cached. The states of 5,000 files take about 500 KB, or less if
 * they share parts with the states at other layers.
 */
const MAX_SIGHTS = 200;

/**
 * The maximum number of passes: each pass adds the targets of links, and Linux treats more than 40 links in a path as a
 * loop.
 */
const MAX_PASSES = 40;

/** Creates an empty cache of file states. @param layers reads the contents of the layers below */
export function createFileSights(layers: Pick<LayerStore, 'chain' | 'contents'>): FileSights {
  const recent = new Map<string, FileSight>();
  let known: { readonly key: string; readonly initial: FileSight } | undefined;

  function initialOf({ key, files }: SightedFiles): FileSight {
    if (known?.key === key) return known.initial;
    recent.clear();
    known = { key, initial: initialSight(files) };
    return known.initial;
  }

  async function sightOf(chain: readonly Layer[], below: FileSight): Promise<FileSight> {
    let start = below;
    for (let pass = 0; ; pass += 1) {
      let sight = start;
      let again: FileSight | undefined;
      for (const { name, digest, engineVersion } of chain) {
        const packed = await layers.contents(digest, engineVersion);
        if (packed === undefined) throw new Error(`the contents of layer ${name} are missing`);
        const next = nextSight(sight, unpackContents(packed), pass >= MAX_PASSES);
        if (!('tree' in next)) {
          again = { ...below, relevant: next };
          break;
        }
        sight = next;
      }
      if (again === undefined) return sight;
      start = again;
    }
  }

  function keep(key: string, sight: FileSight): void {
    recent.delete(key);
    recent.set(key, sight);
    const [oldest] = recent.keys();
    if (recent.size > MAX_SIGHTS && oldest !== undefined) recent.delete(oldest);
  }

  return {
    async at({ parent, depth, key, contents }, watched) {
      const empty = initialOf(watched);
      let below = parent === null ? empty : recent.get(parent.key);
      let chain: readonly Layer[] | undefined;
      if (parent !== null && below === undefined) {
        chain = await layers.chain(parent.id);
        below = await sightOf(chain, empty);
      }
      for (let pass = 0; ; pass += 1) {
        if (below === undefined) throw new Error('the files of the parent layer are not loaded');
        const next = nextSight(below, contents, pass >= MAX_PASSES);
        if ('tree' in next) {
          if (parent !== null) keep(parent.key, below);
          const changes = fileChanges(parent === null ? undefined : below, next, depth, watched.files);
          return { changes, keep: () => keep(key, next) };
        }
        chain ??= parent === null ? [] : await layers.chain(parent.id);
        below = await sightOf(chain, { ...empty, relevant: next });
      }
    },
  };
}
