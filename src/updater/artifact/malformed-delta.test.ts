import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Store } from '../../database/contracts/store.ts';
import { openStore } from '../../database/open-store.ts';
import { createAdvisoryOrder } from '../../database/queries/vulnerabilities/advisory-order.ts';
import { advisory } from '../../database/testing/packages.ts';
import { digestOfHex } from '../../model/digest.ts';
import { compressed, lineOf } from '../exchange/record-lines.ts';
import { EXPORT_FEEDS } from '../testing/export-builder.ts';
import { createMemoryRegistry, type MemoryRegistry } from '../testing/memory-registry.ts';
import { type ArtifactConfig, MEDIA_TYPES, type PublishedFeed } from './artifact-config.ts';
import { readArtifact } from './artifact-reader.ts';
import { type PulledFeed, pullFeeds } from './database-pull.ts';
import { publishDatabase } from './publication.ts';

const NOW = Date.parse('2026-02-01T00:00:00.000Z');
const DAY = 24 * 60 * 60 * 1000;
const { signal } = new AbortController();

let here: Store;
let there: Store;
beforeEach(async () => {
  here = await openStore({ type: 'memory' });
  there = await openStore({ type: 'memory' });
});
afterEach(async () => {
  await here.close();
  await there.close();
});

/** Stores this many advisories of the feed `debian` with the given time, and publishes them. */
async function publish(registry: MemoryRegistry, count: number, at: number): Promise<ArtifactConfig> {
  const order = createAdvisoryOrder();
  for (let each = 0; each < count; each += 1) {
    order.add(
      advisory(`CVE-2025-${1000 + each}`, { package: `package-${each * 7919}`, fixed: `${each}.${each * 31}` }),
    );
  }
  const recordDiagnostics = { count: 0, skipped: 0, examples: [] };
  const state = { feed: 'debian', scheme: 'dpkg', fetcherVersion: 3, etag: null, lastModified: null } as const;
  await here.vulnerabilities.update({ ...state, advisories: order.advisories(), recordDiagnostics, at });
  order.close();
  const place = registry.place();
  const { writer } = registry;
  const about = { store: here, place, repository: 'registry.test/db', writer, version: '1.2.3' };
  await publishDatabase({ ...about, ...EXPORT_FEEDS, now: () => NOW, signal });
  return (await readArtifact(place)).config;
}

async function pull(registry: MemoryRegistry): Promise<PulledFeed[]> {
  const place = registry.place();
  const artifact = await readArtifact(place);
  const known = EXPORT_FEEDS.fetchers;
  const pulled: PulledFeed[] = [];
  for await (const each of pullFeeds({ store: there, place, artifact, known, signal })) pulled.push(each);
  return pulled;
}

function addBlob({ blobs }: MemoryRegistry, bytes: Buffer): { readonly digest: string; readonly size: number } {
  const digest = digestOfHex(createHash('sha256').update(bytes).digest('hex'));
  blobs.set(digest, bytes);
  return { digest, size: bytes.length };
}

/** Publishes the configuration with this feed only. */
function publishFeed(registry: MemoryRegistry, config: ArtifactConfig, feed: PublishedFeed): void {
  const bytes = Buffer.from(JSON.stringify({ ...config, base: undefined, feeds: [feed] }));
  const mediaType = MEDIA_TYPES.config;
  const layers = [feed.complete, ...feed.deltas].map(({ digest, size }) => ({ digest, size }));
  const manifest = { config: { mediaType, ...addBlob(registry, bytes) }, layers };
  registry.manifests.set('latest', Buffer.from(JSON.stringify(manifest)));
}

/** The lines of a delta that does not start with the list of removed entries, compressed. */
async function withoutRemoved(): Promise<Buffer> {
  async function* lines(): AsyncGenerator<string> {
    yield lineOf({ kind: 'end', feeds: 1, advisories: 0 });
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of compressed(lines())) chunks.push(chunk);
  return Buffer.concat(chunks);
}

it.each<[string, () => Promise<Buffer>]>([
  ['does not start with the list of removed entries', withoutRemoved],
  ['is not Zstandard', async () => Buffer.from('no frame')],
  ['is a cut Zstandard frame', async () => (await withoutRemoved()).subarray(0, -4)],
  ['has a corrupt Zstandard block', async () => corrupted(await withoutRemoved())],
])('a delta is replaced by the complete layer if the delta %s', async (_, bytes) => {
  const registry = createMemoryRegistry();
  await publish(registry, 60, NOW - 3 * DAY);
  expect(await pull(registry)).toMatchObject([{ kind: 'updated' }]);
  const {
    feeds: [changed],
  } = await publish(registry, 61, NOW - 2 * DAY);
  const other = createMemoryRegistry();
  const config = await publish(other, 61, NOW - 2 * DAY);
  const [whole] = config.feeds;
  const [delta] = changed!.deltas;
  const malformed = addBlob(other, await bytes());
  publishFeed(other, config, { ...whole!, deltas: [{ ...delta!, ...malformed }] });
  expect(await pull(other)).toMatchObject([{ feed: 'debian', kind: 'updated', counts: { added: 1, unchanged: 60 } }]);
});

/** Returns the bytes with other bytes after the header of the Zstandard frame. */
function corrupted(bytes: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, 6), Buffer.alloc(bytes.length - 6, 0xff)]);
}
