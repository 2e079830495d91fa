import { setTimeout } from 'node:timers/promises';

/** Waits for work for so many milliseconds, and gives whether it was done by then. @throws what the work throws by then. */
export async function doneWithin(work: PromiseLike<unknown>, milliseconds: number): Promise<boolean> {
  const timer = new AbortController();
  const late = setTimeout(milliseconds, false, { signal: timer.signal }).catch(() => false);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    timer.abort();
  }
}
