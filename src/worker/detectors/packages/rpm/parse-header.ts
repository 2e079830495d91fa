/**
 * The header of an installed package in rpm's databases (rpm, docs/manual/format_header.md): the number of index
 * entries and the size of the data, both big-endian, then the entries, then the data.
 */
import { ClairError } from '../../../../errors.ts';
import { MAX_FIELD_LENGTH } from '../database-diagnostics.ts';

/**
 * The fields read from a header; an absent text is empty, and an absent epoch is 0. An undefined `module` means no
 * label, as opposed to an empty label.
 */
export type RpmHeader = {
  readonly name: string;
  readonly epoch: number;
  readonly version: string;
  readonly release: string;
  readonly arch: string;
  readonly sourceRpm: string;
  readonly vendor: string;
  readonly module: string | undefined;
};

/** rpm rejects headers with more entries (lib/header.c, HEADER_TAGS_MAX). */
const MAX_INDEX_ENTRIES = 0xffff;

const PREAMBLE_SIZE = 8;
const INDEX_ENTRY_SIZE = 16;

const TAGS = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  vendor: 1011,
  arch: 1022,
  sourceRpm: 1044,
  module: 5096,
} as const;

export const FILE_TAGS = {
  oldFileNames: 1027,
  states: 1029,
  dirIndexes: 1116,
  baseNames: 1117,
  dirNames: 1118,
} as const;

const READ_TAGS: ReadonlySet<number> = new Set([...Object.values(TAGS), ...Object.values(FILE_TAGS)]);

/** Tags of the entry that encloses a region; the offset of the entry points to a trailer. */
const REGION_TAGS = { first: 61, last: 63 } as const;

export const TYPES = { char: 1, int8: 2, int32: 4, string: 6, stringArray: 8, i18nString: 9, last: 9 } as const;
const TEXT_TYPES: ReadonlySet<number> = new Set([TYPES.string, TYPES.stringArray, TYPES.i18nString]);
const INT32_SIZE = 4;

/**
 * Parses a header.
 *
 * @throws ClairError `bytes/corrupt` when the header is damaged, or lacks name, version or release.
 */
export function parseHeader(blob: Uint8Array): RpmHeader {
  return headerFields(openHeader(blob));
}

/**
 * Returns the package fields of an open header.
 *
 * @throws ClairError `bytes/corrupt` when an entry is damaged, or the header lacks name, version or release.
 */
export function headerFields(header: OpenHeader): RpmHeader {
  const required = (tag: keyof typeof TAGS): string => {
    const text = textOf(header, tag) ?? '';
    // Blank values are rejected too: a package URL needs a name.
    if (text.trim() === '') throw corrupt(`the field ${tag} is missing or blank`);
    return text;
  };
  return {
    name: required('name'),
    epoch: numberOf(header, 'epoch') ?? 0,
    version: required('version'),
    release: required('release'),
    arch: textOf(header, 'arch') ?? '',
    sourceRpm: textOf(header, 'sourceRpm') ?? '',
    vendor: textOf(header, 'vendor') ?? '',
    module: textOf(header, 'module'),
  };
}

/** A parsed header; `index` contains the entries of the tags that Clair reads. */
export type OpenHeader = { readonly data: Uint8Array; readonly index: ReadonlyMap<number, IndexEntry> };

/**
 * An entry of the index; `offset` is within the data, in bytes; `count` is the stated number of values, of which the
 * data may contain fewer.
 */
export type IndexEntry = { readonly type: number; readonly offset: number; readonly count: number };

/**
 * Parses the index of a header, for {@link headerFields} and the file list.
 *
 * @throws ClairError `bytes/corrupt` when sizes, types or offsets in the index are damaged.
 */
export function openHeader(blob: Uint8Array): OpenHeader {
  if (blob.length < PREAMBLE_SIZE)
    throw corrupt(`a header is only ${blob.length} bytes long; the minimum is ${PREAMBLE_SIZE} bytes`);
  const view = new DataView(blob.buffer, blob.byteOffset, blob.byteLength);
  const entries = view.getUint32(0, false);
  const dataSize = view.getUint32(4, false);
  if (entries > MAX_INDEX_ENTRIES) throw corrupt(`the header has more than ${MAX_INDEX_ENTRIES} index entries`);
  const dataStart = PREAMBLE_SIZE + entries * INDEX_ENTRY_SIZE;
  if (blob.length !== dataStart + dataSize) {
    throw corrupt(`the header is ${blob.length} bytes instead of ${dataStart + dataSize}`);
  }
  const index = new Map<number, IndexEntry>();
  for (let start = PREAMBLE_SIZE; start < dataStart; start += INDEX_ENTRY_SIZE) {
    const tag = view.getUint32(start, false);
    if (tag >= REGION_TAGS.first && tag <= REGION_TAGS.last) continue;
    const type = view.getUint32(start + 4, false);
    const offset = view.getUint32(start + 8, false);
    const count = view.getUint32(start + 12, false);
    if (type > TYPES.last) throw corrupt(`tag ${tag} has the unknown type ${type}`);
    if (offset > dataSize || count > dataSize) throw corrupt(`tag ${tag} points outside the data`);
    // Entries appended after the region override it: the last entry is used (lib/header.c, headerImport).
    if (READ_TAGS.has(tag)) index.set(tag, { type, offset, count });
  }
  return { data: blob.subarray(dataStart), index };
}

function textOf({ data, index }: OpenHeader, field: keyof typeof TAGS): string | undefined {
  const entry = index.get(TAGS[field]);
  if (entry === undefined) return undefined;
  if (!TEXT_TYPES.has(entry.type) || entry.count === 0) throw corrupt(`the field ${field} is not text`);
  const end = data.subarray(entry.offset, entry.offset + MAX_FIELD_LENGTH + 1).indexOf(0);
  if (end === -1) {
    const isLong = data.length - entry.offset > MAX_FIELD_LENGTH;
    throw corrupt(`the field ${field} ${isLong ? `is longer than ${MAX_FIELD_LENGTH} bytes` : 'has no end'}`);
  }
  const text = new TextDecoder().decode(data.subarray(entry.offset, entry.offset + end));
  if (/\p{Cc}/u.test(text)) throw corrupt(`the field ${field} has control characters`);
  return text;
}

function numberOf({ data, index }: OpenHeader, field: keyof typeof TAGS): number | undefined {
  const entry = index.get(TAGS[field]);
  if (entry === undefined) return undefined;
  const isNumber = entry.type === TYPES.int32 && entry.count === 1 && entry.offset + INT32_SIZE <= data.length;
  if (!isNumber) throw corrupt(`the field ${field} is not a number`);
  return new DataView(data.buffer, data.byteOffset, data.byteLength).getUint32(entry.offset, false);
}

function corrupt(what: string): ClairError {
  return new ClairError('bytes/corrupt', what);
}
