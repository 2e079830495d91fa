import type { ByteRange } from '../byte-range.ts';
import type { ChunkedBytes } from '../chunks/chunked-bytes.ts';
import type { KeptChunks } from '../chunks/kept-chunks.ts';
import type { TarLimits } from './limits.ts';

/** A member of an archive. `other` is a device, a pipe or an unknown type. */
export type TarEntry =
  | { readonly kind: 'file' | 'directory' | 'other'; readonly path: string; readonly size: number }
  /** `target` is unresolved; its meaning depends on other links. */
  | { readonly kind: 'symlink'; readonly path: string; readonly size: 0; readonly target: string }
  /** `target` and `path` are relative to the root of the archive. */
  | { readonly kind: 'hardlink'; readonly path: string; readonly size: 0; readonly target: string };

/**
 * The number of bytes at the start of a file from which a visitor decides whether it needs the file: enough for the
 * magic numbers of executables.
 */
export const START_BYTES = 8;

/** Receives the members in archive order. */
export type TarVisitor = {
  /**
   * Returns true to get the content of a file, `chunks` to get the content in chunks, a sink to read content of any
   * size while the content arrives, or `start` to decide after the first bytes. Paths are in the form that {@link
   * pathOfName} returns; the path of the root is empty. `offset` is the position of the content in bytes from the start
   * of the archive. For a sparse file, `offset` is the position of the stored data.
   */
  readonly entry: (entry: TarEntry, offset: number) => TarWish;
  /**
   * The walk calls this function for each file if `entry` returned `start` for the file. Returns true to get the
   * content in chunks. `bytes` contains the first {@link START_BYTES} bytes, or all bytes of a smaller file, and is
   * reused after the call; `bytes` is null for a sparse file.
   */
  readonly start?: (entry: TarEntry, bytes: Uint8Array | null) => boolean;
  /**
   * For a file requested in chunks, selects the parts that the visitor does not need; returns undefined if the visitor
   * needs the whole file.
   */
  readonly unneeded?: (entry: TarEntry) => UnneededParts | undefined;
  /**
   * Receives the content of each file, before the next member, if `entry` returned true. The visitor may keep the
   * bytes.
   */
  readonly content: (entry: TarEntry, bytes: Uint8Array) => void;
  /**
   * Receives the content of each file that the visitor requested in chunks. The chunks are valid only during the call,
   * because their memory is freed afterwards. `content` receives a sparse file instead.
   */
  readonly chunks?: (entry: TarEntry, bytes: ChunkedBytes) => void;
  /**
   * Receives the SHA-256 of each file, after its content and before the next member. Receives no sparse file, because
   * the content of a sparse file can be much larger than the archive.
   */
  readonly hashed?: (entry: TarEntry, sha256: Buffer) => void;
};

/**
 * Receives the bytes of a file in order; `at` is the position of the bytes in the file, starting from 0. Returns the
 * ranges of the file that overlap these bytes and need not be kept. The ranges are in order and do not overlap. In the
 * content, these ranges contain either zeros or the bytes of the file.
 */
export type UnneededParts = (bytes: Buffer, at: number) => readonly ByteRange[];

/** The form in which a visitor requests the content of a member; false for no content. */
export type TarWish = boolean | 'chunks' | 'start' | TarSink;

/** Receives the content of a member while the content arrives; the bytes are not modified later. */
export type TarSink = {
  readonly write: (bytes: Buffer) => void;
  /**
   * The walk calls this function after the last bytes and before the next member. For a sparse file of more than
   * `maxFileBytes`, the walk calls only `end`, without bytes.
   */
  readonly end: () => void;
};

export type TarWalkOptions = {
  readonly where: string;
  readonly limits?: Partial<TarLimits>;
  readonly signal?: AbortSignal;
  /** The chunks of the archive that the walk may keep instead of copying their bytes. */
  readonly kept?: KeptChunks;
};

/**
 * `outside` is the number of members whose name or hard link leads out of the root. `isEnded` states whether the
 * archive has the final block of zeros; without this block, the archive might be truncated between two members.
 */
export type TarSummary = { readonly entries: number; readonly outside: number; readonly isEnded: boolean };
