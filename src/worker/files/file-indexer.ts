import type { FileSearch, SearchedLayers } from '../../database/contracts/file-rules.ts';
import type { Store } from '../../database/contracts/store.ts';
import type { HeldLock } from '../../database/contracts/locks.ts';
import { createTurns } from '../../threads/turns.ts';
import { unpackContents } from '../layer/packed-contents.ts';
import { createFileSights, type FileSights } from './file-sights.ts';

/** Searches stored layers for the files of rules, one bounded step at a time. */
export type FileIndexer = {
  /**
   * Searches the next layers, finishes rules, or removes the stored states of files that no rule names. Each step
   * writes in one transaction; a step that is repeated after a crash writes the same rows. Returns the work that was
   * done.
   *
   * @param lease the held lease `file-rules`; after the lease is lost, steps write nothing
   * @throws ClairError `database/…`
   */
  readonly step: (lease: HeldLock) => Promise<IndexedStep>;
};

/** The work of a step; `rest` means that no work is left. */
export type IndexedStep =
  | { readonly did: 'search'; readonly layers: number }
  | { readonly did: 'finish'; readonly rules: number }
  | { readonly did: 'remove' | 'rest' };

/** The name of the lease that an instance holds while it searches, so that only one instance searches at a time. */
export const FILE_RULES_LEASE = 'file-rules';

/** After this time, a step starts no further layer; the remaining layers are left to the next step. */
const MAX_STEP_MS = 2000;

/** Creates an indexer of a store; `now` returns milliseconds since 1970. */
export function createFileIndexer(opened: Pick<Store, 'layers' | 'fileRules' | 'under' | 'now'>): FileIndexer {
  const { layers } = opened;
  const sights = createFileSights(layers);
  return {
    async step(lease) {
      const { fileRules } = opened.under(lease);
      const search = await fileRules.search();
      if (search !== undefined) {
        const found = await searched(search, layers, sights);
        await fileRules.advance(found);
        return { did: 'search', layers: found.layers.length };
      }
      const rules = await fileRules.finish(opened.now());
      if (rules > 0) return { did: 'finish', rules };
      return { did: (await fileRules.removeUnused()) ? 'remove' : 'rest' };
    },
  };
}

async function searched(
  { files, position: from, until, layers: next }: FileSearch,
  stored: Pick<Store['layers'], 'contents'>,
  sights: FileSights,
): Promise<SearchedLayers> {
  const watched = { key: JSON.stringify(files.map(({ id }) => id)), files };
  const start = performance.now();
  const turns = createTurns();
  const layers: SearchedLayers['layers'][number][] = [];
  let position = next.length === 0 ? until : from;
  for (const { id, parent, depth, digest, engineVersion, createdAt } of next) {
    const packed = await stored.contents(digest, engineVersion);
    position = id;
    // The layer was removed in the meantime.
    if (packed === undefined) continue;
    const below = parent && { id: parent.id, key: `${parent.id} ${parent.createdAt}` };
    const contents = unpackContents(packed);
    const { changes, keep } = await sights.at({ parent: below, depth, key: `${id} ${createdAt}`, contents }, watched);
    keep();
    layers.push({ id, createdAt, changes });
    if (performance.now() - start > MAX_STEP_MS) break;
    if (turns.areDue()) await turns.take();
  }
  return { files: files.map(({ id }) => id), from, position, layers };
}
