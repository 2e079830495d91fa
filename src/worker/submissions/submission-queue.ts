import { randomUUID } from 'node:crypto';
import pLimit from 'p-limit';
import type { TemporarySpace } from '../../bytes/temporary-space.ts';
import { type Lease, tryLease } from '../../database/queries/lease.ts';
import type { Store } from '../../database/contracts/store.ts';
import { ClairError } from '../../errors.ts';
import type { LayerProgress } from '../../model/layer-progress.ts';
import { MAX_LENT_MS, type Submission, type SubmissionError, type SubmittedDocument } from '../../model/submission.ts';
import { imageReferenceText, parseImageReference } from '../../model/image-reference.ts';
import { createSubmittedDocuments } from './submitted-documents.ts';
import type { ReadSubmitted } from './submitted-image.ts';
import { createUploadSpool, type UploadBounds } from './upload-spool.ts';
import { countOf } from '../../model/counted-noun.ts';

export type SubmissionQueueOptions = {
  readonly store: Pick<Store, 'submissions' | 'locks' | 'under' | 'now'>;
  readonly read: ReadSubmitted;
  readonly log: SubmissionLog;
  readonly space?: TemporarySpace;
  readonly bounds?: Partial<UploadBounds>;
  readonly documentBounds?: Partial<UploadBounds>;
  /** The number of images from registries and of SBOMs that an instance reads at once. */
  readonly readers?: number | undefined;
  readonly timing?: Partial<SubmissionTiming>;
};

/** The times of the queue, in milliseconds. */
export type SubmissionTiming = {
  readonly poll: number;
  readonly reading: number;
  /** The maximum time from submission to completion for an image with the client's credentials. */
  readonly lent: number;
  /** The maximum time that an instance can block a submission after it stops responding. */
  readonly lease: number;
};

/** The log of the queue, such as pino. */
export type SubmissionLog = Readonly<Record<'info' | 'warn' | 'error', (fields: object, message: string) => void>>;

export type SubmissionQueue = {
  /**
   * Adds an image from a registry to the queue that all instances share.
   *
   * @throws ClairError `image/target-invalid` for a malformed reference, `submission/queue-full`, `database/…`
   */
  readonly submit: (
    image: Pick<Submission, 'target' | 'platform'> & Partial<Pick<Submission, 'access' | 'request'>>,
  ) => Promise<Submission>;
  /**
   * Accepts an archive, which only this instance can read.
   *
   * @param image the name of the archive, and the wanted platform
   * @throws ClairError `submission/…`, `server/…`, `database/…`
   */
  readonly upload: (
    image: Pick<Submission, 'target' | 'platform'>,
    bytes: AsyncIterable<Uint8Array>,
  ) => Promise<Submission>;
  /**
   * Stores an SBOM in the queue that all instances share. If an unfinished submission of the same SBOM with the same
   * options and target exists, returns that submission.
   *
   * @param target the name of the SBOM; the digest of the SBOM if undefined
   * @throws ClairError `submission/…`, `server/…`, `database/…`, `sbom/invalid` for an empty SBOM
   */
  readonly submitDocument: (
    document: { readonly target: string | undefined } & Omit<SubmittedDocument, 'digest'>,
    bytes: AsyncIterable<Uint8Array>,
  ) => Promise<Submission>;
  /** Returns running submissions to the queue, and aborts uploads. */
  readonly stop: () => Promise<void>;
};

const TIMING: SubmissionTiming = { poll: 1000, reading: 60 * 60_000, lent: MAX_LENT_MS, lease: 60_000 };

/**
 * The default number of readers. More readers than processors are useful, because a reader mostly waits for a registry;
 * all submissions share the layer threads.
 */
const READERS = 8;

/**
 * The maximum number of concurrent archives. Archives are on the local disk, so more archives would only compete for
 * the threads.
 */
const PARALLEL_UPLOADS = 2;

/** The number of oldest submissions that are checked; usually more than all instances together read at once. */
const LOOKED_AT = 100;

