import { setTimeout } from 'node:timers/promises';
import type { Store } from '../../database/contracts/store.ts';
import type { UpdateCounts } from '../../database/contracts/vulnerabilities.ts';
import type { FeedState } from '../../model/feed.ts';
import type { ShrinkBound } from '../../model/shrink-bound.ts';
import { ClairError, type ErrorCode } from '../../errors.ts';
import { refusalNoted } from '../exchange/feed-import.ts';
import { withFeedLock } from '../feed-lock.ts';
import type { PublishedFeed } from './artifact-config.ts';
import { type Artifact, downloadLayer } from './artifact-reader.ts';
import type { ArtifactPlace } from './artifact-registry.ts';
import { type FeedStep, stepsFrom, wholeSteps } from './feed-steps.ts';
import { type OpenLayer, openRecordLayer, withRemoved } from './record-layer.ts';

export type PullOptions = {
  readonly store: Store;
  readonly place: ArtifactPlace;
  readonly artifact: Artifact;
  /** The feeds that this release can update; all other feeds fail with `artifact/unsupported`. */
  readonly known: readonly { readonly id: string; readonly scheme?: string; readonly kind?: string }[];
  /** The feeds to pull; all feeds when absent. */
  readonly wanted?: readonly string[];
  /** The maximum loss of stored data before the data of a feed is refused; unlimited when absent. */
  readonly maxShrink?: ShrinkBound;
  /** Called with the number of bytes of each downloaded chunk. */
  readonly received?: (bytes: number) => void;
  /** How long to wait while another process updates a feed; without a wait, the feed fails with `update/locked`. */
  readonly lockWait?: LockWait;
  readonly signal: AbortSignal;
};

export type LockWait = {
  /** The maximum time for each feed, in milliseconds. */
  readonly ms: number;
  /** Called when the wait for a feed starts. */
  readonly started: (feed: string) => void;
};

export type PulledFeed = {
  readonly feed: string;
  /** The time of the published data in milliseconds since 1970. */
  readonly fetchedAt: number;
} & (
  | {
      /** `newer` means that the stored data is newer than the published data, and is kept. */
      readonly kind: 'updated' | 'unchanged' | 'newer';
      readonly counts: UpdateCounts;
      /** The size of the downloaded layers, in bytes. */
      readonly bytes: number;
    }
  | { readonly kind: 'failed'; readonly error: ClairError }
);

/**
 * Updates feeds to the content of a published database. Downloads only layers that lead from the stored content to the
 * published content. Applies each layer as an update of the feed, in one transaction that writes only differences and
 * the change log. The transaction fails unless the result has the published fingerprint. If the process stops, each
 * feed has the content of one publication. Keeps stored data that is newer.
 *
 * A feed that fails (`update/locked`, `feed/shrunk`, `artifact/invalid`, `artifact/unsupported`, `registry/…`,
 * `bytes/…`) keeps its data and does not stop the other feeds.
 *
 * @throws the abort reason of the signal
 */
export async function* pullFeeds(options: PullOptions): AsyncGenerator<PulledFeed> {
  const { artifact, wanted, known, signal } = options;
  for (const published of artifact.config.feeds) {
    const { state } = published;
    if (wanted?.includes(state.feed) === false) continue;
    signal.throwIfAborted();
    const about = { feed: state.feed, fetchedAt: Date.parse(state.fetchedAt) };
    try {
      checkKnown(published, known);
      yield { ...about, ...(await pullUnlocked(published, options)) };
    } catch (error) {
      if (!(error instanceof ClairError) || signal.aborted) throw error;
      yield { ...about, kind: 'failed', error };
    }
  }
}

/** Rejects data of a feed that this release cannot update, because the data would become stale without a warning. */
function checkKnown({ state }: PublishedFeed, known: PullOptions['known']): void {
  const found = known.find(({ id }) => id === state.feed);
  const isSame = state.kind === 'feed' ? found?.scheme === state.scheme : found?.kind === state.enrichmentKind;
  if (isSame) return;
  throw new ClairError('artifact/unsupported', `this version of Clair does not support the feed ${state.feed}`);
}

/** The errors of a layer whose content cannot be applied. */
const UNUSABLE: ReadonlySet<ErrorCode> = new Set([
  'artifact/invalid',
  'bytes/corrupt',
  'bytes/truncated',
  'bytes/limit-exceeded',
  'bytes/unsupported-compression',
]);

