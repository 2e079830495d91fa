import type { MessagePort } from 'node:worker_threads';
import { ClairError } from '../../errors.ts';

/** The maximum time to wait until the client requests the next message, in milliseconds. */
const MAX_PAUSE_MS = 10_000;

/**
 * Counts the messages that the client requests on a port, and returns a function that waits for a request and subtracts
 * the request from the count.
 *
 * @param messageBytes the size of a message in bytes, for the error message
 * @param maxPause the maximum time to wait for a request, in milliseconds
 * @throws ClairError `answer/read-too-slow` from the returned function, if the client requests no message in time
 */
export function clientDemand(
  port: Pick<MessagePort, 'on'>,
  { messageBytes, maxPause = MAX_PAUSE_MS }: { readonly messageBytes: number; readonly maxPause?: number },
): () => Promise<void> {
  let count = 0;
  let notice: (() => void) | undefined;
  port.on('message', () => {
    count += 1;
    notice?.();
  });
  return async () => {
    if (count === 0) {
      await new Promise<void>((resolve, reject) => {
        const message = `the client read less than ${messageBytes / 1024} KiB of a long response in ${maxPause / 1000} seconds`;
        const timer = setTimeout(() => reject(new ClairError('answer/read-too-slow', message)), maxPause);
        notice = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    count -= 1;
  };
}