/** The limit prevents endless retries of a submission that crashes its instance each time. */
const MAX_ATTEMPTS = 3;

/** The pause after the database failed to respond, as a multiple of `poll`. */
const PAUSES_AFTER_FAILURE = 10;

/**
 * The minimum time between progress updates, in milliseconds: each update invalidates the response caches of all
 * instances.
 */
const PROGRESS_MS = 500;

/**
 * Reads submitted images, oldest first, until stopped. Any number of instances may share a database: the instance that
 * leases a submission reads it, and another instance takes over when the lease expires. The lease of an upload is held
 * from its arrival; if another instance obtains the lease, the archive is lost.
 */
export function startSubmissionQueue(options: SubmissionQueueOptions): SubmissionQueue {
  const { store, read, log, readers = READERS } = options;
  const timing = { ...TIMING, ...options.timing };
  const stop = new AbortController();
  const spool = createUploadSpool(options.space, options.bounds);
  const documents = createSubmittedDocuments(options.space, options.documentBounds);
  const alarm = createAlarm();
  /** The number of images from registries and of SBOMs that are being read. */
  let reading = 0;
  const running = new Map<string, Promise<void>>();
  const uploadsAtOnce = pLimit(PARALLEL_UPLOADS);

  /** Returns whether the lease was obtained; `work` then continues in the background. */
  async function begin(name: string, work: (lease: Lease) => Promise<void>): Promise<boolean> {
    return await new Promise<boolean>((resolve, reject) => {
      const done = tryLease(`submission ${name}`, { store, ttl: timing.lease }, async (lease) => {
        resolve(true);
        await work(lease);
      })
        .then(
          () => resolve(false),
          (error: unknown) => {
            log.warn({ submission: name, err: error }, 'submission interrupted, will retry');
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
      // The error was already reported.
      if (!running.has(name)) await begin(name, (lease) => readNext(lease, name)).catch(() => false);
    }
  }

  async function readNext(lease: Lease, name: string): Promise<void> {
    reading += 1;
    try {
      // Fill the free slot, but do not retry a returned submission immediately.
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
        log.warn({ err: error }, 'could not read the submission queue; will retry');
      }
      await alarm.wait(pause);
    }
  }

  /**
   * Reads a submission under its lease.
   *
   * @param path the path of the archive; absent for an image from a registry, for an SBOM, and for the upload of
   * another instance
   * @returns whether the submission is finished, as opposed to returned to the queue
   */
  async function readUnder(lease: Lease, name: string, path?: string): Promise<boolean> {
    const { submissions } = lease.store;
    const submission = await submissions.find(name);
    if (submission === undefined || submission.finishedAt !== null) return true;
    const fail = async (error: SubmissionError): Promise<void> =>
      await submissions.finish(name, { at: store.now(), images: [], error });
    if (submission.isUpload && path === undefined) {
      await fail(
        wordsOf(
          new ClairError(
            'submission/upload-lost',
            `the instance that held the upload of ${submission.target} has stopped`,
          ),
        ),
      );
      return true;
    }
    if (submission.attempts >= MAX_ATTEMPTS) {
      const message = `reading ${submission.target} was interrupted ${MAX_ATTEMPTS} times`;
      await fail(wordsOf(new ClairError('submission/given-up', message)));
      return true;
    }
    await submissions.begin(name);
    const { access, createdAt } = submission;
    // A client that sent credentials stops waiting after `timing.lent`, so the time limit frees the reader for the next
    // image.
    const time =
      access === null
        ? timeLimit(timing.reading, `reading the image took longer than ${minutes(timing.reading)}`)
        : timeLimit(createdAt + timing.lent - store.now(), `the image was not read within ${minutes(timing.lent)}`);
    const signal = AbortSignal.any([stop.signal, lease.signal, time.signal]);
    let file = path;
    let release: (() => Promise<void>) | undefined;
    try {
      signal.throwIfAborted();
      if (submission.document !== null) ({ path: file, release } = await documents.restore(submissions, name));
      signal.throwIfAborted();
      const progress = noteSometimes((layers) => submissions.noteProgress(name, layers));
      const images = await read({ ...submission, ...(file !== undefined && { path: file }) }, { signal, progress });
      await submissions.finish(name, { at: store.now(), images, error: null });
      log.info({ submission: name, target: submission.target, images }, 'submission finished');
      return true;
    } catch (error) {
      if (lease.signal.aborted) throw error;
      const isBusy = stop.signal.aborted || (error instanceof ClairError && error.kind === 'busy');
      if (isBusy && path === undefined) {
        await submissions.release(name);
        return false;
      }
      const lost = new ClairError('submission/upload-lost', 'the server stopped');
      const fault: unknown = stop.signal.aborted ? lost : time.signal.aborted ? time.signal.reason : error;
      if (!(fault instanceof ClairError) || fault.code === 'registry/credentials-invalid') {
        // The client cannot fix this error and does not receive its details.
        log.error({ submission: name, err: error }, 'submission failed');
      }
      // Clients must not learn the path of the file.
      const words = wordsOf(fault);
      const message = file === undefined ? words.message : words.message.replaceAll(file, submission.target);
      await fail({ ...words, message });
      return true;
    } finally {
      time.end();
      await release?.();
    }
  }

  const looking = lookOften();
  return {
    async submit({ target, platform, access = null, request = null }) {
      const reference = parseImageReference(target);
      if (reference === undefined) {
        throw new ClairError('image/target-invalid', `"${target}" is not the name of an image in a registry`);
      }
      const added = await store.submissions.add({
        name: randomUUID(),
        target: imageReferenceText(reference),
        platform,
        isUpload: false,
        access,
        request,
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
        // The lease could not be obtained, so the callback above has not run and has not released the upload.
        begun.catch(async (error: unknown) => {
          await release();
          reject(error);
        });
      });
    },
    async submitDocument({ target, ...choices }, bytes) {
      stop.signal.throwIfAborted();
      const { digest, parts } = await documents.receive(bytes, target ?? 'the SBOM');
      stop.signal.throwIfAborted();
      const document = { digest, ...choices, parts };
      const added = { name: randomUUID(), target: target ?? digest, platform: null, isUpload: false, document };
      const submission = await store.submissions.add({ ...added, createdAt: store.now() });
      alarm.ring();
      return submission;
    },
    async stop() {
      stop.abort(new ClairError('server/stopping', 'the server is stopping'));
      alarm.ring();
      await looking;
      await Promise.all(running.values());
      await spool.close();
      await documents.close();
    },
  };
}

/**
 * Creates a wait that ends after some time or when `ring` is called; if `ring` was called before, the wait ends
 * immediately.
 */
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
      : new ClairError('internal', 'an unexpected error occurred; the server log contains the details');
  // Clients must not learn the database's address.
  const message = known.code === 'database/unavailable' ? 'the database is not available' : known.message;
  return { code: known.code, message, remedy: known.remedy };
}

function timeLimit(milliseconds: number, message: string): { readonly signal: AbortSignal; readonly end: () => void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort(new ClairError('submission/timeout', message));
  if (milliseconds <= 0) abort();
  const timer = setTimeout(abort, Math.max(0, milliseconds)).unref();
  return { signal: controller.signal, end: () => clearTimeout(timer) };
}

function minutes(milliseconds: number): string {
  return countOf(Math.round(milliseconds / 60_000), 'minute');
}

/** Reports the first and the last step of the progress, and some steps in between. */
function noteSometimes(note: (layers: LayerProgress) => Promise<void>): (layers: LayerProgress) => Promise<void> {
  let last = Number.NEGATIVE_INFINITY;
  return async (layers) => {
    const now = performance.now();
    if (now - last < PROGRESS_MS && layers.done < layers.total) return;
    last = now;
    await note(layers);
  };
}
