import { setTimeout } from 'node:timers/promises';
import { ClairError } from '../../errors.ts';
import { type HttpAnswer, type HttpGetOptions, shownAddress } from './client.ts';

/** Waits; rejects when the signal is aborted. */
export type Pause = (milliseconds: number, signal?: AbortSignal) => Promise<void>;

/** How to ask again. */
export type Retries = {
  readonly pause: Pause;
  /** How often to ask altogether; four times when absent. */
  readonly attempts?: number;
};

/** The pause of a real clock. */
export async function pauseOfClock(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, signal && { signal });
}

/**
 * Asks, and asks again when the answer is one that passes (429, 500, 502, 503, 504) or the connection fails: at most four
 * times, after 0.5, 1 and 2 s, or when `retry-after` says (RFC 9110 section 10.2.3). A body that breaks is not fetched
 * again; see `createRetryingHttp()` for that.
 *
 * @param ask sends the request; it is given the refusals that are answers to it
 * @param url what is asked, for messages
 * @throws ClairError as `ask` does; `bytes/unreachable` when the last answer was no other, or when the server
 * wants more than 30 s to pass.
 */
export async function askWithRetries(
  ask: (options: HttpGetOptions) => Promise<HttpAnswer>,
  url: string,
  options: HttpGetOptions,
  { pause, attempts = MAX_ATTEMPTS }: Retries,
): Promise<HttpAnswer> {
  const refusals = [...(options.refusals ?? []), ...PASSING_STATUSES];
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await ask({ ...options, refusals }).catch((error: unknown) => {
      if (isPassing(error) && options.signal?.aborted !== true) return error;
      throw error;
    });
    if (!(outcome instanceof ClairError) && !PASSING_STATUSES.some((status) => status === outcome.status))
      return outcome;
    const wanted = wantedPause(outcome);
    const delay = wanted ?? FIRST_PAUSE_MS * 2 ** (attempt - 1);
    if (attempt === attempts || delay > MAX_PAUSE_MS) throw failureOf(outcome, url, wanted);
    await pause(delay, options.signal);
  }
}

/**
 * How long a server wants to be left alone by the headers of its answer, in milliseconds; undefined when it does not say so in
 * seconds or as a date (RFC 9110 section 10.2.3).
 */
export function pauseWanted(headers: Readonly<Record<string, string>>): number | undefined {
  const text = headers['retry-after'] ?? '';
  const wanted = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(wanted) ? undefined : Math.max(wanted, 0);
}

export const MAX_ATTEMPTS = 4;
const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 30_000;

const PASSING_STATUSES = [429, 500, 502, 503, 504] as const;

/** Failures of a connection that may be gone a moment later. That a name or a certificate is wrong is none of them. */
const PASSING_CAUSES: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
]);

/** Tells whether a failure is one of a connection that may work a moment later. */
export function isPassing(error: unknown): error is ClairError {
  if (!(error instanceof ClairError) || error.code !== 'bytes/unreachable') return false;
  const { cause } = error;
  return cause instanceof Error && 'code' in cause && PASSING_CAUSES.has(cause.code);
}

function wantedPause(outcome: HttpAnswer | ClairError): number | undefined {
  return outcome instanceof ClairError || !('headers' in outcome) ? undefined : pauseWanted(outcome.headers);
}

function failureOf(outcome: HttpAnswer | ClairError, url: string, wanted: number | undefined): ClairError {
  if (outcome instanceof ClairError) return outcome;
  const when = wanted === undefined ? '' : `, and wants to be asked again in ${Math.ceil(wanted / 1000)} s`;
  return new ClairError('bytes/unreachable', `${shownAddress(url)} answered with status ${outcome.status}${when}`);
}
