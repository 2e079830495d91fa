import { randomUUID } from 'node:crypto';
import pLimit from 'p-limit';
import type { TemporarySpace } from '../../bytes/temporary-space.ts';
import { type Lease, tryLease } from '../../database/queries/lease.ts';
import type { Store } from '../../database/contracts/store.ts';
import { ClairError } from '../../errors.ts';
import type { LayerProgress } from '../../model/layer-progress.ts';
import type { Submission, SubmissionError } from '../../model/submission.ts';
import { imageReferenceText, parseImageReference } from '../../model/image-reference.ts';
import type { ReadSubmitted } from './submitted-image.ts';
import { createUploadSpool, type UploadBounds } from './upload-spool.ts';

export type SubmissionQueueOptions = {
  readonly store: Pick<Store, 'submissions' | 'locks' | 'under' | 'now'>;
  readonly read: ReadSubmitted;
  readonly log: SubmissionLog;
  /** Where uploads lie until they are read. */
  readonly space?: TemporarySpace;
  readonly bounds?: Partial<UploadBounds>;
  /** How many images of registries an instance reads at a time. */
  readonly readers?: number | undefined;
  readonly timing?: Partial<SubmissionTiming>;
};

/** In milliseconds. */
export type SubmissionTiming = {
  /** How often the queue is looked at. */
  readonly poll: number;
  /** How long one submission may be read. */
  readonly reading: number;
  /** How long one waits for another instance when whoever read it went silent. */
  readonly lease: number;
};

/** Where the queue tells what it did; pino is one. */
export type SubmissionLog = Readonly<Record<'info' | 'warn' | 'error', (fields: object, message: string) => void>>;

export type SubmissionQueue = {
  /**
   * Puts an image of a registry into the queue that all instances share.
   *
   * @throws ClairError `image/target-invalid` for what is no reference, `submission/queue-full`
   */
  readonly submit: (image: Pick<Submission, 'target' | 'platform'>) => Promise<Submission>;
  /**
   * Takes an archive, which this instance alone can read.
   *
   * @param image what it is called, and for what platform an image of it is wanted
   * @throws ClairError `submission/…`
   */
  readonly upload: (
    image: Pick<Submission, 'target' | 'platform'>,
    bytes: AsyncIterable<Uint8Array>,
  ) => Promise<Submission>;
  /** Gives back to the queue what is read, and ends uploads. */
  readonly stop: () => Promise<void>;
};

const TIMING: SubmissionTiming = { poll: 1000, reading: 60 * 60_000, lease: 60_000 };

/** Most of a reading is waiting for a registry, so that there are more of them than processors; all threads read the layers of each. */
const READERS = 8;

/** How many archives are read at a time: they lie on the disk, so that more would only compete for the threads. */
const PARALLEL_UPLOADS = 2;

/** How many of the oldest submissions are looked at: more than all instances together read at a time. */
const LOOKED_AT = 100;

/** How often the reading of one is begun: what ended a whole instance each time is not tried for ever. */
const MAX_ATTEMPTS = 3;

/** How much longer the queue is left alone when the database did not answer. */
const PAUSES_AFTER_FAILURE = 10;

/** Progress is written no more often, in milliseconds: each write makes all instances ask anew what they had kept. */
const PROGRESS_MS = 500;

/**
 * Reads submitted images, the oldest first, until it is stopped. Any number of instances may do so on one database: whoever
 * has the lease of a submission reads it, and when he dies another one does. The lease of an upload is held from the moment
 * on that it is there; if another instance gets it, the archive is lost.
 */
