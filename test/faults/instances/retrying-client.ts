import { setTimeout } from 'node:timers/promises';
import type { Random } from '../fuzz/random.ts';

/** Counts events by name. */
export type Tally = {
  readonly count: (what: string, times?: number) => void;
  readonly counts: ReadonlyMap<string, number>;
};

export function createTally(): Tally {
  const counts = new Map<string, number>();
  return { counts, count: (what, times = 1) => void counts.set(what, (counts.get(what) ?? 0) + times) };
}

export type Answer = { readonly status: number; readonly body: unknown };

/** A client that retries after temporary failures. */
export type RetryingClient = {
  /**
   * Sends a request until the response has one of these statuses.
   *
   * @throws Error for an unexpected response, or when the retries take too long
   */
  readonly request: (method: string, path: string, options: RequestOptions) => Promise<Answer>;
};

export type RequestOptions = { readonly body?: unknown; readonly expected: readonly number[] };

/** The time limit of the retries: longer than a restart of Clair or PostgreSQL and longer than any lease. */
const PATIENCE_MS = 150_000;

const TIMEOUT_MS = 45_000;

const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 2000;

/** Statuses to retry; 500 is not among them, because it means a bug in Clair. */
const PASSING: ReadonlySet<number> = new Set([502, 503, 504]);

export function createRetryingClient(url: string, random: Random, tally: Tally): RetryingClient {
  /** Sends the request once; returns undefined for a temporary failure. */
  async function attempt(
    method: string,
    path: string,
    { body, expected }: RequestOptions,
  ): Promise<Answer | undefined> {
    tally.count('requests');
    const headers = { 'content-type': 'application/json' };
    const sent = body === undefined ? {} : { headers, body: JSON.stringify(body) };
    let status = 0;
    let text = '';
    try {
      const response = await fetch(`${url}${path}`, { method, ...sent, signal: AbortSignal.timeout(TIMEOUT_MS) });
      ({ status } = response);
      text = await response.text();
    } catch (error) {
      tally.count(`retried ${connectionFailure(error)}`);
      return undefined;
    }
    if (PASSING.has(status)) {
      tally.count(`retried ${status}`);
      return undefined;
    }
    if (!expected.includes(status)) throw new Error(`${method} ${path} returned ${status}: ${text.slice(0, 300)}`);
    try {
      return { status, body: text === '' ? undefined : JSON.parse(text) };
    } catch (error) {
      throw new Error(`${method} ${path} returned ${status} and invalid JSON: ${text.slice(0, 300)}`, { cause: error });
    }
  }

  return {
    async request(method, path, options) {
      const deadline = Date.now() + PATIENCE_MS;
      for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, MAX_PAUSE_MS)) {
        const answer = await attempt(method, path, options);
        if (answer !== undefined) return answer;
        if (Date.now() > deadline) throw new Error(`${method} ${path} did not succeed within ${PATIENCE_MS / 1000} s`);
        await setTimeout(pause / 2 + random.below(pause / 2));
      }
    },
  };
}

/** `fetch` puts the reason into the cause of its error. */
function connectionFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'timeout';
  const { cause } = error;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return cause instanceof Error ? cause.message : error.message;
}
