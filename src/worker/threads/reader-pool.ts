import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import pLimit from 'p-limit';
import type { FilePart } from '../../bytes/file-bytes.ts';
import { ClairError, type Outcome, outcomeValue } from '../../errors.ts';
import { type PoolOnDemand, poolOnDemand } from '../../threads/pool-on-demand.ts';
import type { Classifier } from '../detectors/libraries/programs/classifier.ts';
import type { LayerReader, LayerReaderOptions, StoredReading } from '../layer/layer-reader.ts';
import { LAYER_LIMITS } from '../layer/limits.ts';
import { inPartsOrWhole } from '../parts/parts-or-whole.ts';
import { PART_LIMITS } from '../parts/part-limits.ts';
import { createKnownLayers, type KnownLayers } from '../rereading/known-layers.ts';
import type { LayerSource } from '../sources/layer-source.ts';
import { createTurnMemory, giveUpTurn, type TurnMemory } from './big-file-turn.ts';
import { servedParts } from './parts-channel.ts';
import { countedReading, createLoadMemory, type LoadMemory } from './reading-load.ts';
import type { CompareTask, FileTask, PartsTask, ReadingTask } from './reading-task.ts';

export type ReaderPoolOptions = {
  /** The maximum number of concurrent layers; at least 1. */
  readonly threads: number;
  readonly layers?: KnownLayers;
  /** The user's classifiers; none by default. */
  readonly classifiers?: readonly Classifier[];
  /** Whether the files of layers are hashed; false by default. */
  readonly hasFileDigests?: boolean;
  /** The heap limit of a thread, which excludes the bytes of wanted files. */
  readonly maxHeapMegabytes?: number;
  /** The time after which the pool terminates a thread that has not stopped at its own time limit. */
  readonly maxMilliseconds?: number;
  /**
   * Whether threads start at once and one thread stays when idle, so that the first layer does not wait for the start
   * of a thread; false by default.
   */
  readonly areStarted?: boolean;
};

/** Kept layer data is bounded and takes less than 100 MB; file contents are outside the heap. */
const MAX_HEAP_MEGABYTES = 320;

/** The time limit of a thread, longer than the reader's own limit, because the reader reports a better error. */
const MAX_MILLISECONDS: number = LAYER_LIMITS.maxMilliseconds + 10_000;
const MAX_PARTS_MILLISECONDS: number = PART_LIMITS.maxPartsMilliseconds + 10_000;

/** Starting a thread takes about 50 ms; an idle thread takes about 10 MB. */
const IDLE_MILLISECONDS = 30_000;

/** The interval at which a pool uses the thread that stays; shorter than {@link IDLE_MILLISECONDS}. */
const KEEP_MILLISECONDS = 20_000;

/** The maximum number of threads that start at once; each takes about 50 ms of processor time. */
const MAX_STARTED = 4;

/**
 * Creates a pool of threads that each read one layer at a time. Opens a source when a thread is available. A layer that
 * exhausts its thread's memory or time ends that thread with an error; other threads continue.
 */
