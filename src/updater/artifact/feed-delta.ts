import { hash } from 'node:crypto';
import type { FeedSnapshot } from '../../database/contracts/feed-snapshot.ts';
import type { RepositoryCpes } from '../../model/repository-cpes.ts';
import type { AdvisoryRecord, EnrichmentRecord } from '../exchange/export-record.ts';
import type { StoredSection } from '../exchange/feed-export.ts';
import { recordsOf } from '../exchange/feed-export.ts';
import type { ArtifactConfig, PublishedFeed } from './artifact-config.ts';
import { downloadLayer } from './artifact-reader.ts';
import type { ArtifactPlace } from './artifact-registry.ts';
import { wholeSteps } from './feed-steps.ts';
import { type LayerContent, openRecordLayer } from './record-layer.ts';

/** The content of a published feed. `hashes` contains a short hash of each advisory or enrichment, by its name. */
export type PublishedContent = {
  readonly hashes: ReadonlyMap<string, string>;
  readonly repositories: RepositoryCpes;
};

/**
 * Reads the content of a published feed from its layers.
 *
 * @throws ClairError `artifact/…`, `export/…`, `registry/…`, `bytes/…`
 */
export async function readPublishedContent(
  place: ArtifactPlace,
  feed: PublishedFeed,
  config: Pick<ArtifactConfig, 'records'>,
  signal: AbortSignal,
): Promise<PublishedContent> {
  const hashes = new Map<string, string>();
  let repositories: RepositoryCpes = new Map();
  for (const { layer, isDelta } of wholeSteps(feed)) {
    const file = await downloadLayer(place, layer, { signal });
    try {
      const where = `${layer.digest} in ${place.where}`;
      const promise = { ...layer, state: feed.state, format: config.records, isDelta };
      const { gone, section, end, close } = await openRecordLayer(file.path, where, promise, signal);
      try {
        for (const name of gone) hashes.delete(name);
        if ('advisories' in section) {
          for await (const { id, contentHash } of section.advisories) hashes.set(id, shortHash(contentHash));
          if (section.repositories.size > 0) ({ repositories } = section);
        } else {
          for await (const { cve, value } of section.enrichments) hashes.set(cve, hashOfValue(value ?? ''));
        }
        await end();
      } finally {
        await close();
      }
    } finally {
      await file.remove();
    }
  }
  return { hashes, repositories };
}

/** Compares a feed of the database with its published content. Returns the content of the delta. */
export async function deltaOf(
  snapshot: FeedSnapshot,
  section: StoredSection,
  published: PublishedContent,
): Promise<LayerContent> {
  const kept = new Set<string>();
  const changed = new Set<string>();
  for await (const record of recordsOf(snapshot, section.state)) {
    const name = nameOf(record);
    kept.add(name);
    if (published.hashes.get(name) !== hashOf(record)) changed.add(name);
  }
  const gone = [...published.hashes.keys()].filter((name) => !kept.has(name)).toSorted();
  const repositories = isSame(section.repositories, published.repositories) ? new Map() : section.repositories;
  async function* records(): LayerContent['records'] & AsyncGenerator<AdvisoryRecord | EnrichmentRecord> {
    if (changed.size === 0) return;
    for await (const record of recordsOf(snapshot, section.state)) if (changed.has(nameOf(record))) yield record;
  }
  return { gone, repositories, records: records() };
}

function nameOf(record: AdvisoryRecord | EnrichmentRecord): string {
  return record.kind === 'advisory' ? record.id : record.cve;
}

function hashOf(record: AdvisoryRecord | EnrichmentRecord): string {
  if (record.kind === 'advisory') return shortHash(Buffer.from(record.contentHash, 'hex'));
  return hashOfValue(JSON.stringify(record.value));
}

function hashOfValue(json: string): string {
  return shortHash(hash('sha256', json, 'buffer'));
}

/** Returns the first 16 bytes of a SHA-256, which suffice to distinguish contents and need half the memory. */
function shortHash(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, 16)).toString('latin1');
}

function isSame(one: RepositoryCpes, other: RepositoryCpes): boolean {
  return JSON.stringify([...one]) === JSON.stringify([...other]);
}
