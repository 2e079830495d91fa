import { ClairError } from '../../errors.ts';

/** Runs a step; returns undefined if the step fails, so that the caller can continue with the other steps. */
export type Attempt = <Result>(step: () => Promise<Result>) => Promise<Result | undefined>;

/**
 * Creates the function that runs the steps of a task. The function throws only the abort reason of the signal and
 * errors other than `ClairError`.
 *
 * @param failures receives the messages of failed steps
 */
export function createAttempts(failures: string[], signal: AbortSignal): Attempt {
  return async (step) => {
    try {
      return await step();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ClairError)) throw error;
      failures.push(error.message);
      return undefined;
    }
  };
}
