/** Shared memory with the number of readings of a pool that have not ended. */
export type LoadMemory = SharedArrayBuffer;

/** Creates the shared memory of a pool without readings. */
export function createLoadMemory(): LoadMemory {
  return new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
}

/** Counts a reading, including its wait for a thread, until the reading ends. */
export async function countedReading<Value>(memory: LoadMemory, read: () => Promise<Value>): Promise<Value> {
  const readings = new Int32Array(memory);
  Atomics.add(readings, 0, 1);
  try {
    return await read();
  } finally {
    Atomics.sub(readings, 0, 1);
  }
}

/** Returns whether there are at least as many readings as processors. */
export function isForAllProcessors(memory: LoadMemory, processors: number): boolean {
  return Atomics.load(new Int32Array(memory), 0) >= processors;
}