type Pulled = Omit<Exclude<PulledFeed, { readonly kind: 'failed' }>, 'feed' | 'fetchedAt'>;

const NO_COUNTS: UpdateCounts = { added: 0, changed: 0, withdrawn: 0, unchanged: 0 };

/** The pause between two attempts to lock a feed, in milliseconds. */
const LOCK_PAUSE_MS = 250;

/** Pulls a feed. While another process updates the feed, waits, because that process often stores the same data. */
async function pullUnlocked(published: PublishedFeed, options: PullOptions): Promise<Pulled> {
  const { lockWait, signal } = options;
  const start = performance.now();
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await pullFeed(published, options);
    } catch (error) {
      const isLocked = error instanceof ClairError && error.code === 'update/locked';
      if (!isLocked || lockWait === undefined || performance.now() - start > lockWait.ms) throw error;
    }
    if (isFirst) lockWait.started(published.state.feed);
    await setTimeout(LOCK_PAUSE_MS);
    signal.throwIfAborted();
  }
}

async function pullFeed(published: PublishedFeed, options: PullOptions): Promise<Pulled> {
  const { store, artifact, place } = options;
  const { feed, fetchedAt } = published.state;
  const time = Date.parse(fetchedAt);
  const before = await store.feeds.find(feed);
  if (before !== undefined && (await isAtTime(store, before, published))) {
    return { kind: 'unchanged', counts: NO_COUNTS, bytes: 0 };
  }
  return await withFeedLock(feed, store, async (lease) => {
    const signal = AbortSignal.any([options.signal, lease.signal]);
    const work = { ...options, store: lease.store, signal };
    const state = await store.feeds.find(feed);
    const lastSuccess = state?.lastSuccess ?? null;
    if (lastSuccess !== null && lastSuccess > time) return { kind: 'newer', counts: NO_COUNTS, bytes: 0 };
    const stored = state && lastSuccess !== null ? await storedFingerprint(store, state, published) : undefined;
    const steps = stepsFrom(published, stored);
    const result = await refusalNoted(lease, feed, store.now(), async () => {
      try {
        return await applySteps(steps, published, work);
      } catch (error) {
        // If deltas do not fit the stored content or cannot be read, apply the whole feed instead.
        const isWhole = steps[0]?.isDelta === false;
        if (!(error instanceof ClairError) || !UNUSABLE.has(error.code) || isWhole) throw error;
        return await applySteps(wholeSteps(published), published, work);
      }
    });
    if (steps.length === 0) await applyState(published, work);
    await noteContent(lease.store, published, await store.feeds.find(feed));
    return { kind: steps.length === 0 ? 'unchanged' : 'updated', ...result };
  });

  async function applySteps(steps: readonly FeedStep[], of: PublishedFeed, work: PullOptions): Promise<Sum> {
    let sum: Sum = { counts: NO_COUNTS, bytes: 0 };
    for (const step of steps) {
      const file = await downloadLayer(place, step.layer, work);
      try {
        const where = `${step.layer.digest} in ${place.where}`;
        const promise = { ...step.layer, state: of.state, format: artifact.config.records, isDelta: step.isDelta };
        const layer = await openRecordLayer(file.path, where, promise, work.signal);
        try {
          const counts = await applyLayer(layer, step, of, work);
          sum = { counts: sumOf(sum.counts, counts), bytes: sum.bytes + step.layer.size };
        } finally {
          await layer.close();
        }
      } catch (error) {
        if (!(error instanceof ClairError) || error.code !== 'export/invalid') throw error;
        throw new ClairError('artifact/invalid', error.message, { cause: error });
      } finally {
        await file.remove();
      }
    }
    return sum;
  }
}

type Sum = Pick<Pulled, 'counts' | 'bytes'>;

