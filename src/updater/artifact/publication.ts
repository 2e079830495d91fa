import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileBytes } from '../../bytes/file-bytes.ts';
import type { FeedSnapshot } from '../../database/contracts/feed-snapshot.ts';
import type { Store } from '../../database/contracts/store.ts';
import { sqliteSchemaVersion } from '../../database/engines/sqlite/base-file.ts';
import { ClairError, type ErrorCode } from '../../errors.ts';
import { type Digest, digestOfHex } from '../../model/digest.ts';
import { EXPORT_FORMAT } from '../exchange/export-record.ts';
import { type ExportOptions, recordsOf, sectionOf, type StoredSection } from '../exchange/feed-export.ts';
import {
  ARTIFACT_FORMAT,
  type ArtifactConfig,
  layersOf,
  MEDIA_TYPES,
  type PublishedBase,
  type PublishedDelta,
  type PublishedFeed,
  type PublishedLayer,
} from './artifact-config.ts';
import { type Artifact, readArtifact } from './artifact-reader.ts';
import type { ArtifactPlace, ArtifactWriter } from './artifact-registry.ts';
import { signManifest } from './artifact-signature.ts';
import { SIGNATURE_PAYLOAD_TYPE, signatureTag } from './cosign-signatures.ts';
import { writeBase } from './base-layer.ts';
import { deltaOf, readPublishedContent } from './feed-delta.ts';
import { bytesOf, chainFrom, stepsFrom } from './feed-steps.ts';
import { writeRecordLayer } from './record-layer.ts';

export type PublishOptions = Pick<ExportOptions, 'fetchers' | 'enrichers' | 'version' | 'now'> & {
  readonly store: Store;
  /** The registry, the repository and the tag under which the database is published. */
  readonly place: ArtifactPlace;
  /** The name of the repository with its registry, for signatures. */
  readonly repository: string;
  readonly writer: ArtifactWriter;
  /** The private key with which the manifest is signed; when absent, the manifest is not signed. */
  readonly key?: KeyObject;
  /** Whether to remove feeds of the previous version that the database lacks. */
  readonly allowShrink?: boolean;
  readonly signal: AbortSignal;
};

export type Publication = {
  readonly digest: Digest;
  readonly feeds: readonly PublicationOfFeed[];
  /** Feeds in the database that are not published, because they have no data, or neither a fetcher nor an enricher. */
  readonly leftOut: readonly string[];
  /** Feeds of the previous version that this version does not contain. */
  readonly removed: readonly string[];
  /** Whether a new SQLite file was published. */
  readonly isNewBase: boolean;
  /** The total size of the uploaded layers, in bytes. */
  readonly uploaded: number;
};

export type PublicationOfFeed = {
  readonly feed: string;
  readonly records: number;
  readonly fetchedAt: number;
  /**
   * The sizes, in bytes, of the complete layer and, in `delta`, of the changes since the last publication. `delta` is
   * absent if there is no new delta.
   */
  readonly bytes: number;
  readonly delta?: { readonly bytes: number; readonly records: number };
};

/** The maximum number of deltas that are kept. With daily publications, these are the deltas of a month. */
const MAX_DELTAS = 31;

/**
 * A new complete layer or SQLite file replaces the previous one if the changes since the previous one exceed this share
 * of its size.
 */
const MAX_DELTA_SHARE = 0.25;

/**
 * Publishes the feeds of a database from one snapshot, as the next version of the artifact under the tag. Keeps
 * unchanged layers, and adds a delta for each changed feed. The tag changes last, so an interrupted publication leaves
 * the previous version in place.
 *
 * @throws ClairError `artifact/feeds-missing`; `artifact/…` if the tag contains something else; `export/…` for a
 * malformed layer of the previous version; `registry/…`, `bytes/…`; the abort reason of the signal
 */
