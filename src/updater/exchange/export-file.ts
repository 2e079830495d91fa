import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { ByteStream } from '../../bytes/byte-stream.ts';
import { decompress } from '../../bytes/compression.ts';
import { openRegularFile, unreadableFile } from '../../bytes/file-bytes.ts';
import { ClairError } from '../../errors.ts';
import type { Enricher } from '../enrichers/enricher.ts';
import type { Fetcher } from '../feed/fetcher.ts';
import { CHECKSUM_FRAME_BYTES, checksumOfFrame } from './checksum-frame.ts';
import { type ExportSection, openSection } from './export-section.ts';
import {
  type EnricherRecord,
  type ExportRecord,
  type HeaderRecord,
  MAX_LINE_BYTES,
  type FeedRecord,
} from './export-record.ts';
import { createRecordReader, type RecordReader } from './record-reader.ts';
import { textLines } from './text-lines.ts';

/** The first bytes of a Zstandard file (RFC 8878 section 3.1.1). */
const ZSTD_MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

export type ExportFileOptions = {
  readonly fetchers: readonly Pick<Fetcher, 'id' | 'scheme'>[];
  readonly enrichers: readonly Pick<Enricher, 'id' | 'kind'>[];
  readonly signal?: AbortSignal;
};

/** A completely verified export. The caller must close the export. */
export type ExportFile = {
  readonly path: string;
  readonly header: HeaderRecord;
  /** Yields the feeds, advisory feeds first. Skips records that the caller does not read. */
  readonly sections: () => AsyncIterable<ExportSection>;
  readonly close: () => Promise<void>;
};

/**
 * Opens and verifies an export in constant memory. Verifies the checksum, and the records with their order and number.
 * Also verifies that the version schemes can order every version, and that this release supports every feed.
 *
 * @throws ClairError `bytes/not-found` or `bytes/unreachable`; `export/invalid`; `export/unsupported` for an export of
 * a later format or with a feed that this release does not support; `bytes/…` for malformed Zstandard.
 */