export function createReaderPool(options: ReaderPoolOptions): LayerReader {
  const {
    threads,
    layers = createKnownLayers(),
    classifiers = [],
    hasFileDigests = false,
    maxHeapMegabytes = MAX_HEAP_MEGABYTES,
    maxMilliseconds = MAX_MILLISECONDS,
    areStarted = false,
  } = options;
  const pool: ReadingThreads = poolOnDemand({
    filename: threadFile(),
    // With the arguments of the process, each thread would load the module loaders and profilers, too.
    execArgv: [],
    // With a minimum, Piscina also starts threads in listeners, where a refusal by the system ends the process.
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: IDLE_MILLISECONDS,
    // Idle threads must not be blocked: they may still have files to close.
    atomics: 'disabled',
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMegabytes },
  });
  if (areStarted) startThreads(pool, Math.min(threads, MAX_STARTED));
  const keeping = areStarted ? setInterval(() => startThreads(pool, 1), KEEP_MILLISECONDS).unref() : undefined;
  const whenFree = pLimit(threads);
  const turns: Turns = { memory: createTurnMemory(), load: createLoadMemory(), taken: 0 };
  const inTurn = async <Value>(
    source: LayerSource,
    readOptions: LayerReaderOptions,
    run: Run<Value>,
    milliseconds = maxMilliseconds,
  ): Promise<Value> =>
    await countedReading(turns.load, () =>
      whenFree(async () => {
        const known = layers.find(source);
        const withKnown = { ...(known && { known }), ...readOptions };
        return await readInPool(turns, source, withKnown, { milliseconds, maxHeapMegabytes }, run);
      }),
    );
  const readWhole: ReadInThread<StoredReading> = async (source, readOptions) =>
    await inTurn(source, readOptions, async (task, runOptions) => {
      const outcome: Outcome<StoredReading> = await pool.run(
        { ...task, classifiers, hasFileDigests },
        { ...runOptions, name: 'readInThread' },
      );
      const reading = outcomeValue(outcome);
      if (reading.known !== undefined) layers.add(source, reading.known);
      return reading;
    });
  const readParts: ReadInThread<StoredReading | undefined> = async (source, readOptions) => {
    if (source.parts === undefined) return undefined;
    const { sent: parts, close } = servedParts(source.parts, readOptions.signal);
    // The thread requests the bytes through the port.
    const withoutBytes: LayerSource = { ...source, open: async () => Readable.from([]) };
    try {
      const run: Run<StoredReading | undefined> = async (task, { signal, transferList }) => {
        const outcome: Outcome<StoredReading | undefined> = await pool.run(
          { ...task, classifiers, hasFileDigests, parts },
          { signal, transferList: [...transferList, parts.port], name: 'readPartsInThread' },
        );
        return outcomeValue(outcome);
      };
      return await inTurn(withoutBytes, readOptions, run, Math.min(maxMilliseconds, MAX_PARTS_MILLISECONDS));
    } finally {
      close();
    }
  };
  return {
    // Request one more layer for each thread, so that a slow layer does not leave the other threads idle.
    ahead: 2 * threads,
    read: async (source, readOptions = {}) => await inPartsOrWhole(source, readOptions, { readParts, readWhole }),
    readFile: async (source, file, readOptions = {}) =>
      await inTurn(source, readOptions, async (task, runOptions) => {
        const outcome: Outcome<Uint8Array> = await pool.run(
          { ...task, classifiers, hasFileDigests, file },
          { ...runOptions, name: 'readFileInThread' },
        );
        return outcomeValue(outcome);
      }),
    differing: async (part, whole, signal) =>
      await whenFree(
        async (): Promise<Uint8Array | undefined> =>
          await pool.run({ part, whole }, { name: 'compareInThread', ...(signal && { signal }) }),
      ),
    async close() {
      clearInterval(keeping);
      await pool.destroy();
    },
  };
}

type ReadingThreads = PoolOnDemand<ReadingTask | PartsTask | FileTask | CompareTask | undefined>;

/** Runs empty tasks, each in a thread of its own. If a thread cannot start, the next layer reports the error. */
function startThreads(pool: ReadingThreads, count: number): void {
  for (let started = 0; started < count; started += 1) {
    pool.run(undefined, { name: 'startInThread' }).catch(() => undefined);
  }
}

type ReadInThread<Reading> = (source: LayerSource, options: LayerReaderOptions) => Promise<Reading>;

type Run<Value> = (
  task: Omit<ReadingTask, 'classifiers' | 'hasFileDigests'>,
  options: { readonly transferList: ReadableStream[]; readonly signal: AbortSignal },
) => Promise<Value>;

/** The shared memory of a pool's tasks, and a counter that gives each task a number. */
type Turns = { readonly memory: TurnMemory; readonly load: LoadMemory; taken: number };

