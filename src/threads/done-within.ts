import { setTimeout } from 'node:timers/promises';

/** Returns whether `work` finishes within `milliseconds`. @throws the errors that `work` throws before the timeout */
export async function doneWithin(work: PromiseLike<unknown>, milliseconds: number): Promise<boolean> {
  const timer = new AbortController();
  const late = setTimeout(milliseconds, false, { signal: timer.signal }).catch(() => false);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    timer.abort();
  }
}
