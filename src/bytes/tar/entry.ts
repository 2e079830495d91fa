import type { ChunkedBytes } from '../chunks/chunked-bytes.ts';
import type { KeptChunks } from '../chunks/kept-chunks.ts';
import type { TarLimits } from './limits.ts';

/** One member of an archive. `other` is a device, a pipe or an unknown type. */
export type TarEntry =
  | { readonly kind: 'file' | 'directory' | 'other'; readonly path: string; readonly size: number }
  /** `target` is unresolved; its meaning depends on other links. */
  | { readonly kind: 'symlink'; readonly path: string; readonly size: 0; readonly target: string }
  /** `target` is a path from the root of the archive, like `path`. */
  | { readonly kind: 'hardlink'; readonly path: string; readonly size: 0; readonly target: string };

/**
 * The number of leading bytes that a visitor receives to decide whether it needs a file; enough for the magic numbers
 * of executables.
 */
export const START_BYTES = 8;

/** Receives the members in archive order. */
export type TarVisitor = {
  /**
   * Returns true to get the content of a file, `chunks` to get the content in chunks, a sink to read content of any
   * size while it arrives, or `start` to decide after the first bytes. Paths have the form that {@link pathOfName}
   * returns; the root is empty. `offset` is where the content begins, in bytes from the start of the archive (for a
   * sparse file, the stored part).
   */
  readonly entry: (entry: TarEntry, offset: number) => TarWish;
  /**
   * Called for each file for which `entry` returned `start`; returns true to get the content in chunks. `bytes` contains
   * the first {@link START_BYTES}, or all of a smaller file, and is reused after the call; null for a sparse file.
   */
  readonly start?: (entry: TarEntry, bytes: Uint8Array | null) => boolean;
  /** Called for each file that is wanted in one piece, before the next member. The visitor may keep the bytes. */
  readonly content: (entry: TarEntry, bytes: Uint8Array) => void;
  /**
   * Called instead of `content` for a file that is wanted in chunks. The chunks are valid only during the call: their
   * memory is freed.
   */
  readonly chunks?: (entry: TarEntry, bytes: ChunkedBytes) => void;
  /**
   * Called with the SHA-256 of each file, after its content and before the next member. Not called for sparse files, whose
   * content can be much larger than the archive.
   */
  readonly hashed?: (entry: TarEntry, sha256: Buffer) => void;
};

/** The form in which a visitor requests the content of a member; false for no content. */
export type TarWish = boolean | 'chunks' | 'start' | TarSink;

/** Receives the content of a member while it arrives; the bytes are not modified later. */
export type TarSink = {
  readonly write: (bytes: Buffer) => void;
  /**
   * Called after the last bytes, before the next member; called without any bytes for a sparse file of more than
   * `maxFileBytes`.
   */
  readonly end: () => void;
};

export type TarWalkOptions = {
  readonly where: string;
  readonly limits?: Partial<TarLimits>;
  readonly signal?: AbortSignal;
  /** Lets the walk keep chunks of the archive instead of copying them. */
  readonly kept?: KeptChunks;
};

/**
 * `outside` counts members whose name or hard link leads out of the root. Without the final block of zeros (`isEnded`)
 * the archive may be truncated between two members.
 */
export type TarSummary = { readonly entries: number; readonly outside: number; readonly isEnded: boolean };
