import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileBytes } from '../../bytes/file-bytes.ts';
import { decompress } from '../../bytes/compression.ts';
import type { OrderedEnrichment } from '../../database/contracts/enrichments.ts';
import { digestOfHex } from '../../model/digest.ts';
import type { RepositoryCpes } from '../../model/repository-cpes.ts';
import {
  type AdvisoryRecord,
  type EnricherRecord,
  type EnrichmentRecord,
  type FeedRecord,
  MAX_LINE_BYTES,
} from '../exchange/export-record.ts';
import { type ExportSection, openSection } from '../exchange/export-section.ts';
import { compressed, lineOf } from '../exchange/record-lines.ts';
import { createRecordReader } from '../exchange/record-reader.ts';
import { textLines } from '../exchange/text-lines.ts';
import { MAX_CONTENT_BYTES, type PublishedLayer } from './artifact-config.ts';

export type LayerContent = {
  /** The names of removed advisories or enrichments; absent in complete layers. */
  readonly gone?: readonly string[];
  readonly repositories: RepositoryCpes;
  /** The advisories or enrichments by ascending name. */
  readonly records: AsyncIterable<AdvisoryRecord | EnrichmentRecord>;
};

/** A layer that was written to a file. */
export type WrittenLayer = Pick<PublishedLayer, 'digest' | 'size' | 'records' | 'repositories'> & {
  readonly path: string;
};

/** Writes a layer to a new file in a folder; equal content produces equal bytes. */
export async function writeRecordLayer(
  folder: string,
  name: string,
  content: LayerContent,
  signal?: AbortSignal,
): Promise<WrittenLayer> {
  const { gone, repositories } = content;
  const path = join(folder, name);
  const hash = createHash('sha256');
  let size = 0;
  let count = 0;
  async function* lines(): AsyncGenerator<string> {
    if (gone !== undefined) yield lineOf({ kind: 'gone', names: gone });
    for (const [repository, cpes] of repositories) yield lineOf({ kind: 'repository', name: repository, cpes });
    for await (const record of content.records) {
      signal?.throwIfAborted();
      count += 1;
      yield lineOf(record);
    }
    yield lineOf({ kind: 'end', feeds: 1, advisories: count });
  }
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of compressed(lines())) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  await pipeline(hashed(), createWriteStream(path, { flags: 'wx', mode: 0o600 }));
  return { path, digest: digestOfHex(hash.digest('hex')), size, records: count, repositories: repositories.size };
}

/** A layer that can be read once. The caller must close the layer. */
export type OpenLayer = {
  /** The names of removed advisories or enrichments; empty for a complete layer. */
  readonly gone: readonly string[];
  readonly section: ExportSection;
  /**
   * Reads the remaining records, and checks that the layer ends after them. @throws ClairError `export/invalid`,
   * `bytes/…`
   */
  readonly end: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** The content of a layer according to the configuration of its artifact. */
export type LayerPromise = Pick<PublishedLayer, 'records' | 'repositories'> & {
  readonly state: FeedRecord | EnricherRecord;
  readonly format: number;
  readonly isDelta: boolean;
};

/**
 * Opens a layer of advisories or enrichments in a file whose digest was verified.
 *
 * @param where the name of the layer in messages
 * @throws ClairError `export/invalid` for malformed records, also from the iteration; `bytes/…` for malformed Zstandard
 */
export async function openRecordLayer(
  path: string,
  where: string,
  { state, format, isDelta, records, repositories }: LayerPromise,
  signal?: AbortSignal,
): Promise<OpenLayer> {
  const { stream } = await decompress(fileBytes(path), {
    where,
    accept: ['zstd'],
    limits: { maxUncompressedBytes: MAX_CONTENT_BYTES },
    ...(signal && { signal }),
  });
  const reader = createRecordReader(textLines(stream, where, MAX_LINE_BYTES), where, format);
  try {
    let gone: readonly string[] = [];
    if (isDelta) {
      const record = await reader.next();
      if (record.kind !== 'gone') throw reader.fault('expected the list of removed entries');
      gone = record.names;
    }
    const { section, end } = openSection(reader, state, { records, repositories });
    return {
      gone,
      section,
      async end() {
        const { following } = await end();
        if (following.kind !== 'end') throw reader.fault('expected the end of the entries');
        await reader.end();
      },
      close: reader.close,
    };
  } catch (error) {
    await reader.close();
    throw error;
  }
}

/** Merges changed and removed enrichments in ascending order of CVE. @param gone the removed CVEs in ascending order */
export async function* withRemoved(
  enrichments: AsyncIterable<OrderedEnrichment>,
  gone: readonly string[],
): AsyncGenerator<OrderedEnrichment> {
  let at = 0;
  for await (const each of enrichments) {
    for (let name = gone[at]; name !== undefined && name < each.cve; name = gone[at]) {
      yield { cve: name, value: null };
      at += 1;
    }
    yield each;
  }
  for (const cve of gone.slice(at)) yield { cve, value: null };
}