export function startSubmissionQueue(options: SubmissionQueueOptions): SubmissionQueue {
  const { store, read, log, readers = READERS } = options;
  const timing = { ...TIMING, ...options.timing };
  const stop = new AbortController();
  const spool = createUploadSpool(options.space, options.bounds);
  const alarm = createAlarm();
  /** Those of registries that are read. */
  let reading = 0;
  const running = new Map<string, Promise<void>>();
  const uploadsAtOnce = pLimit(PARALLEL_UPLOADS);

  /** Tells whether the lease is had; `work` goes on then. */
  async function begin(name: string, work: (lease: Lease) => Promise<void>): Promise<boolean> {
    return await new Promise<boolean>((resolve, reject) => {
      const done = tryLease(`submission ${name}`, { store, ttl: timing.lease }, async (lease) => {
        resolve(true);
        await work(lease);
      })
        .then(
          () => resolve(false),
          (error: unknown) => {
            log.warn({ submission: name, err: error }, 'submission not read: it will be tried again');
            reject(error);
          },
        )
        .finally(() => running.delete(name));
      running.set(name, done);
    });
  }

  async function look(): Promise<void> {
    for (const { name } of await store.submissions.unfinished(LOOKED_AT)) {
      if (stop.signal.aborted || reading >= readers) return;
      // What went wrong is told already.
      if (!running.has(name)) await begin(name, (lease) => readNext(lease, name)).catch(() => false);
    }
  }

  async function readNext(lease: Lease, name: string): Promise<void> {
    reading += 1;
    try {
      // There is room for another one then. One that goes back to the queue is not taken again at once.
      if (await readUnder(lease, name)) alarm.ring();
    } finally {
      reading -= 1;
    }
  }

  async function lookOften(): Promise<void> {
    while (!stop.signal.aborted) {
      let pause = timing.poll;
      try {
        await look();
      } catch (error) {
        pause *= PAUSES_AFTER_FAILURE;
        log.warn({ err: error }, 'submissions not looked at: they will be later');
      }
      await alarm.wait(pause);
    }
  }

  /**
   * @param path of the archive; absent for an image of a registry, and for an upload that another instance had
   * @returns whether the submission is over, and not given back to the queue
   */
  async function readUnder(lease: Lease, name: string, path?: string): Promise<boolean> {
    const { submissions } = lease.store;
    const submission = await submissions.find(name);
    if (submission === undefined || submission.finishedAt !== null) return true;
    const fail = async (error: SubmissionError): Promise<void> =>
      await submissions.finish(name, { at: store.now(), images: [], error });
    if (submission.isUpload && path === undefined) {
      await fail(
        wordsOf(new ClairError('submission/upload-lost', `the instance that had ${submission.target} is gone`)),
      );
      return true;
    }
    if (submission.attempts >= MAX_ATTEMPTS) {
      const message = `the reading of ${submission.target} ended without a word ${MAX_ATTEMPTS} times`;
      await fail(wordsOf(new ClairError('submission/given-up', message)));
      return true;
    }
    await submissions.begin(name);
    const time = timeLimit(timing.reading);
    const signal = AbortSignal.any([stop.signal, lease.signal, time.signal]);
    try {
      signal.throwIfAborted();
      const progress = noteSometimes((layers) => submissions.noteProgress(name, layers));
      const images = await read({ ...submission, ...(path !== undefined && { path }) }, { signal, progress });
      await submissions.finish(name, { at: store.now(), images, error: null });
      log.info({ submission: name, target: submission.target, images }, 'submission read');
      return true;
    } catch (error) {
      if (lease.signal.aborted) throw error;
      const isBusy = stop.signal.aborted || (error instanceof ClairError && error.kind === 'busy');
      if (isBusy && path === undefined) {
        await submissions.release(name);
        return false;
      }
      const lost = new ClairError('submission/upload-lost', 'the server was stopped');
      const fault: unknown = stop.signal.aborted ? lost : time.signal.aborted ? time.signal.reason : error;
      if (!(fault instanceof ClairError) || fault.code === 'registry/credentials-invalid') {
        // Who submitted the image cannot repair it, and is not told all of it.
        log.error({ submission: name, err: error }, 'submission failed');
      }
      // Where the archive lies is nobody's business.
      const words = wordsOf(fault);
      const message = path === undefined ? words.message : words.message.replaceAll(path, submission.target);
      await fail({ ...words, message });
      return true;
    } finally {
      time.end();
    }
  }

  const looking = lookOften();
  return {
    async submit({ target, platform }) {
      const reference = parseImageReference(target);
      if (reference === undefined) {
        throw new ClairError('image/target-invalid', `"${target}" is not the name of an image in a registry`);
      }
      const added = await store.submissions.add({
        name: randomUUID(),
        target: imageReferenceText(reference),
        platform,
        isUpload: false,
        createdAt: store.now(),
      });
      alarm.ring();
      return added;
    },
    async upload({ target, platform }, bytes) {
      stop.signal.throwIfAborted();
      const { path, release } = await spool.keep(bytes, target);
      if (stop.signal.aborted) await release();
      stop.signal.throwIfAborted();
      const name = randomUUID();
      const added = { name, target, platform, isUpload: true, createdAt: store.now() };
      return await new Promise<Submission>((resolve, reject) => {
        const begun = begin(name, async (lease) => {
          try {
            try {
              resolve(await lease.store.submissions.add(added));
            } catch (error) {
              reject(error);
              return;
            }
            await uploadsAtOnce(async () => await readUnder(lease, name, path));
          } finally {
            await release();
          }
        });
        // Before the lease was had: nothing of the above was done.
        begun.catch(async (error: unknown) => {
          await release();
          reject(error);
        });
      });
    },
    async stop() {
      stop.abort(new ClairError('server/stopping', 'the server is stopping'));
      alarm.ring();
      await looking;
      await Promise.all(running.values());
      await spool.close();
    },
  };
}

/** Lets one wait for some time, or until something happens; what happens before the waiting begins ends it at once. */
function createAlarm(): { readonly ring: () => void; readonly wait: (milliseconds: number) => Promise<void> } {
  let hasRung = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      hasRung = true;
      wake?.();
    },
    async wait(milliseconds) {
      if (!hasRung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, milliseconds).unref();
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      hasRung = false;
    },
  };
}

function wordsOf(error: unknown): SubmissionError {
  const known =
    error instanceof ClairError
      ? error
      : new ClairError('internal', 'an unexpected error happened; it is in the log of the server');
  // Where the database lies is nobody's business either.
  const message = known.code === 'database/unavailable' ? 'the database did not answer' : known.message;
  return { code: known.code, message, remedy: known.remedy };
}

function timeLimit(milliseconds: number): { readonly signal: AbortSignal; readonly end: () => void } {
  const controller = new AbortController();
  const message = `the image was not read in ${Math.round(milliseconds / 60_000)} minutes`;
  const timer = setTimeout(() => controller.abort(new ClairError('submission/timeout', message)), milliseconds).unref();
  return { signal: controller.signal, end: () => clearTimeout(timer) };
}

/** Passes on the first progress, the last, and some in between. */
function noteSometimes(note: (layers: LayerProgress) => Promise<void>): (layers: LayerProgress) => Promise<void> {
  let last = Number.NEGATIVE_INFINITY;
  return async (layers) => {
    const now = performance.now();
    if (now - last < PROGRESS_MS && layers.done < layers.total) return;
    last = now;
    await note(layers);
  };
}
