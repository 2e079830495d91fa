import type { Writable } from 'node:stream';

/** Waits until a stream takes more, or never will: at once when it is closed or has room. */
export async function drained(stream: Writable): Promise<void> {
  if (!stream.writableNeedDrain || stream.destroyed) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      // A long report waits many times: listeners that stay would add up, and Node warns of them on standard error.
      for (const event of EVENTS) stream.off(event, done);
      resolve();
    };
    for (const event of EVENTS) stream.on(event, done);
  });
}

const EVENTS = ['drain', 'close', 'error'] as const;
