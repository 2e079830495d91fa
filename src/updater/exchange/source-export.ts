import { createHash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { CompressStream } from 'zstd-napi';
import type { ByteStream } from '../../bytes/byte-stream.ts';
import type { SourceSnapshot, Store } from '../../database/store.ts';
import type { SourceState } from '../../model/source.ts';
import type { Fetcher } from '../fetchers/fetcher.ts';
import { checksumFrame } from './checksum-frame.ts';
import {
  advisoryFault,
  EXPORT_FORMAT,
  type ExportRecord,
  isExportRecord,
  MAX_LINE_BYTES,
  recordFault,
} from './export-record.ts';
import { replaceFile } from './replaced-file.ts';

/** A tenth smaller than at the default level, and still little work beside that of reading the database. */
const COMPRESSION_LEVEL = 9;

/** How many characters of lines are handed to the compressor at once. */
const CHUNK_CHARACTERS = 256 * 1024;

export type ExportOptions = {
  readonly store: Store;
  readonly fetchers: readonly Pick<Fetcher, 'id' | 'scheme'>[];
  /** The release of Clair that writes. */
  readonly version: string;
  /** The current time in milliseconds since 1970. */
  readonly now: () => number;
  readonly signal?: AbortSignal;
};

export type ExportSummary = {
  readonly sources: readonly ExportedSource[];
  /** The sources that are in the database, but not in the file: no update of them succeeded, or nobody fetches them. */
  readonly leftOut: readonly string[];
  readonly advisories: number;
  readonly bytes: number;
};

export type ExportedSource = { readonly source: string; readonly advisories: number; readonly fetchedAt: number };

/**
 * Writes what all sources say into one file, as they are at one moment: updates may go on meanwhile. The file is there
 * whole or not at all.
 *
 * @throws ClairError `export/unwritable` or `database/unavailable`; the reason of `signal`.
 */
export async function exportSources(path: string, options: ExportOptions): Promise<ExportSummary> {
  return await options.store.snapshot(async (snapshot) => {
    const sources = snapshot.sources.flatMap((state) => exportable(state, options.fetchers));
    const named = new Set(sources.map(({ source }) => source));
    const bytes = await replaceFile(path, withChecksum(compressed(linesOf(snapshot, sources, options))));
    return {
      sources: sources.map(({ source, advisories, fetchedAt }) => ({ source, advisories, fetchedAt })),
      leftOut: snapshot.sources.map(({ source }) => source).filter((source) => !named.has(source)),
      advisories: sum(sources),
      bytes,
    };
  });
}

type ExportableSource = ExportedSource & {
  readonly state: SourceState;
  readonly fetcherVersion: number;
  readonly scheme: Fetcher['scheme'];
};

function exportable(state: SourceState, fetchers: ExportOptions['fetchers']): readonly ExportableSource[] {
  const { source, fetcherVersion, lastSuccess, vulnerabilities } = state;
  const scheme = fetchers.find(({ id }) => id === source)?.scheme;
  if (scheme === undefined || fetcherVersion === null || lastSuccess === null) return [];
  return [{ source, advisories: vulnerabilities, fetchedAt: lastSuccess, state, fetcherVersion, scheme }];
}

/** What no import would take is a defect of Clair, and better found here than where the file is needed. */
async function* linesOf(
  snapshot: SourceSnapshot,
  sources: readonly ExportableSource[],
  { version, now, signal }: ExportOptions,
): AsyncGenerator<string> {
  yield lineOf({
    kind: 'clair-export',
    format: EXPORT_FORMAT,
    clair: version,
    exportedAt: new Date(now()).toISOString(),
    sources: sources.map(({ source, advisories }) => ({ source, advisories })),
  });
  for (const { source, scheme, fetcherVersion, fetchedAt, advisories, state } of sources) {
    const { etag, lastModified, unclear } = state;
    const time = new Date(fetchedAt).toISOString();
    yield lineOf({ kind: 'source', source, scheme, fetcherVersion, fetchedAt: time, etag, lastModified, unclear });
    let count = 0;
    for await (const { advisory, contentHash } of snapshot.advisories(source)) {
      signal?.throwIfAborted();
      const fault = advisoryFault(advisory, scheme);
      if (fault !== undefined) throw new Error(`${source} holds what cannot be exported: ${fault}`);
      yield lineOf({ kind: 'advisory', contentHash: Buffer.from(contentHash).toString('hex'), ...advisory });
      count += 1;
    }
    if (count !== advisories) throw new Error(`${source} holds ${count} advisories, but its state says ${advisories}`);
  }
  yield lineOf({ kind: 'end', sources: sources.length, advisories: sum(sources) });
}

function sum(sources: readonly ExportedSource[]): number {
  return sources.reduce((total, { advisories }) => total + advisories, 0);
}

function lineOf(record: ExportRecord): string {
  if (!isExportRecord(record)) {
    throw new Error(`a record that cannot be exported: ${recordFault(record)}: ${JSON.stringify(record)}`);
  }
  const line = JSON.stringify(record);
  if (Buffer.byteLength(line) > MAX_LINE_BYTES) {
    throw new Error(`a record that cannot be exported: ${line.slice(0, 200)}… has more than ${MAX_LINE_BYTES} bytes`);
  }
  return `${line}\n`;
}

async function* compressed(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const compressor = new CompressStream({ compressionLevel: COMPRESSION_LEVEL });
  // An error of the lines ends the iteration below; that the iteration is stopped ends the lines.
  pipeline(Readable.from(chunksOf(lines)), compressor, () => undefined);
  yield* compressor;
}

async function* chunksOf(lines: AsyncIterable<string>): AsyncGenerator<Buffer> {
  let chunk = '';
  for await (const line of lines) {
    chunk += line;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    yield Buffer.from(chunk);
    chunk = '';
  }
  if (chunk !== '') yield Buffer.from(chunk);
}

async function* withChecksum(bytes: ByteStream): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
  yield checksumFrame(hash.digest());
}
