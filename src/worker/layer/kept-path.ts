import type { Readings } from './file-readings.ts';
import type { LayerEntry } from './layer-contents.ts';

/** What is kept of a member: an entry without content, or what detectors read. */
export type Kept = { readonly entry: Exclude<LayerEntry, { kind: 'file' }> } | { readonly readings: Readings };

/** What a kept path counts for: files that fixed patterns have a role for, files elsewhere, or links that are only followed. */
export type Bound = 'fixed' | 'anywhere' | 'followed';

/** What is kept of a path, and how much that is. */
export type KeptPath = {
  readonly order: number;
  readonly what: Kept;
  readonly bound: Bound;
  readonly packages: number;
  /** Those of its owned paths. */
  readonly owned: number;
  /** About as many as the entry has as JSON. */
  readonly characters: number;
};

/** Returns about how many characters what is kept has as JSON, without its path. */
export function keptCharacters(kept: Kept): number {
  if (!('entry' in kept)) return ENTRY_CHARACTERS + JSON.stringify([...kept.readings.values()]).length;
  const { entry } = kept;
  return ENTRY_CHARACTERS + (entry.kind === 'symlink' || entry.kind === 'hardlink' ? entry.target.length : 0);
}

/** What an entry has as JSON beside its texts. */
const ENTRY_CHARACTERS = 32;