/** Holders are 31-bit numbers; after 2^31 tasks, the numbers of finished tasks are reused. */
const MAX_HOLDER = 2 ** 31 - 1;

/** The maximum time that a thread continues to run after the request to terminate the thread. */
const ENDING_MILLISECONDS = 1000;

type ThreadLimits = { readonly milliseconds: number; readonly maxHeapMegabytes: number };

async function readInPool<Value>(
  turns: Turns,
  source: LayerSource,
  { layout = 'docker', targets = [], signal, known, partsRefused }: LayerReaderOptions,
  limits: ThreadLimits,
  run: Run<Value>,
): Promise<Value> {
  const timeout = AbortSignal.timeout(limits.milliseconds);
  const stop = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
  stop.throwIfAborted();
  const { where, digest, diffId, isPartial } = source;
  const { bytes, transferList, failure, close } =
    source.file === undefined ? sent(source, stop) : inFile(source.file());
  turns.taken = (turns.taken % MAX_HOLDER) + 1;
  const turn = { memory: turns.memory, holder: turns.taken };
  const promised = { ...(digest && { digest }), ...(diffId && { diffId }), ...(isPartial && { isPartial }) };
  const refused = partsRefused === undefined ? {} : { partsRefused };
  const task = {
    where,
    ...promised,
    layout,
    targets,
    ...(known && { known }),
    ...refused,
    bytes,
    load: turns.load,
    turn,
  };
  try {
    return await run(task, { transferList, signal: stop });
  } catch (error) {
    // A terminating thread may still take the turn after the turn is freed below.
    setTimeout(() => giveUpTurn(turn.memory, turn.holder), ENDING_MILLISECONDS).unref();
    // The reader thread receives only the end of the bytes; only the calling thread has the cause of the failure.
    if (failure() !== undefined) throw failure();
    if (signal?.aborted === true) throw signal.reason;
    throw explained(error, where, limits, timeout);
  } finally {
    close();
    // A thread that was terminated may not have freed its turn.
    giveUpTurn(turn.memory, turn.holder);
  }
}

/** The bytes of one layer, being sent to a thread. */
type Sending = {
  readonly bytes: ReadingTask['bytes'];
  readonly transferList: ReadableStream[];
  readonly failure: () => unknown;
  readonly close: () => void;
};

/** The thread reads a file itself, so nothing is sent. */
function inFile(file: FilePart): Sending {
  return { bytes: file, transferList: [], failure: () => undefined, close: () => undefined };
}

function sent(source: LayerSource, signal: AbortSignal): Sending {
  const stream = Readable.from(opened(source, signal));
  let failure: unknown;
  stream.on('error', (error) => {
    // A thread that stops reading aborts the stream; the outcome of the thread states why.
    if (error.name !== 'AbortError') failure ??= error;
  });
  const bytes: ReadableStream<Uint8Array> = Readable.toWeb(stream);
  return { bytes, transferList: [bytes], failure: () => failure, close: () => void stream.destroy() };
}

async function* opened(source: LayerSource, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  yield* await source.open(signal);
}

function explained(
  error: unknown,
  where: string,
  { milliseconds, maxHeapMegabytes }: ThreadLimits,
  timeout: AbortSignal,
): unknown {
  const exceeded = (what: string): ClairError =>
    new ClairError('bytes/limit-exceeded', `${where}: ${what}`, { cause: error });
  if (timeout.aborted) return exceeded(`the layer was not read within ${milliseconds / 1000} seconds`);
  const isMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  return isMemory ? exceeded(`reading the files of the layer needs more than ${maxHeapMegabytes} MB of memory`) : error;
}

/** Returns the compiled file, or the loader of the source file when Clair runs from its sources. */
function threadFile(): string {
  const name = import.meta.url.endsWith('.ts') ? 'source-thread.mjs' : 'reader-thread.js';
  return new URL(name, import.meta.url).href;
}
