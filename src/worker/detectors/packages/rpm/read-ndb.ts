/**
 * SUSE's rpm database format, `Packages.db` (rpm, lib/backend/ndb/rpmpkg.c): pages of slots point to headers in blocks
 * of 16 bytes. rpm writes little-endian; the magic number reveals the byte order, and both byte orders are supported.
 */
import { ClairError } from '../../../../errors.ts';
import { adler32 } from './adler32.ts';
import type { RpmEntry } from './rpm-entry.ts';

const MAGIC = { file: 0x506d_7052, slot: 0x746f_6c53, blobStart: 0x5362_6c42, blobEnd: 0x4562_6c42 } as const;

const VERSION = 0;
const PAGE_SIZE = 4096;
const FILE_HEADER_SIZE = 32;
const SLOT_SIZE = 16;
const BLOCK_SIZE = 16;
const BLOB_HEAD_SIZE = 16;
const BLOB_TAIL_SIZE = 12;

/** Returns whether the bytes are an ndb database, in either byte order. */
export function isNdb(bytes: Uint8Array): boolean {
  return byteOrderOf(bytes) !== undefined;
}

/**
 * Reads the entries slot by slot. The total size of the blobs must not exceed the size of the file, which bounds the
 * work.
 *
 * @throws ClairError `bytes/truncated` when slots or blobs are missing, `bytes/corrupt` when slots are damaged.
 */
export function* readNdb(bytes: Uint8Array): Generator<RpmEntry> {
  if (bytes.length < FILE_HEADER_SIZE)
    throw new ClairError('bytes/truncated', `the file has only ${bytes.length} bytes, too few for a header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const file: NdbFile = { bytes, view, littleEndian: byteOrderOf(bytes) === 'little' };
  const version = word(file, 4);
  if (version !== VERSION) throw corrupt(`the database has the unknown version ${version}`);
  const slotPages = word(file, 12);
  const slotsEnd = slotPages * PAGE_SIZE;
  if (slotPages === 0) throw corrupt('the database has no slots');
  if (slotsEnd > bytes.length) {
    throw new ClairError(
      'bytes/truncated',
      `the file has only ${bytes.length} bytes, too few for ${slotPages} slot pages`,
    );
  }
  let blocks = 0;
  for (let start = FILE_HEADER_SIZE; start < slotsEnd; start += SLOT_SIZE) {
    const slot = slotAt(file, start, slotsEnd);
    if (slot === undefined) continue;
    blocks += slot.blockCount;
    if (slotsEnd + blocks * BLOCK_SIZE > bytes.length) throw corrupt('two slots have blocks in common');
    yield { number: slot.number, header: () => blobOf(file, slot) };
  }
}

type NdbFile = { readonly bytes: Uint8Array; readonly view: DataView; readonly littleEndian: boolean };

type Slot = { readonly number: number; readonly start: number; readonly end: number; readonly blockCount: number };

function byteOrderOf(bytes: Uint8Array): 'little' | 'big' | undefined {
  if (bytes.length < 4) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) === MAGIC.file) return 'little';
  return view.getUint32(0, false) === MAGIC.file ? 'big' : undefined;
}

function word({ view, littleEndian }: NdbFile, offset: number): number {
  return view.getUint32(offset, littleEndian);
}

function slotAt(file: NdbFile, start: number, slotsEnd: number): Slot | undefined {
  const index = start / SLOT_SIZE;
  if (word(file, start) !== MAGIC.slot) throw corrupt(`slot ${index} has no slot marker`);
  const number = word(file, start + 4);
  const firstBlock = word(file, start + 8);
  const blockCount = word(file, start + 12);
  if (number === 0 && firstBlock === 0) return undefined;
  const blobStart = firstBlock * BLOCK_SIZE;
  const end = blobStart + blockCount * BLOCK_SIZE;
  if (number === 0 || blobStart < slotsEnd || blockCount < 2) throw corrupt(`slot ${index} points to no blob`);
  if (end > file.bytes.length) {
    throw new ClairError(
      'bytes/truncated',
      `blob ${number} ends at byte ${end}, but the file has only ${file.bytes.length} bytes`,
    );
  }
  return { number, start: blobStart, end, blockCount };
}

/** The checksum covers the head of the blob, the header, and the padding of the last block. */
function blobOf(file: NdbFile, { number, start, end, blockCount }: Slot): Uint8Array {
  const tail = end - BLOB_TAIL_SIZE;
  const size = word(file, start + 12);
  if (word(file, start) !== MAGIC.blobStart || word(file, start + 4) !== number)
    throw corrupt('the blob header is invalid');
  const needed = Math.ceil((BLOB_HEAD_SIZE + size + BLOB_TAIL_SIZE) / BLOCK_SIZE);
  if (blockCount !== needed) {
    throw corrupt(`the blob of ${size} bytes needs ${needed} blocks, but its slot states ${blockCount}`);
  }
  if (word(file, tail + 8) !== MAGIC.blobEnd || word(file, tail + 4) !== size)
    throw corrupt('the blob trailer is invalid');
  if (word(file, tail) !== adler32(file.bytes.subarray(start, tail)))
    throw corrupt('the checksum of the blob is wrong');
  return file.bytes.subarray(start + BLOB_HEAD_SIZE, start + BLOB_HEAD_SIZE + size);
}

function corrupt(what: string): ClairError {
  return new ClairError('bytes/corrupt', what);
}
