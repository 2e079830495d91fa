import { expect, it } from 'vitest';
import { ClairError, type ErrorCode, outcomeOf, outcomeValue } from '../errors.ts';

it.each<[ErrorCode, number | undefined]>([
  ['server/no-room', 10_000],
  ['bytes/corrupt', undefined],
])('the outcome of work in a thread keeps the code, the message and the delay of %s', async (code, retryAfter) => {
  const failed = new ClairError(code, 'what failed', { retryAfter });
  const outcome = structuredClone(await outcomeOf(() => Promise.reject(failed)));
  let error: unknown;
  try {
    outcomeValue(outcome);
  } catch (reason) {
    error = reason;
  }
  if (!(error instanceof ClairError)) throw new Error('expected a ClairError', { cause: error });
  expect([error.code, error.message, error.retryAfter]).toEqual([code, 'what failed', retryAfter]);
});