async function applyLayer(
  { gone, section, end }: OpenLayer,
  { layer, isDelta }: FeedStep,
  { state, fingerprint }: PublishedFeed,
  { store, maxShrink }: PullOptions,
): Promise<UpdateCounts> {
  const change = {
    ...changeOf(state, Date.parse(layer.fetchedAt), store.now(), layer.fingerprint),
    // The validators are for the latest publication. With the data of an earlier publication, upstream would wrongly
    // respond "not modified".
    ...(layer.fingerprint !== fingerprint && { etag: null, lastModified: null }),
    ...(isDelta && ({ scope: 'changed', hasAllDiagnostics: true } as const)),
    ...(maxShrink && { maxShrink }),
  };
  if ('advisories' in section) {
    const { scheme } = section.state;
    const advisories = toEnd(section.advisories, end);
    return await store.vulnerabilities.update({
      ...change,
      scheme,
      advisories,
      repositories: section.repositories,
      ...(isDelta && { gone }),
    });
  }
  const enrichments = toEnd(withRemoved(section.enrichments, gone), end);
  return await store.enrichments.update({ ...change, kind: section.state.enrichmentKind, enrichments });
}

/** Stores the time of published data whose content equals the stored content. */
async function applyState({ state, fingerprint }: PublishedFeed, { store }: PullOptions): Promise<void> {
  const change = {
    ...changeOf(state, Date.parse(state.fetchedAt), store.now(), fingerprint),
    scope: 'changed',
    hasAllDiagnostics: true,
  } as const;
  if (state.kind === 'feed') await store.vulnerabilities.update({ ...change, scheme: state.scheme, advisories: [] });
  else await store.enrichments.update({ ...change, kind: state.enrichmentKind, enrichments: [] });
}

function changeOf(
  { feed, fetcherVersion, etag, lastModified, recordDiagnostics }: PublishedFeed['state'],
  fetchedAt: number,
  at: number,
  fingerprint: string,
): Change {
  // Clocks can differ, but data must not have a later time than the pull.
  const times = { at, fetchedAt: Math.min(fetchedAt, at) };
  return { feed, fetcherVersion, etag, lastModified, recordDiagnostics, fingerprint, ...times };
}

type Change = Pick<FeedState, 'feed' | 'etag' | 'lastModified' | 'recordDiagnostics'> & {
  readonly fetcherVersion: number;
  readonly fingerprint: string;
  readonly at: number;
  readonly fetchedAt: number;
};

/** Yields the items, then checks the end of the layer, while the transaction can still be rolled back. */
async function* toEnd<Item>(items: AsyncIterable<Item>, end: () => Promise<void>): AsyncGenerator<Item> {
  yield* items;
  await end();
}

function sumOf(one: UpdateCounts, other: UpdateCounts): UpdateCounts {
  return {
    added: one.added + other.added,
    changed: one.changed + other.changed,
    withdrawn: one.withdrawn + other.withdrawn,
    unchanged: other.unchanged,
  };
}

/** The fingerprint of a feed after a pull; valid until the feed's `lastSuccess` changes. */
type NotedContent = { readonly fingerprint: string; readonly lastSuccess: number };

function noteName(feed: string): string {
  return `pulled:${feed}`;
}

async function noteContent(store: Store, { fingerprint }: PublishedFeed, after: FeedState | undefined): Promise<void> {
  if (after === undefined || after.lastSuccess === null) return;
  const noted: NotedContent = { fingerprint, lastSuccess: after.lastSuccess };
  await store.flags.set(noteName(after.feed), JSON.stringify(noted));
}

/** Returns the fingerprint that the last pull recorded; undefined without a pull, or after an update since the pull. */
async function notedFingerprint(store: Store, { feed, lastSuccess }: FeedState): Promise<string | undefined> {
  const text = await store.flags.get(noteName(feed));
  if (text === undefined) return undefined;
  const noted: Partial<NotedContent> = JSON.parse(text);
  return noted.lastSuccess === lastSuccess ? noted.fingerprint : undefined;
}

async function isAtTime(store: Store, before: FeedState, { state, fingerprint }: PublishedFeed): Promise<boolean> {
  const isCurrent = before.lastSuccess === Date.parse(state.fetchedAt) && before.error === null;
  return isCurrent && (await notedFingerprint(store, before)) === fingerprint;
}

/**
 * Returns the fingerprint of the stored content. Computes the fingerprint unless the last pull recorded the fingerprint
 * and the feed has not been updated since.
 */
async function storedFingerprint(store: Store, state: FeedState, published: PublishedFeed): Promise<string> {
  const noted = await notedFingerprint(store, state);
  if (noted !== undefined) return noted;
  const { state: section } = published;
  return await store.feedSnapshot(async (snapshot) =>
    section.kind === 'feed'
      ? await snapshot.fingerprint(section.feed)
      : await snapshot.enrichmentFingerprint(section.enrichmentKind),
  );
}