export async function openExportFile(path: string, options: ExportFileOptions): Promise<ExportFile> {
  const file = await openRegularFile(path);
  try {
    const bodyBytes = await verifyChecksum(file, path, options.signal);
    const open = async (): Promise<RecordReader> => await openRecords(file, bodyBytes, path, options.signal);
    const { header, digests } = await verifyRecords(await open(), path, options);
    return {
      path,
      header,
      async *sections() {
        const reader = await open();
        try {
          await reader.header();
          yield* sectionsOf(reader, header, [], digests);
        } finally {
          await reader.close();
        }
      },
      close: async () => await file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Verifies the checksum, before any content is parsed. Returns the number of bytes before the frame of the checksum.
 */
async function verifyChecksum(file: FileHandle, path: string, signal: AbortSignal | undefined): Promise<number> {
  const { size } = await file.stat();
  const bodyBytes = size - CHECKSUM_FRAME_BYTES;
  if (size === 0) throw new ClairError('export/invalid', `${path} is empty`);
  const head = await readAt(file, 0, ZSTD_MAGIC.length);
  if (!head.equals(ZSTD_MAGIC))
    throw new ClairError('export/invalid', `${path} is not a Clair export: use a file that \`clair db export\` wrote`);
  const promised = checksumOfFrame(await readAt(file, Math.max(bodyBytes, 0), CHECKSUM_FRAME_BYTES));
  if (promised === undefined) {
    throw new ClairError(
      'export/invalid',
      `${path} is truncated or not a Clair export: the checksum at the end is missing`,
    );
  }
  const hash = createHash('sha256');
  for await (const chunk of bytesOf(file, bodyBytes, path)) {
    signal?.throwIfAborted();
    hash.update(chunk);
  }
  if (!hash.digest().equals(promised)) {
    throw new ClairError('export/invalid', `${path} is damaged: its checksum does not match`);
  }
  return bodyBytes;
}

/** Returns the header and the digest of each section. */
async function verifyRecords(
  reader: RecordReader,
  path: string,
  options: ExportFileOptions,
): Promise<{ readonly header: HeaderRecord; readonly digests: readonly string[] }> {
  try {
    const digests: string[] = [];
    const header = await reader.header();
    for await (const { state } of sectionsOf(reader, header, digests, [])) checkFeed(state, path, header, options);
    return { header, digests };
  } finally {
    await reader.close();
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

async function* bytesOf(file: FileHandle, length: number, path: string): AsyncGenerator<Uint8Array> {
  if (length === 0) return;
  try {
    yield* file.createReadStream({ start: 0, end: length - 1, autoClose: false, highWaterMark: 256 * 1024 });
  } catch (error) {
    throw unreadableFile(error, path);
  }
}

async function openRecords(
  file: FileHandle,
  bodyBytes: number,
  where: string,
  signal: AbortSignal | undefined,
): Promise<RecordReader> {
  const body: ByteStream = bytesOf(file, bodyBytes, where);
  const { stream } = await decompress(body, { where, accept: ['zstd'], ...(signal && { signal }) });
  return createRecordReader(textLines(stream, where, MAX_LINE_BYTES), where);
}

/**
 * @param found receives the digest of each section
 * @param promised the expected digests; empty before verification
 */
async function* sectionsOf(
  reader: RecordReader,
  header: HeaderRecord,
  found: string[],
  promised: readonly string[],
): AsyncGenerator<ExportSection> {
  let record = await reader.next();
  let previous = { kind: '', feed: '' };
  for (const [index, { kind, feed, records, repositories }] of promisedSections(header).entries()) {
    const isInOrder = kind !== previous.kind || feed > previous.feed;
    if (record.kind !== kind || record.feed !== feed || !isInOrder) {
      throw reader.fault(`expected the start of ${feed}`);
    }
    previous = { kind, feed };
    const digest = promised[index];
    const promise = { records, repositories, ...(digest !== undefined && { digest }) };
    const { section, end } = openSection(reader, record, promise);
    yield section;
    const ended = await end();
    found.push(ended.digest);
    record = ended.following;
  }
  checkEnd(reader, header, record);
  await reader.end();
}

function promisedSections({ feeds, enrichers = [] }: HeaderRecord): readonly PromisedSection[] {
  return [
    ...feeds.map(({ feed, advisories: records, repositories = 0 }) => {
      return { kind: 'feed', feed, records, repositories } as const;
    }),
    ...enrichers.map(({ feed, enrichments: records }) => {
      return { kind: 'enricher', feed, records, repositories: 0 } as const;
    }),
  ];
}

type PromisedSection = {
  readonly kind: ExportSection['state']['kind'];
  readonly feed: string;
  readonly records: number;
  readonly repositories: number;
};

function checkEnd(reader: RecordReader, { feeds, enrichers }: HeaderRecord, record: ExportRecord): void {
  const advisories = feeds.reduce((total, each) => total + each.advisories, 0);
  const enrichments = enrichers?.reduce((total, each) => total + each.enrichments, 0);
  const isRight =
    record.kind === 'end' &&
    record.feeds === feeds.length &&
    record.advisories === advisories &&
    record.enrichers === enrichers?.length &&
    record.enrichments === enrichments;
  if (!isRight) throw reader.fault('expected the end of the entries, with the same counts as the header');
}

/** Rejects data of a feed that this release cannot update, because the data would become stale without a warning. */
function checkFeed(
  state: FeedRecord | EnricherRecord,
  path: string,
  header: HeaderRecord,
  { fetchers, enrichers }: ExportFileOptions,
): void {
  const [holds, held] =
    state.kind === 'feed'
      ? [state.scheme, fetchers.find(({ id }) => id === state.feed)?.scheme]
      : [state.enrichmentKind, enrichers.find(({ id }) => id === state.feed)?.kind];
  if (holds !== held) {
    throw new ClairError(
      'export/unsupported',
      `${path}, written by Clair ${header.clair}, contains the feed ${state.feed} (${holds}), which this version does not support`,
    );
  }
  if (Number.isNaN(Date.parse(state.fetchedAt))) {
    throw new ClairError('export/invalid', `${path}: invalid time ${state.fetchedAt}`);
  }
}
