import type { ByteStream } from '../../bytes/byte-stream.ts';
import type { DocumentErrors } from '../../bytes/documents/document-errors.ts';
import { jsonMembers } from '../../bytes/documents/json-members.ts';
import type { TarEntry } from '../../bytes/tar/entry.ts';
import { shownName } from '../../bytes/tar/name.ts';
import { ClairError } from '../../errors.ts';
import { isSha256Digest } from '../../model/digest.ts';
import { exactKeysOf } from './exact-keys.ts';
import { type ChunkPlaces, type FileChunk, fileChunks } from './file-chunks.ts';
import { isTocEntry, type TocEntry } from './toc-entry.ts';

/** A member of the layer, as its table of contents describes it. */
export type TocMember = {
  readonly name: string;
  readonly kind: TarEntry['kind'];
  readonly size: number;
  readonly link: string;
  readonly mode: number;
  /** The SHA-256 digest of the file; undefined for anything but a file with content. */
  readonly digest: string | undefined;
  /** The chunks of the content in order, without gaps; empty for anything but a file with content. */
  readonly chunks: readonly FileChunk[];
};

export type TableOfContents = {
  /** The members by their names in the table. */
  readonly members: ReadonlyMap<string, TocMember>;
  /** The digest of the compressed tar-split, if the table states one. */
  readonly tarSplitDigest: string | undefined;
};

export type TocOptions = {
  readonly where: string;
  readonly maxTocEntries: number;
  /** Finds the chunks in the stored bytes; for one table only. */
  readonly place: ChunkPlaces;
};

/**
 * Reads a table of contents of zstd:chunked (containers/storage, pkg/chunked/internal/minimal/compression.go) or
 * eStargz (stargz-snapshotter, estargz/types.go). Rejects everything that a runtime could interpret differently: duplicate names, gaps, overlapping and misplaced chunks.
 *
 * @throws ClairError `bytes/corrupt`, `bytes/truncated`, `bytes/limit-exceeded`; errors of `stream`
 */
export async function readTableOfContents(stream: ByteStream, options: TocOptions): Promise<TableOfContents> {
  const { where, maxTocEntries } = options;
  const members = new Map<string, TocMember>();
  const fields = new Map<string, unknown>();
  let entries = 0;
  let open: TocEntry[] = [];
  const close = (): void => {
    const [first] = open;
    if (first === undefined) return;
    if (members.has(first.name)) throw corrupt(where, `lists ${shownName(first.name)} twice`);
    members.set(first.name, memberOf(first, open, options));
    open = [];
  };
  // Go replaces the first array by the second.
  const arrays = { itemsOf: ['entries'], areArraysUnique: true };
  const reading = { where, ...arrays, maxMemberBytes: MAX_ENTRY_BYTES, errors: ERRORS };
  for await (const { key, value } of jsonMembers(stream, reading)) {
    if (key === 'entries') {
      entries += 1;
      if (entries > maxTocEntries) {
        throw new ClairError('bytes/limit-exceeded', `${where} has more than ${maxTocEntries} entries`);
      }
      if (!isTocEntry(value)) throw corrupt(where, `has an invalid entry at position ${entries}`);
      if (value.type !== 'chunk') close();
      else if (open[0]?.type !== 'reg' || open[0].name !== value.name)
        throw corrupt(where, 'has a chunk without a file');
      open.push(value);
    } else {
      if (!hasExactKeys([key]))
        throw corrupt(where, `has the field ${shownName(key)}, which tools that ignore case may read as another field`);
      if (fields.has(key)) throw corrupt(where, `has the field ${shownName(key)} twice`);
      fields.set(key, value);
      if (fields.size > MAX_FIELDS) throw corrupt(where, `has more than ${MAX_FIELDS} fields`);
    }
  }
  close();
  if (fields.get('version') !== 1) throw corrupt(where, 'does not have version 1');
  const tarSplitDigest = fields.get('tarSplitDigest');
  if (typeof tarSplitDigest !== 'string') return { members, tarSplitDigest: undefined };
  // Diagnostics contain the digest, so no other text is accepted.
  if (!isSha256Digest(tarSplitDigest)) throw corrupt(where, 'has a tarSplitDigest that is not a SHA-256 digest');
  return { members, tarSplitDigest };
}

/** The extended attributes are the only large part of an entry. */
const MAX_ENTRY_BYTES = 1024 * 1024;

const MAX_FIELDS = 100;

const hasExactKeys = exactKeysOf(['entries', 'version', 'tarSplitDigest']);

const ERRORS: DocumentErrors = {
  empty: 'bytes/corrupt',
  invalid: 'bytes/corrupt',
  truncated: 'bytes/truncated',
  beyondLimit: 'bytes/limit-exceeded',
};

const KINDS: ReadonlyMap<string, TarEntry['kind']> = new Map<string, TarEntry['kind']>([
  ['reg', 'file'],
  ['dir', 'directory'],
  ['symlink', 'symlink'],
  ['hardlink', 'hardlink'],
  ['char', 'other'],
  ['block', 'other'],
  ['fifo', 'other'],
]);

function memberOf(
  { type, name, size = 0, linkName = '', mode = 0, digest = '' }: TocEntry,
  entries: readonly TocEntry[],
  { where, place }: TocOptions,
): TocMember {
  const kind = KINDS.get(type);
  if (kind === undefined) throw corrupt(where, `has ${shownName(name)} of the unknown type ${shownName(type)}`);
  if (kind !== 'file' && size !== 0) throw corrupt(where, `states a size for ${shownName(name)}, which is not a file`);
  const chunks = kind === 'file' && size > 0 ? fileChunks(entries, size, place) : [];
  if (chunks === undefined) throw corrupt(where, `has invalid or overlapping chunks of ${shownName(name)}`);
  if (chunks.length === 0) return { name, kind, size, link: linkName, mode, digest: undefined, chunks };
  // containers/storage identifies a file by this digest, and may use the file of another layer instead of the chunks.
  if (!isSha256Digest(digest)) throw corrupt(where, `has no valid SHA-256 digest of ${shownName(name)}`);
  return { name, kind, size, link: linkName, mode, digest, chunks };
}

function corrupt(where: string, what: string): ClairError {
  return new ClairError('bytes/corrupt', `${where} ${what}`);
}