export async function publishDatabase(options: PublishOptions): Promise<Publication> {
  const folder = await mkdtemp(join(tmpdir(), 'clair-publish-'));
  try {
    return await publishFrom(folder, options);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function publishFrom(folder: string, options: PublishOptions): Promise<Publication> {
  const { store, place, version, now, signal, writer } = options;
  const former = await formerArtifact(options);
  const files = new Map<string, string>();
  const written = await store.feedSnapshot(async (snapshot) => {
    const sections: StoredSection[] = [];
    for (const state of snapshot.feeds) sections.push(...(await sectionOf(state, snapshot, options)));
    const removed = removedFeeds(sections, former?.config, options);
    const feeds: PublishedFeed[] = [];
    for (const section of sections) {
      feeds.push(await publishedFeed(section, { folder, files, snapshot, former: former?.config, place, signal }));
    }
    const base = await baseOf(sections, feeds, { folder, files, snapshot, former: former?.config, place, signal });
    const named = new Set(sections.map(({ state }) => state.feed));
    return { feeds, base, removed, leftOut: snapshot.feeds.map(({ feed }) => feed).filter((feed) => !named.has(feed)) };
  });
  const config: ArtifactConfig = {
    format: ARTIFACT_FORMAT,
    records: EXPORT_FORMAT,
    clair: version,
    publishedAt: new Date(now()).toISOString(),
    feeds: written.feeds,
    base: written.base,
  };
  let uploaded = 0;
  for (const { digest, size } of distinct(layersOf(config))) {
    const path = files.get(digest);
    // Skip layers without a file, because the registry already contains the layers of the previous version.
    if (path === undefined) continue;
    const open = (start: number, end: number): AsyncIterable<Uint8Array> =>
      fileBytes(path, { start, length: end - start });
    if (await writer.putBlob({ digest, size, open }, signal)) uploaded += size;
  }
  const digest = await putManifests(config, options);
  const isNewBase = files.has(written.base.digest);
  const published = written.feeds.map((feed) => publicationOf(feed, former?.config));
  const { leftOut, removed } = written;
  return { digest, feeds: published, leftOut, removed, isNewBase, uploaded };
}

/**
 * Returns the feeds of the previous version that the database lacks. Feeds that this release does not support end with
 * the previous version.
 *
 * @throws ClairError `artifact/feeds-missing` for a database without feeds, such as the new database of a mistyped path,
 * and for a database that lacks supported feeds of the previous version, unless the caller accepts the removal
 */
function removedFeeds(
  sections: readonly StoredSection[],
  former: ArtifactConfig | undefined,
  { fetchers, enrichers, place, allowShrink = false }: PublishOptions,
): readonly string[] {
  if (sections.length === 0) throw new ClairError('artifact/feeds-missing', 'the database contains no data of feeds');
  const stored = new Set(sections.map(({ state }) => state.feed));
  const lost = (former?.feeds ?? []).map(({ state }) => state.feed).filter((feed) => !stored.has(feed));
  const supported = new Set([...fetchers, ...enrichers].map(({ id }) => id));
  const missing = lost.filter((feed) => supported.has(feed));
  if (missing.length === 0 || allowShrink) return lost;
  const message = `the database has no data of ${missing.join(', ')}, and ${place.where} does; --allow-shrink removes this data`;
  throw new ClairError('artifact/feeds-missing', message);
}

/**
 * Returns the artifact of the tag; undefined for a new tag or if the artifact is not signed with the key of the
 * publisher. A publisher with a key adds versions only to artifacts that were signed with this key, because the new
 * signature also covers the kept layers.
 */
async function formerArtifact({ place, key, signal }: PublishOptions): Promise<Artifact | undefined> {
  const publicKey = key && { key: createPublicKey(key), path: 'of the publisher' };
  // The publisher stores signatures only under the tag.
  const { listReferrers: _, ...tagged } = place;
  try {
    return await readArtifact(tagged, { signal, ...(publicKey && { key: publicKey }) });
  } catch (error) {
    if (error instanceof ClairError && FRESH_START.has(error.code)) return undefined;
    throw error;
  }
}

const FRESH_START: ReadonlySet<ErrorCode> = new Set(['image/not-found', 'artifact/unsigned']);

type FeedWork = {
  readonly folder: string;
  /** Receives the paths of new layers by digest. */
  readonly files: Map<string, string>;
  readonly snapshot: FeedSnapshot;
  readonly former: ArtifactConfig | undefined;
  readonly place: ArtifactPlace;
  readonly signal: AbortSignal;
};

async function publishedFeed(section: StoredSection, work: FeedWork): Promise<PublishedFeed> {
  const { state, records } = section;
  const { snapshot, folder, files, signal } = work;
  const fingerprint = await fingerprintOf(snapshot, state);
  const namespaces = state.kind === 'feed' ? await snapshot.namespaces(state.feed) : [];
  const about = { state, namespaces, records, fingerprint };
  const deltas = await deltasOf(section, fingerprint, work);
  const before = formerFeed(state.feed, work.former);
  if (before !== undefined) {
    const chain = chainFrom({ ...about, complete: before.complete, deltas }, before.complete.fingerprint);
    const size = chain?.reduce((sum, delta) => sum + delta.size, 0) ?? Number.POSITIVE_INFINITY;
    if (size <= MAX_DELTA_SHARE * before.complete.size) return { ...about, complete: before.complete, deltas };
  }
  const content = { repositories: section.repositories, records: recordsOf(snapshot, state) };
  const { path, ...layer } = await writeRecordLayer(folder, `${state.feed}.complete`, content, signal);
  files.set(layer.digest, path);
  return { ...about, complete: { ...layer, fetchedAt: state.fetchedAt, fingerprint }, deltas };
}

/** Returns the deltas of the previous version, and a new delta if the content changed. */
async function deltasOf(
  section: StoredSection,
  fingerprint: string,
  { folder, files, snapshot, former, place, signal }: FeedWork,
): Promise<readonly PublishedDelta[]> {
  const { state } = section;
  const before = formerFeed(state.feed, former);
  if (before === undefined || former === undefined) return [];
  if (before.fingerprint === fingerprint) return before.deltas;
  const published = await readPublishedContent(place, before, former, signal);
  const content = await deltaOf(snapshot, section, published);
  const { path, ...layer } = await writeRecordLayer(folder, `${state.feed}.delta`, content, signal);
  // If a delta is larger than the feed, clients download the whole feed, so neither this delta nor the previous deltas
  // are useful.
  if (layer.size > before.complete.size) return [];
  files.set(layer.digest, path);
  const delta = { ...layer, fetchedAt: state.fetchedAt, fingerprint, from: before.fingerprint };
  return [...before.deltas, delta].slice(-MAX_DELTAS);
}

/**
 * Returns a feed of the previous version; undefined if the previous version has no such feed, or has another record
 * format, to which no deltas can be added.
 */
function formerFeed(name: string, former: ArtifactConfig | undefined): PublishedFeed | undefined {
  return former?.records === EXPORT_FORMAT ? former.feeds.find(({ state }) => state.feed === name) : undefined;
}

async function fingerprintOf(snapshot: FeedSnapshot, state: StoredSection['state']): Promise<string> {
  return state.kind === 'feed'
    ? await snapshot.fingerprint(state.feed)
    : await snapshot.enrichmentFingerprint(state.enrichmentKind);
}

/**
 * Returns the SQLite file of the previous version while the changes since this file are small. Otherwise returns a new
 * file.
 */
async function baseOf(
  sections: readonly StoredSection[],
  feeds: readonly PublishedFeed[],
  { folder, files, snapshot, former, signal }: FeedWork,
): Promise<PublishedBase> {
  const before = former?.base;
  if (before?.schema === sqliteSchemaVersion()) {
    const rest = feeds.reduce((sum, feed) => sum + bytesOf(stepsFrom(feed, before.feeds[feed.state.feed])), 0);
    if (rest <= MAX_DELTA_SHARE * before.size) return before;
  }
  const { path, ...written } = await writeBase(folder, snapshot, sections, signal);
  files.set(written.digest, path);
  return { ...written, feeds: Object.fromEntries(feeds.map(({ state, fingerprint }) => [state.feed, fingerprint])) };
}

/** Uploads the configuration, the manifest and the signature, then changes the tag. */
async function putManifests(
  config: ArtifactConfig,
  { writer, place, repository, key, signal }: PublishOptions,
): Promise<Digest> {
  const put = async (bytes: Buffer, mediaType: string): Promise<Descriptor> => {
    const digest = digestOf(bytes);
    const open = async function* (start: number, end: number): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(start, end);
    };
    await writer.putBlob({ digest, size: bytes.length, open }, signal);
    return { mediaType, digest, size: bytes.length };
  };
  const described = await put(Buffer.from(JSON.stringify(config)), MEDIA_TYPES.config);
  const bytes = manifestOf({
    artifactType: MEDIA_TYPES.artifact,
    config: described,
    layers: descriptorsOf(config),
    annotations: { 'org.opencontainers.image.created': config.publishedAt },
  });
  const digest = digestOf(bytes);
  const manifest = { mediaType: MEDIA_TYPES.manifest, bytes };
  await writer.putManifest(digest, manifest, signal);
  if (key !== undefined) {
    const { payload, annotations } = signManifest(repository, digest, key);
    const signed = manifestOf({
      config: await put(Buffer.from('{}'), 'application/vnd.oci.image.config.v1+json'),
      layers: [{ ...(await put(payload, SIGNATURE_PAYLOAD_TYPE)), annotations }],
    });
    await writer.putManifest(signatureTag(digest), { mediaType: MEDIA_TYPES.manifest, bytes: signed }, signal);
  }
  await writer.putManifest(place.reference, manifest, signal);
  return digest;
}

type Descriptor = {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
};

function manifestOf(rest: {
  readonly artifactType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
}): Buffer {
  return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.manifest, ...rest }));
}

