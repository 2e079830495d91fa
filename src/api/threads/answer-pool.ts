import { Readable } from 'node:stream';
import { MessageChannel } from 'node:worker_threads';
import { LRUCache } from 'lru-cache';
import { ClairError } from '../../errors.ts';
import { createTerminablePool, type TerminablePool, ThreadExhausted } from '../../threads/terminable-pool.ts';
import type { AnswerPool, PooledAnswer } from './pooled-answer.ts';
import type { AnswerMessage, AnswerTask, AnswerThreadData } from './answer-thread.ts';

export type AnswerPoolOptions = AnswerThreadData & {
  /** The heap of an ordinary thread, and of the one thread that repeats an answer for which that was too small. */
  readonly heapMegabytes?: number;
  readonly maxHeapMegabytes?: number;
  readonly maxMilliseconds?: number;
};

/** Reading is the bottleneck of a server with many clients: one thread for a long answer, and one for the others. */
const THREADS = 2;

/** Enough for most images. */
const HEAP_MEGABYTES = 128;

/** Enough for 380,000 findings (`npm run bench -- hostile-archives`). Only one thread gets this much: a server must fit into 1 GiB. */
const MAX_HEAP_MEGABYTES = 400;

/** How many requests may wait for the large thread. */
const MAX_WAITING = 8;

/** When a client may ask again that found the queue full: most large answers take some seconds. */
const RETRY_AFTER_MS = 10_000;

/** How many requests the pool remembers as too large for an ordinary thread. */
const MAX_REMEMBERED = 1000;

/** The time of one attempt, from the first query to the last byte that the client reads. */
const MAX_MILLISECONDS = 5 * 60_000;

/** What is taken from the thread before the client reads it, so that the thread is free for others. */
const READ_AHEAD_BYTES = 32 * 1024 * 1024;

/** Creates a pool without threads; they start with the first requests. */
export function createAnswerPool({
  heapMegabytes = HEAP_MEGABYTES,
  maxHeapMegabytes = MAX_HEAP_MEGABYTES,
  maxMilliseconds = MAX_MILLISECONDS,
  ...workerData
}: AnswerPoolOptions): AnswerPool {
  const threads = { file: threadFile(), name: 'answerInThread', workerData, maxMilliseconds };
  const ordinary: Threads = createTerminablePool({ ...threads, threads: THREADS, maxHeapMegabytes: heapMegabytes });
  const large: Threads = createTerminablePool({ ...threads, threads: 1, maxHeapMegabytes, idleMilliseconds: 0 });

  /** Requests that ran out of memory in an ordinary thread, even after the response had begun and could no longer be repeated. */
  const tooLarge = new LRUCache<string, true>({ max: MAX_REMEMBERED });
  let waiting = 0;

  async function answerByLarge(url: string, signal: AbortSignal): Promise<PooledAnswer> {
    if (waiting === MAX_WAITING) {
      const message = `${MAX_WAITING} large answers wait to be computed`;
      throw new ClairError('answer/queue-full', message, { retryAfter: RETRY_AFTER_MS });
    }
    waiting += 1;
    try {
      return await answerBy(large, { url, signal });
    } catch (error) {
      throw error instanceof ThreadExhausted ? limitExceeded(error) : error;
    } finally {
      waiting -= 1;
    }
  }

  return {
    async answer(url, signal) {
      if (tooLarge.has(url)) return await answerByLarge(url, signal);
      try {
        return await answerBy(ordinary, { url, signal, outOfMemory: () => tooLarge.set(url, true) });
      } catch (error) {
        if (!(error instanceof ThreadExhausted)) throw error;
        if (error.of === 'time') throw limitExceeded(error);
        return await answerByLarge(url, signal);
      }
    },
    async close() {
      await Promise.all([ordinary.close(), large.close()]);
    },
  };
}

type Threads = TerminablePool<AnswerTask, null>;

type PooledRequest = {
  readonly url: string;
  readonly signal: AbortSignal;
  /** Called when the thread runs out of memory, before the answer fails. */
  readonly outOfMemory?: () => void;
};

/** @throws ThreadExhausted while the answer has no head yet */
async function answerBy(threads: Threads, { url, signal, outOfMemory }: PooledRequest): Promise<PooledAnswer> {
  const { port1, port2 } = new MessageChannel();
  const unwanted = new AbortController();
  const giveUp = (): void => unwanted.abort(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  return await new Promise<PooledAnswer>((resolve, reject) => {
    const body = new Readable({ highWaterMark: READ_AHEAD_BYTES, read: () => port1.postMessage('more') });
    const fail = (error: unknown): void => {
      port1.close();
      if (error instanceof ThreadExhausted && error.of === 'memory') outOfMemory?.();
      reject(error);
      const failure = error instanceof ThreadExhausted ? limitExceeded(error) : error;
      body.destroy(failure instanceof Error ? failure : new Error(String(failure)));
    };
    // An answer whose head was not sent yet fails by the promise.
    body.on('error', () => undefined);
    port1.on('message', ({ head, bytes, isLast }: AnswerMessage) => {
      // Not when the task is over: its last message may still be on its way then.
      if (isLast) port1.close();
      // The client may be gone before the pool knows that the task is over: the thread must not be ended then.
      if (isLast) signal.removeEventListener('abort', giveUp);
      if (head !== undefined) resolve({ ...head, body: isLast ? Buffer.from(bytes).toString('utf8') : body });
      if (head !== undefined && isLast) return;
      body.push(bytes);
      if (isLast) body.push(null);
    });
    port1.postMessage('more');
    threads
      .run({ url, port: port2 }, { signal: unwanted.signal, transferList: [port2] })
      .catch(fail)
      .finally(() => signal.removeEventListener('abort', giveUp));
  });
}

function limitExceeded(error: ThreadExhausted): ClairError {
  const message = `the answer takes too much ${error.of} to compute`;
  return new ClairError('answer/limit-exceeded', message, { cause: error });
}

/** The compiled file, or where Clair runs from its sources the one that loads the source of it. */
function threadFile(): string {
  const name = import.meta.url.endsWith('.ts') ? 'answer-source-thread.mjs' : 'answer-thread.js';
  return new URL(name, import.meta.url).href;
}
