import { ClairError, type ErrorCode } from '../errors.ts';
import type { ByteStream } from './byte-stream.ts';
import { createProgress, type LeastProgress } from './http/progress.ts';

/**
 * Passes bytes through and fails if the sender is slower than a minimum rate.
 *
 * @param slow the error code for a slow sender, and the name of the data in its message
 * @throws ClairError with the code of `slow`; errors of `stream`
 */
export async function* atLeast(
  stream: ByteStream,
  least: LeastProgress,
  slow: { readonly code: ErrorCode; readonly where: string },
): AsyncGenerator<Uint8Array> {
  const progress = createProgress({ idle: Number.POSITIVE_INFINITY, least });
  const iterator = stream[Symbol.asyncIterator]();
  let giveUp: ((reason: Error) => void) | undefined;
  const givenUp = new Promise<never>((_resolve, reject) => (giveUp = reject));
  let isSlow = false;
  try {
    for (;;) {
      const next = await progress.watch(Promise.race([iterator.next(), givenUp]), ({ message }) => {
        isSlow = true;
        giveUp?.(new ClairError(slow.code, `${slow.where}: ${message}`));
      });
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    // After a timeout, the pending read might never settle, so the caller must destroy the stream.
    if (!isSlow) await iterator.return?.();
  }
}
