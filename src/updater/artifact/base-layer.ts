import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { FeedSnapshot } from '../../database/contracts/feed-snapshot.ts';
import type { OrderedAdvisory } from '../../database/contracts/vulnerabilities.ts';
import { nativeLibrary } from '../../errors.ts';
import { compactBaseFile, sqliteSchemaVersion } from '../../database/engines/sqlite/base-file.ts';
import { openStore } from '../../database/open-store.ts';
import { digestOfHex } from '../../model/digest.ts';
import type { StoredSection } from '../exchange/feed-export.ts';
import type { PublishedBase } from './artifact-config.ts';

/** The Zstandard level; compressing a large database at this level takes about a minute. */
const COMPRESSION_LEVEL = 9;

export type WrittenBase = Omit<PublishedBase, 'feeds'> & { readonly path: string };

/**
 * Writes feeds to a new SQLite file and compresses the file. The file contains only the feeds, so that a database with
 * images can be published.
 *
 * @throws ClairError `database/…`; the abort reason of the signal
 */
export async function writeBase(
  folder: string,
  snapshot: FeedSnapshot,
  sections: readonly StoredSection[],
  signal: AbortSignal,
): Promise<WrittenBase> {
  const file = join(folder, 'clair.db');
  const store = await openStore({ type: 'sqlite', path: file });
  try {
    for (const { state, repositories } of sections) {
      const { feed, fetcherVersion, etag, lastModified, recordDiagnostics } = state;
      const at = Date.parse(state.fetchedAt);
      const change = { feed, fetcherVersion, etag, lastModified, recordDiagnostics, at };
      if (state.kind === 'feed') {
        const advisories = orderedAdvisories(snapshot, feed, signal);
        await store.vulnerabilities.update({ ...change, scheme: state.scheme, advisories, repositories });
      } else {
        const enrichments = stopped(snapshot.enrichments(state.enrichmentKind), signal);
        await store.enrichments.update({ ...change, kind: state.enrichmentKind, enrichments });
      }
    }
  } finally {
    await store.close();
  }
  await compactBaseFile(file);
  return { ...(await compressedFile(file, join(folder, 'clair.db.zst'), signal)), schema: sqliteSchemaVersion() };
}

async function compressedFile(from: string, path: string, signal: AbortSignal): Promise<Omit<WrittenBase, 'schema'>> {
  const hash = createHash('sha256');
  // The library is loaded here, because most commands compress nothing.
  const { CompressStream } = await nativeLibrary('zstd-napi', () => import('zstd-napi'));
  const compressor = new CompressStream({ compressionLevel: COMPRESSION_LEVEL });
  await pipeline(
    createReadStream(from, { highWaterMark: 1024 * 1024 }),
    compressor,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(path, { flags: 'wx', mode: 0o600 }),
    { signal },
  );
  const [{ size: bytes }, { size }] = await Promise.all([stat(from), stat(path)]);
  return { path, digest: digestOfHex(hash.digest('hex')), size, bytes };
}

async function* orderedAdvisories(
  snapshot: FeedSnapshot,
  feed: string,
  signal: AbortSignal,
): AsyncGenerator<OrderedAdvisory> {
  for await (const { advisory, contentHash } of stopped(snapshot.advisories(feed), signal)) {
    yield { id: advisory.id, contentHash: Buffer.from(contentHash), read: () => advisory };
  }
}

async function* stopped<Item>(items: AsyncIterable<Item>, signal: AbortSignal): AsyncGenerator<Item> {
  for await (const item of items) {
    signal.throwIfAborted();
    yield item;
  }
}