function descriptorsOf({ feeds, base }: ArtifactConfig): readonly Descriptor[] {
  return distinct([
    ...(base === undefined ? [] : [descriptorOf('base', 'clair.db.zst', base)]),
    ...feeds.flatMap(({ state: { feed }, complete, deltas }) => [
      descriptorOf('complete', `${feed}.jsonl.zst`, complete),
      ...deltas.map((delta) =>
        descriptorOf('delta', `${feed}.${delta.fingerprint.slice(0, 12)}.delta.jsonl.zst`, delta),
      ),
    ]),
  ]);
}

function descriptorOf(kind: 'base' | 'complete' | 'delta', title: string, { digest, size }: Blob): Descriptor {
  return { mediaType: MEDIA_TYPES[kind], digest, size, annotations: { 'org.opencontainers.image.title': title } };
}

type Blob = Pick<PublishedLayer, 'digest' | 'size'>;

function distinct<Item extends Blob>(layers: readonly Item[]): readonly Item[] {
  return [...new Map(layers.map((each) => [each.digest, each])).values()];
}

function digestOf(bytes: Buffer): Digest {
  return digestOfHex(createHash('sha256').update(bytes).digest('hex'));
}

function publicationOf(feed: PublishedFeed, former: ArtifactConfig | undefined): PublicationOfFeed {
  const { state, records, fingerprint, complete, deltas } = feed;
  const isChanged = former?.feeds.find((each) => each.state.feed === state.feed)?.fingerprint !== fingerprint;
  const last = isChanged ? deltas.at(-1) : undefined;
  return {
    feed: state.feed,
    records,
    fetchedAt: Date.parse(state.fetchedAt),
    bytes: complete.size,
    ...(last && { delta: { bytes: last.size, records: last.records } }),
  };
}
