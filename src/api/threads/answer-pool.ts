import { Readable } from 'node:stream';
import { MessageChannel } from 'node:worker_threads';
import { LRUCache } from 'lru-cache';
import { ClairError } from '../../errors.ts';
import { timeSpanWords } from '../../model/time/time-span.ts';
import { createTerminablePool, type TerminablePool, ThreadExhausted } from '../../threads/terminable-pool.ts';
import type { AnswerPool, PooledAnswer, PooledRequest } from './pooled-answer.ts';
import type { AnswerMessage, AnswerTask, AnswerThreadData } from './answer-thread.ts';

export type AnswerPoolOptions = AnswerThreadData & {
  /** The heap of an ordinary thread, in MB. */
  readonly heapMegabytes?: number;
  /** The heap, in MB, of the large thread, which repeats requests that ran out of memory. */
  readonly maxHeapMegabytes?: number;
  readonly maxMilliseconds?: number;
};

/**
 * The number of ordinary threads. While one thread computes a long response, the other thread handles further requests.
 */
const THREADS = 2;

/** The heap of an ordinary thread: enough for most images. */
const HEAP_MEGABYTES = 128;

/**
 * The heap of the large thread: enough for 380,000 findings (`npm run bench -- hostile-archives`). Only one thread has
 * a heap of this size, so that a server fits into 1 GiB.
 */
const MAX_HEAP_MEGABYTES = 400;

/** The maximum number of requests for the large thread, including the request that the thread is handling. */
const MAX_WAITING = 8;

/** The `Retry-After` for a full queue. Most large responses take seconds. */
const RETRY_AFTER_MS = 10_000;

/** The maximum number of recorded URLs whose responses are too large for an ordinary thread. */
const MAX_REMEMBERED = 1000;

/** The time limit of an attempt in milliseconds. The attempt ends when the thread has sent the last bytes. */
const MAX_MILLISECONDS = 5 * 60_000;

/** The number of bytes to buffer for a slow client, so that the thread is free for other requests. */
const READ_AHEAD_BYTES = 32 * 1024 * 1024;

/** Creates a pool; its threads start with the first requests. */
export function createAnswerPool({
  heapMegabytes = HEAP_MEGABYTES,
  maxHeapMegabytes = MAX_HEAP_MEGABYTES,
  maxMilliseconds = MAX_MILLISECONDS,
  ...workerData
}: AnswerPoolOptions): AnswerPool {
  const threads = { file: threadFile(), name: 'answerInThread', workerData, maxMilliseconds };
  const ordinary: Threads = createTerminablePool({ ...threads, threads: THREADS, maxHeapMegabytes: heapMegabytes });
  const large: Threads = createTerminablePool({ ...threads, threads: 1, maxHeapMegabytes, idleMilliseconds: 0 });

  /** The URLs whose requests ran out of memory in an ordinary thread, even if the response had already started. */
  const tooLarge = new LRUCache<string, true>({ max: MAX_REMEMBERED });
  let waiting = 0;

  /** Names the limit of the large thread, which repeats requests that exceed the memory of an ordinary thread. */
  function limitExceeded(error: ThreadExhausted): ClairError {
    const limit = error.of === 'memory' ? `${maxHeapMegabytes} MB of memory` : timeSpanWords(maxMilliseconds);
    const message = `computing the response takes more than ${limit}`;
    return new ClairError('answer/limit-exceeded', message, { cause: error });
  }

  async function answerByLarge(request: PooledRequest, signal: AbortSignal): Promise<PooledAnswer> {
    if (waiting === MAX_WAITING) {
      const message = `${MAX_WAITING} large responses are already queued or in progress`;
      throw new ClairError('answer/queue-full', message, { retryAfter: RETRY_AFTER_MS });
    }
    waiting += 1;
    try {
      return await answerBy(large, request, { signal, limitExceeded });
    } catch (error) {
      throw error instanceof ThreadExhausted ? limitExceeded(error) : error;
    } finally {
      waiting -= 1;
    }
  }

  return {
    async answer(request, signal) {
      const { url, body } = request;
      // A POST request always uses an ordinary thread first, because the length of the response depends on the body.
      if (body === undefined && tooLarge.has(url)) return await answerByLarge(request, signal);
      try {
        const outOfMemory = (): void => void tooLarge.set(url, true);
        return await answerBy(ordinary, request, { signal, limitExceeded, outOfMemory });
      } catch (error) {
        if (!(error instanceof ThreadExhausted)) throw error;
        if (error.of === 'time') throw limitExceeded(error);
        return await answerByLarge(request, signal);
      }
    },
    async close() {
      await Promise.all([ordinary.close(), large.close()]);
    },
  };
}

type Threads = TerminablePool<AnswerTask, null>;

type Waiting = {
  readonly signal: AbortSignal;
  /** Returns the error that ends a response whose head was already sent. */
  readonly limitExceeded: (error: ThreadExhausted) => ClairError;
  /** The pool calls this function when the thread runs out of memory, before the response fails. */
  readonly outOfMemory?: () => void;
};

/**
 * Handles a request in one of the threads.
 *
 * @throws ThreadExhausted if the thread exceeds a limit before the head of the response is sent; the errors of the
 * route; the abort reason of `signal`
 */
async function answerBy(
  threads: Threads,
  request: PooledRequest,
  { signal, limitExceeded, outOfMemory }: Waiting,
): Promise<PooledAnswer> {
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
    // Without a listener, an error before the head would end the process; the promise already reports this error.
    body.on('error', () => undefined);
    port1.on('message', ({ head, bytes, isLast }: AnswerMessage) => {
      // Close the port only after the last message, because this message can arrive after the end of the task.
      if (isLast) port1.close();
      // After the last message, a disconnect must not stop the thread, even if the pool has not yet received the end of
      // the task.
      if (isLast) signal.removeEventListener('abort', giveUp);
      if (head !== undefined) resolve({ ...head, body: isLast ? Buffer.from(bytes).toString('utf8') : body });
      if (head !== undefined && isLast) return;
      body.push(bytes);
      if (isLast) body.push(null);
    });
    port1.postMessage('more');
    threads
      .run({ ...request, port: port2 }, { signal: unwanted.signal, transferList: [port2] })
      .catch(fail)
      .finally(() => signal.removeEventListener('abort', giveUp));
  });
}

/** Returns the URL of the compiled thread or, if Clair runs from source, of the loader of the thread's source file. */
function threadFile(): string {
  const name = import.meta.url.endsWith('.ts') ? 'answer-source-thread.mjs' : 'answer-thread.js';
  return new URL(name, import.meta.url).href;
}
