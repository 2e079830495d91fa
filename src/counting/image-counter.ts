import { setImmediate, setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import {
  type CountableImage,
  type CountedImage,
  type CountMark,
  isCurrentMark,
  type MarkedImage,
  type PresentMark,
} from '../database/contracts/image-counts.ts';
import { type Lease, tryLease } from '../database/queries/lease.ts';
import type { Store } from '../database/contracts/store.ts';
import { ClairError } from '../errors.ts';
import type { Digest } from '../model/digest.ts';
import { ThreadExhausted } from '../threads/terminable-pool.ts';
import type { CountImage } from './image-count.ts';

export type ImageCounterOptions = {
  readonly store: Pick<Store, 'counts' | 'foundNames' | 'locks' | 'under' | 'now'>;
  readonly count: CountImage;
  /** Returns a digest of the report inputs that are not in the database; see `InstanceReports`. */
  readonly basis: () => Promise<string>;
  readonly log: CountingLog;
  /** Waits for a number of milliseconds; rejects when the signal aborts. */
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
};

/** The part of a pino logger that counting uses. */
export type CountingLog = Readonly<Record<'info' | 'warn' | 'error', (fields: object, message: string) => void>>;

/** Keeps the stored counts of images current. */
export type ImageCounter = {
  /**
   * Counts the images without current counts. Uncounted images come first, then the most recently scanned images. Does
   * nothing while another instance counts. Returns the number of counted images.
   *
   * @throws ClairError `database/…`, `suppression/invalid`; the abort reason of the signal
   */
  readonly recount: (signal: AbortSignal) => Promise<number>;
  /**
   * Counts an image now, or leaves the image to `recount` if another count has been running for a second.
   *
   * @throws the errors of `recount`
   */
  readonly countOne: (digest: Digest, signal: AbortSignal) => Promise<void>;
};

/** The number of images per query. */
const MARKS_PER_PAGE = 500;

/** The number of uncounted images per query. */
const NEW_AT_ONCE = 20;

/**
 * The limits of a batch. Recounts are written in batches, because each write invalidates the response caches of all
 * instances.
 */
const MAX_UNWRITTEN = 50;
const MAX_UNWRITTEN_MS = 1000;

/** The duration of the counting lease; another instance takes over when the lease expires. */
const LEASE_MS = 15_000;

/**
 * The maximum pause after the recount of an image. Up to this limit, the pause is as long as the recount, so that
 * recounts of ordinary images use at most half the time of a processor.
 */
const MAX_PAUSE_MS = 1000;

/**
 * The time until the next pass over all images, if a pass found no due images and no data has changed since that pass.
 */
const SETTLED_MS = 55_000;

/**
 * How long the counts of an instance with other suppression files or another version are kept. Without this time, two
 * different instances would endlessly recount each other's images.
 */
const FOREIGN_MS = 10 * 60_000;

/** The duration of a running count after which `countOne` leaves further images to `recount`. */
const MAX_AHEAD_MS = 1000;

/** Creates the counter of an instance. Of all instances, one counts at a time. */
export function createImageCounter({
  store,
  count,
  basis,
  log,
  pause = pauseOfClock,
}: ImageCounterOptions): ImageCounter {
  /** The digest of the report inputs that are not in the database (`basis`), as of the last pass over all images. */
  let passedBasis: string | undefined;
  /** The result of the last pass over all images. */
  let pass: { readonly isWhole: boolean; readonly dependsOnImages: boolean } | undefined;
  /**
   * The state at the last pass without due images. Unless data changes, the next pass starts after {@link SETTLED_MS}.
   */
  let settled: (PresentMark & NonNullable<typeof pass>) | undefined;

  async function present(): Promise<PresentMark> {
    return { basis: await basis(), revisions: await store.counts.revisions(), now: store.now() };
  }

  /** Returns whether an image needs a recount. A separate query finds uncounted images. */
  function isDue({ mark }: MarkedImage, now: PresentMark): boolean {
    if (mark === undefined || isCurrentMark(mark, now)) return false;
    const isForeignOnly = isCurrentMark({ ...mark, basis: now.basis }, now);
    return !isForeignOnly || passedBasis !== now.basis || mark.countedAt < now.now - FOREIGN_MS;
  }

  /**
   * Yields the images that need a recount, most recently scanned first. If all counts are current, stores the overall
   * mark.
   */
  async function* dueImages(signal: AbortSignal): AsyncGenerator<CountableImage> {
    let isWhole = true;
    let dependsOnImages = false;
    let validUntil = Number.POSITIVE_INFINITY;
    let after: MarkedImage | undefined;
    await store.foundNames.removeLost();
    let now = await present();
    const first = now;
    for (;;) {
      signal.throwIfAborted();
      const page = await store.counts.marks({ after, limit: MARKS_PER_PAGE });
      for (const image of page) {
        isWhole &&= image.hasCounts && isCurrentMark(image.mark, now);
        dependsOnImages ||= typeof image.mark?.images === 'number';
        validUntil = Math.min(validUntil, image.mark?.validUntil ?? validUntil);
        if (!isDue(image, now)) continue;
        yield image;
        now = await present();
      }
      if (page.length < MARKS_PER_PAGE) break;
      after = page.at(-1);
      await setImmediate();
    }
    if (now.basis === first.basis) passedBasis = first.basis;
    pass = { isWhole, dependsOnImages };
    if (!isWhole) return;
    const whole = {
      countedAt: first.now,
      revision: first.revisions.data,
      images: dependsOnImages ? first.revisions.images : null,
      basis: first.basis,
      validUntil: Number.isFinite(validUntil) ? validUntil : null,
    };
    await noteWhole(whole, first.revisions.rules);
  }

  /** Stores the overall mark only if it has changed, because each write changes the database version. */
  async function noteWhole(whole: CountMark, rules: number): Promise<void> {
    const noted = await store.counts.whole();
    if (noted !== undefined && isDeepStrictEqual({ ...noted, countedAt: whole.countedAt }, whole)) return;
    await store.counts.noteWhole(whole, rules);
  }

  /** The running counts, oldest first. */
  const running = new Set<{ readonly since: number }>();

  /** Returns the counts of an image, or undefined if the image was removed from the index. */
  async function counted(image: CountableImage, signal: AbortSignal): Promise<CountedImage | undefined> {
    const before = await present();
    const run = { since: before.now };
    running.add(run);
    try {
      return await count(image.digest, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ClairError) throw error;
      const { digest, id, generation } = image;
      if (error instanceof ThreadExhausted) log.warn({ image: digest, reason: error.message }, 'counting image failed');
      else log.error({ image: digest, err: error }, 'counting image failed');
      const { revisions, basis: by, now } = before;
      // The mark lets `recount` retry when the data changes, because the report may then be smaller.
      const mark = { countedAt: now, revision: revisions.data, images: null, basis: by, validUntil: null };
      return { id, generation, counts: null, names: [], rules: revisions.rules, mark };
    } finally {
      running.delete(run);
    }
  }

  /** Returns whether no counted image is due. Uncounted images require no pass over all images. */
  async function isSettled({ basis: by, revisions, now }: PresentMark): Promise<boolean> {
    return (
      settled !== undefined &&
      settled.basis === by &&
      settled.revisions.data === revisions.data &&
      settled.revisions.rules === revisions.rules &&
      (!settled.dependsOnImages || settled.revisions.images === revisions.images) &&
      now < settled.now + SETTLED_MS &&
      // A write of counts that the overall mark does not cover deletes the mark.
      (!settled.isWhole || (await store.counts.whole()) !== undefined)
    );
  }

  async function recountUnder(
    { store: held, signal: lost }: Lease,
    first: CountableImage | undefined,
    due: AsyncGenerator<CountableImage>,
    stop: AbortSignal,
  ): Promise<number> {
    const signal = AbortSignal.any([stop, lost]);
    let total = 0;
    let unwritten: CountedImage[] = [];
    let writtenAt = performance.now();

    async function write(): Promise<void> {
      const done = unwritten;
      unwritten = [];
      await held.counts.write(done);
      total += done.length;
      writtenAt = performance.now();
    }

    /** Counts the uncounted images first, because image lists show no numbers for these images. */
    async function countNew(): Promise<void> {
      for (;;) {
        const images = await store.counts.notCounted(NEW_AT_ONCE);
        if (images.length === 0) return;
        for (const image of images) {
          const found = await counted(image, signal);
          if (found !== undefined) unwritten.push(found);
          await write();
        }
      }
    }

    try {
      await countNew();
      for (let image = first; image !== undefined; image = (await due.next()).value) {
        signal.throwIfAborted();
        const start = performance.now();
        const found = await counted(image, signal);
        if (found !== undefined) unwritten.push(found);
        const isFull = unwritten.length >= MAX_UNWRITTEN || performance.now() - writtenAt >= MAX_UNWRITTEN_MS;
        if (isFull) await write();
        await countNew();
        await pause(Math.min(performance.now() - start, MAX_PAUSE_MS), signal);
      }
    } finally {
      await write();
    }
    return total;
  }

  return {
    async recount(signal) {
      const isNew = (await store.counts.notCounted(1)).length > 0;
      const now = await present();
      const isOnlyNew = await isSettled(now);
      if (!isNew && isOnlyNew) return 0;
      const due = isOnlyNew ? noImages() : dueImages(signal);
      const first: CountableImage | undefined = (await due.next()).value;
      if (!isOnlyNew) settled = first === undefined && !isNew && pass !== undefined ? { ...now, ...pass } : undefined;
      // Acquiring the lease is a write, so the counter acquires the lease only if images are due.
      if (!isNew && first === undefined) return 0;
      const done = await tryLease('image counts', { store, ttl: LEASE_MS }, (lease) =>
        recountUnder(lease, first, due, signal),
      );
      return done?.value ?? 0;
    },
    async countOne(digest, signal) {
      // A submission must not wait until another, large image is counted.
      const [oldest] = running;
      if (oldest !== undefined && store.now() - oldest.since > MAX_AHEAD_MS) return;
      const image = await store.counts.find(digest);
      const found = image && (await counted(image, signal));
      if (found !== undefined) await store.counts.write([found]);
    },
  };
}

async function* noImages(): AsyncGenerator<CountableImage> {}

async function pauseOfClock(milliseconds: number, signal: AbortSignal): Promise<void> {
  // The timer must not keep the process alive.
  await setTimeout(milliseconds, undefined, { signal, ref: false });
}
