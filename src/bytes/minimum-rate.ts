import { ClairError, type ErrorCode } from '../errors.ts';
import type { ByteStream } from './byte-stream.ts';

export type MinimumRate = {
  /** How many bytes must come within each period. */
  readonly bytes: number;
  /** In milliseconds; only the time counts in which the reader waits for the sender. */
  readonly period: number;
};

/**
 * Passes bytes on as long as their sender is not slower than a rate.
 *
 * @param slow the code of the error of a sender that is, and what the message calls the bytes
 * @throws ClairError of that code; what `stream` throws
 */
export async function* atLeast(
  stream: ByteStream,
  { bytes, period }: MinimumRate,
  slow: { readonly code: ErrorCode; readonly where: string },
): AsyncGenerator<Uint8Array> {
  const iterator = stream[Symbol.asyncIterator]();
  let came = 0;
  let waited = 0;
  let isSlow = false;
  try {
    for (;;) {
      const start = performance.now();
      const next = await within(iterator.next(), period - waited);
      if (next === undefined) {
        isSlow = true;
        throw new ClairError(slow.code, `${slow.where}: less than ${bytes} bytes came within ${period / 1000} seconds`);
      }
      if (next.done === true) return;
      waited += performance.now() - start;
      came += next.value.length;
      if (came >= bytes) [came, waited] = [0, 0];
      yield next.value;
    }
  } finally {
    // The pending read may never settle; the caller destroys the stream.
    if (!isSlow) await iterator.return?.();
  }
}

/** What a promise gives; undefined when it takes longer than so many milliseconds. */
async function within<Value>(promise: Promise<Value>, milliseconds: number): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(0, milliseconds));
  });
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}
