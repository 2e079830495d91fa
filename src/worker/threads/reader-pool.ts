import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import pLimit from 'p-limit';
import { Piscina } from 'piscina';
import type { FilePart } from '../../bytes/file-bytes.ts';
import { ClairError, type Outcome, outcomeValue } from '../../errors.ts';
import type { LayerReader, LayerReaderOptions, StoredReading } from '../layer/layer-reader.ts';
import { LAYER_LIMITS } from '../layer/limits.ts';
import { createKnownLayers, type KnownLayers } from '../rereading/known-layers.ts';
import type { LayerSource } from '../sources/layer-source.ts';
import { createTurnMemory, giveUpTurn, type TurnMemory } from './big-file-turn.ts';
import type { FileTask, ReadingTask } from './reading-task.ts';

export type ReaderPoolOptions = {
  /** How many layers are read at a time; at least 1. */
  readonly threads: number;
  /** The layer files that were read before, with their stamps. */
  readonly layers?: KnownLayers;
  /** What a thread may take for its objects, without the bytes of wanted files. */
  readonly maxHeapMegabytes?: number;
  /** Ends a thread that does not even notice that its time is over. */
  readonly maxMilliseconds?: number;
};

/** What is kept of a layer is bounded, and takes less than a hundred; the texts of files lie outside of the heap. */
const MAX_HEAP_MEGABYTES = 320;

/** Beyond the time that the reader gives itself, since that one says better what was wrong. */
const MAX_MILLISECONDS: number = LAYER_LIMITS.maxMilliseconds + 10_000;

/** Starting a thread takes some 50 ms, keeping one some 10 MB. */
const IDLE_MILLISECONDS = 30_000;

/**
 * Reads layers in threads, each at most one at a time, so that the thread that is called from stays free. A source is
 * opened when a thread is there for it. A layer that exhausts the memory or the time of its thread costs that thread
 * and is an error; the others go on.
 */
export function createReaderPool(options: ReaderPoolOptions): LayerReader {
  const {
    threads,
    layers = createKnownLayers(),
    maxHeapMegabytes = MAX_HEAP_MEGABYTES,
    maxMilliseconds = MAX_MILLISECONDS,
  } = options;
  const pool: ReadingThreads = new Piscina({
    filename: threadFile(),
    // Flags of the process, a loader or a profiler among them, would be loaded once more by each thread.
    execArgv: [],
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: IDLE_MILLISECONDS,
    // Threads that wait for work must not be blocked: they may still have files to close.
    atomics: 'disabled',
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMegabytes },
  });
  const whenFree = pLimit(threads);
  const turns: Turns = { memory: createTurnMemory(), taken: 0 };
  const inTurn = async <Value>(source: LayerSource, readOptions: LayerReaderOptions, run: Run<Value>): Promise<Value> =>
    await whenFree(async () => {
      const known = layers.find(source);
      const withKnown = { ...(known && { known }), ...readOptions };
      return await readInPool(turns, source, withKnown, AbortSignal.timeout(maxMilliseconds), run);
    });
  return {
    // One more for each thread, so that none waits for a layer that takes long.
    ahead: 2 * threads,
    read: async (source, readOptions = {}) =>
      await inTurn(source, readOptions, async (task, runOptions) => {
        const outcome: Outcome<StoredReading> = await pool.run(task, { ...runOptions, name: 'readInThread' });
        const reading = outcomeValue(outcome);
        if (reading.known !== undefined) layers.add(source, reading.known);
        return reading;
      }),
    readFile: async (source, file, readOptions = {}) =>
      await inTurn(source, readOptions, async (task, runOptions) => {
        const outcome: Outcome<Uint8Array> = await pool.run(
          { ...task, file },
          { ...runOptions, name: 'readFileInThread' },
        );
        return outcomeValue(outcome);
      }),
    async close() {
      await pool.destroy();
    },
  };
}

type ReadingThreads = Piscina<ReadingTask | FileTask>;

/** Lets a thread do a task. */
type Run<Value> = (
  task: ReadingTask,
  options: { readonly transferList: ReadableStream[]; readonly signal: AbortSignal },
) => Promise<Value>;

/** What the tasks of a pool share, and how many there were: each task has a number of its own. */
type Turns = { readonly memory: TurnMemory; taken: number };

/** Holders are numbers of 31 bits; so many tasks later nobody holds the same one any more. */
const MAX_HOLDER = 2 ** 31 - 1;

/** A thread that is to end runs no longer than this. */
const ENDING_MILLISECONDS = 1000;

async function readInPool<Value>(
  turns: Turns,
  source: LayerSource,
  { layout = 'docker', targets = [], signal, known }: LayerReaderOptions,
  timeout: AbortSignal,
  run: Run<Value>,
): Promise<Value> {
  const stop = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
  stop.throwIfAborted();
  const { where, digest, diffId } = source;
  const { bytes, transferList, failure, close } =
    source.file === undefined ? sent(source, stop) : inFile(source.file());
  turns.taken = (turns.taken % MAX_HOLDER) + 1;
  const turn = { memory: turns.memory, holder: turns.taken };
  const promised = { ...(digest && { digest }), ...(diffId && { diffId }) };
  const task = { where, ...promised, layout, targets, ...(known && { known }), bytes, turn };
  try {
    return await run(task, { transferList, signal: stop });
  } catch (error) {
    // A thread that is being ended may still take the turn, after it was given up below.
    setTimeout(() => giveUpTurn(turn.memory, turn.holder), ENDING_MILLISECONDS).unref();
    // The thread only knows that its bytes ended; why, is known here.
    if (failure() !== undefined) throw failure();
    if (signal?.aborted === true) throw signal.reason;
    throw explained(error, where, timeout);
  } finally {
    close();
    // A thread that was ended had no time to do so.
    giveUpTurn(turn.memory, turn.holder);
  }
}

/** The bytes of one layer on their way to a thread. */
type Sending = {
  readonly bytes: ReadingTask['bytes'];
  readonly transferList: ReadableStream[];
  /** Why the source broke, if it did. */
  readonly failure: () => unknown;
  /** Lets go of the source. */
  readonly close: () => void;
};

/** A file needs not be sent: the thread reads it. */
function inFile(file: FilePart): Sending {
  return { bytes: file, transferList: [], failure: () => undefined, close: () => undefined };
}

function sent(source: LayerSource, signal: AbortSignal): Sending {
  const stream = Readable.from(opened(source, signal));
  let failure: unknown;
  stream.on('error', (error) => (failure ??= error));
  const bytes: ReadableStream<Uint8Array> = Readable.toWeb(stream);
  return { bytes, transferList: [bytes], failure: () => failure, close: () => void stream.destroy() };
}

async function* opened(source: LayerSource, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  yield* await source.open(signal);
}

function explained(error: unknown, where: string, timeout: AbortSignal): unknown {
  const exceeded = (what: string): ClairError =>
    new ClairError('bytes/limit-exceeded', `${where}: ${what}`, { cause: error });
  if (timeout.aborted) return exceeded('it was not read in time');
  const isMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  return isMemory ? exceeded('its files need too much memory to be understood') : error;
}

/** The compiled file, or where Clair runs from its sources the one that loads the source of it. */
function threadFile(): string {
  const name = import.meta.url.endsWith('.ts') ? 'source-thread.mjs' : 'reader-thread.js';
  return new URL(name, import.meta.url).href;
}
