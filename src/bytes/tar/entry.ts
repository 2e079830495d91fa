import type { TarLimits } from './limits.ts';

/** One member of an archive. `other` is a device, a pipe or a kind that no layer has. */
export type TarEntry =
  | { readonly kind: 'file' | 'directory' | 'other'; readonly path: string; readonly size: number }
  /** `target` as it is written: what it means depends on the links around it. */
  | { readonly kind: 'symlink'; readonly path: string; readonly size: 0; readonly target: string }
  /** `target` is a path from the root of the archive, as `path` is. */
  | { readonly kind: 'hardlink'; readonly path: string; readonly size: 0; readonly target: string };

/** How many bytes of a file are shown to decide whether its content is wanted: enough for the magic numbers of programs. */
export const START_BYTES = 8;

/** Who looks at the members, in the order of the archive. */
export type TarVisitor = {
  /**
   * Gives true to get the content of a file, or `start` to decide by its first bytes. Paths are as {@link pathOfName} gives them; the root is empty. `offset` is
   * where the content begins, in bytes from the start of the archive (of a sparse file, what is stored of it).
   */
  readonly entry: (entry: TarEntry, offset: number) => boolean | 'start';
  /**
   * Called for each file of whose start `entry` decides; gives true to get the content. `bytes` are the first
   * {@link START_BYTES}, all of a smaller file, and change after the call; null for a sparse file, whose start is known only
   * with its content.
   */
  readonly start?: (entry: TarEntry, bytes: Uint8Array | null) => boolean;
  /** Called for each file that is wanted, before the next member; the bytes are the visitor's to keep. */
  readonly content: (entry: TarEntry, bytes: Uint8Array) => void;
};

export type TarWalkOptions = {
  /** What to call the archive in messages. */
  readonly where: string;
  readonly limits?: Partial<TarLimits>;
  readonly signal?: AbortSignal;
};

/**
 * How many members there were, and how many of them had a name or hard link that climbs out of the root; and whether a block
 * of zeros ended the archive, without which it may have been cut off between two members.
 */
export type TarSummary = { readonly entries: number; readonly outside: number; readonly isEnded: boolean };
