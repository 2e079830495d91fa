import { isPlainExecutable, type Readings } from './file-readings.ts';
import type { LayerEntry } from './layer-contents.ts';
import type { PathRole } from './patterns/pattern-index.ts';

export type Kept = { readonly entry: Exclude<LayerEntry, { kind: 'file' }> } | { readonly readings: Readings };

/** The limit that a kept path counts towards; `followed` and `executables` limit only characters. */
export type Bound = 'fixed' | 'anywhere' | 'followed' | 'executables';

export type KeptPath = {
  readonly order: number;
  readonly what: Kept;
  readonly bound: Bound;
  readonly packages: number;
  readonly owned: number;
  /** The number of characters of the program's functions. */
  readonly functions: number;
  /** The approximate JSON length of the entry. */
  readonly characters: number;
};

/** Returns the limit that a path counts towards. */
export function boundOf(role: PathRole | null, kept: Kept, isFollowed: boolean): Bound {
  if (role !== null) return 'fixed';
  if (isFollowed) return 'followed';
  return 'readings' in kept && isPlainExecutable(kept.readings.values()) ? 'executables' : 'anywhere';
}

/** Returns the limit on the number of paths that a path with this bound counts towards. */
export function countedAs(bound: Bound): 'fixed' | 'anywhere' {
  return bound === 'fixed' ? 'fixed' : 'anywhere';
}

/** Returns the approximate JSON length of kept data, without its path. */
export function keptCharacters(kept: Kept): number {
  if (!('entry' in kept)) return ENTRY_CHARACTERS + JSON.stringify([...kept.readings.values()]).length;
  const { entry } = kept;
  return ENTRY_CHARACTERS + (entry.kind === 'symlink' || entry.kind === 'hardlink' ? entry.target.length : 0);
}

/** The JSON overhead of an entry. */
const ENTRY_CHARACTERS = 32;
