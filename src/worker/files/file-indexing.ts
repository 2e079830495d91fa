import { setTimeout } from 'node:timers/promises';
import { tryLease } from '../../database/queries/lease.ts';
import type { Store } from '../../database/contracts/store.ts';
import { ClairError } from '../../errors.ts';
import { FILE_RULES_LEASE, type IndexedStep } from './file-indexer.ts';
import type { FileIndexPool } from './threads/file-index-pool.ts';

export type FileIndexingOptions = {
  readonly store: Pick<Store, 'fileRules' | 'locks' | 'under' | 'version'>;
  readonly step: FileIndexPool['step'];
  readonly log: FileIndexingLog;
  /** Called after rules have taken effect, so that the notifier checks for new notifications. */
  readonly finished: () => void;
  /** Waits; rejects when the signal aborts. */
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
};

/** The part of a pino logger that the search uses. */
export type FileIndexingLog = Readonly<Record<'info' | 'warn' | 'error', (fields: object, message: string) => void>>;

export type FileIndexing = {
  /** Stops the search; completed steps are stored. */
  readonly stop: () => Promise<void>;
};

/** The time between two checks for new rules. */
const LOOK_EVERY_MS = 1000;

/** The pause after a failed step. */
const RETRY_MS = 15_000;

/**
 * Searches stored layers for the files of new rules until stopped: at the start, and within a second after a write to
 * the database. One instance searches at a time; if that instance dies, another instance continues.
 */
export function startFileIndexing({
  store,
  step,
  log,
  finished,
  pause = pauseOfClock,
}: FileIndexingOptions): FileIndexing {
  const stop = new AbortController();
  const { signal } = stop;
  let seen: number | undefined;

  async function look(): Promise<void> {
    // The version is read first, so that a rule that is created in the meantime triggers another check.
    const present = await store.version();
    if (present === seen) return;
    const isDone =
      !(await store.fileRules.hasWork()) ||
      (await indexAll(store, step, signal, (did) => {
        if (did.did === 'finish') {
          log.info({ rules: did.rules }, 'file rules indexed');
          finished();
        }
      }));
    // If another instance does the work, check again even without a write: the other instance may die.
    if (isDone) seen = present;
  }

  async function keepIndexing(): Promise<void> {
    for (;;) {
      try {
        await look();
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof ClairError) log.warn({ code: error.code, reason: error.message }, 'indexing files failed');
        else log.error({ err: error }, 'indexing files failed');
        await pause(RETRY_MS, signal);
      }
      await pause(LOOK_EVERY_MS, signal);
    }
  }

  const running = keepIndexing().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return {
    async stop() {
      stop.abort(new ClairError('server/stopping', 'the server is stopping'));
      await running;
    },
  };
}

/**
 * Runs steps until no work is left. Returns false if another instance holds the lease.
 *
 * @param told called after each step
 * @throws ClairError `database/…`; the abort reason of the signal
 */
export async function indexAll(
  store: Pick<Store, 'locks' | 'under'>,
  step: FileIndexPool['step'],
  signal: AbortSignal,
  told: (did: IndexedStep) => void = () => undefined,
): Promise<boolean> {
  const done = await tryLease(FILE_RULES_LEASE, { store }, async ({ lock, signal: lost }) => {
    const either = AbortSignal.any([signal, lost]);
    for (;;) {
      either.throwIfAborted();
      const did = await step(lock, either);
      told(did);
      if (did.did === 'rest') return;
    }
  });
  return done !== undefined;
}

async function pauseOfClock(milliseconds: number, signal: AbortSignal): Promise<void> {
  // The timer must not keep the process alive.
  await setTimeout(milliseconds, undefined, { signal, ref: false });
}
