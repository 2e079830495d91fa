import { isPlainExecutable, type Readings } from './file-readings.ts';
import type { LayerEntry } from './layer-contents.ts';
import type { PathRole } from './patterns/pattern-index.ts';
import { charactersOf } from './tree/tree-nodes.ts';

export type Kept = { readonly entry: Exclude<LayerEntry, { kind: 'file' }> } | { readonly readings: Readings };

/** The limit that a kept path counts towards; `followed` and `executables` limit only characters. */
export type Bound = 'fixed' | 'anywhere' | 'followed' | 'executables';

export type KeptPath = {
  readonly order: number;
  readonly what: Kept;
  readonly bound: Bound;
  readonly amounts: ReadingAmounts;
  /** The approximate JSON length of the entry. */
  readonly characters: number;
};

/** The amounts in the readings of a file that have a limit for all files of the layer together. */
export type ReadingAmounts = {
  /** The number of packages and other features. */
  readonly packages: number;
  /** The approximate JSON length of the paths that packages own. */
  readonly ownedCharacters: number;
  /** The number of characters of the encoded functions of programs. */
  readonly functionCharacters: number;
};

/** The amounts of a kept path without readings. */
export const NO_AMOUNTS: ReadingAmounts = { packages: 0, ownedCharacters: 0, functionCharacters: 0 };

/** Returns the amounts in the readings of a file. */
export function amountsOf(readings: Readings): ReadingAmounts {
  let packages = 0;
  let ownedCharacters = 0;
  let functionCharacters = 0;
  for (const facts of readings.values()) {
    packages += (facts.packages?.length ?? 0) + (facts.features?.length ?? 0);
    for (const { paths } of facts.ownedPaths ?? []) ownedCharacters += charactersOf(paths);
    for (const { functions } of facts.programs ?? []) functionCharacters += functions?.length ?? 0;
  }
  return { packages, ownedCharacters, functionCharacters };
}

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
