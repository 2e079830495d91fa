import { exactKeysOf } from './exact-keys.ts';

/**
 * An entry of a table of contents of zstd:chunked (containers/storage, pkg/chunked/internal/minimal/compression.go) or
 * eStargz (stargz-snapshotter, estargz/types.go): a member of the layer, or another chunk of the preceding file.
 */
export type TocEntry = {
  readonly type: string;
  readonly name: string;
  readonly linkName?: string;
  readonly mode?: number;
  readonly size?: number;
  /** The digest of the whole file. */
  readonly digest?: string;
  /** The position of the chunk in the stored bytes. */
  readonly offset?: number;
  /** The number of decompressed bytes between `offset` and the chunk; only in eStargz. */
  readonly innerOffset?: number;
  /** The end of the last chunk of the file; only in the first entry of a file, and not in eStargz. */
  readonly endOffset?: number;
  readonly chunkSize?: number;
  /** The position of the chunk in the file. */
  readonly chunkOffset?: number;
  readonly chunkDigest?: string;
  readonly chunkType?: string;
};

/** Returns whether a value has the fields of an entry, with the right types. */
export function isTocEntry(value: unknown): value is TocEntry {
  if (typeof value !== 'object' || value === null || !hasExactKeys(Object.keys(value))) return false;
  const field = (name: string): unknown => Reflect.get(value, name);
  return (
    typeof field('type') === 'string' &&
    typeof field('name') === 'string' &&
    TEXTS.every((name) => field(name) === undefined || typeof field(name) === 'string') &&
    COUNTS.every((name) => field(name) === undefined || isCount(field(name)))
  );
}

/** Returns whether a value is a size or a position: an integer from 0 to 2^53 - 1. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

const TEXTS = ['linkName', 'digest', 'chunkDigest', 'chunkType'] as const;

const COUNTS = ['mode', 'size', 'offset', 'innerOffset', 'endOffset', 'chunkSize', 'chunkOffset'] as const;

const hasExactKeys = exactKeysOf(['type', 'name', ...TEXTS, ...COUNTS]);
