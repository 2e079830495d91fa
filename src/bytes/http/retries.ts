import { setTimeout } from 'node:timers/promises';
import { ClairError } from '../../errors.ts';
import { type HttpAnswer, type HttpGetOptions, shownAddress } from './client.ts';

export type Pause = (milliseconds: number, signal?: AbortSignal) => Promise<void>;

export type Retries = {
  readonly pause: Pause;
  /** The maximum number of requests; 4 by default. */
  readonly attempts?: number;
};

/** Waits for a number of milliseconds. @throws AbortError after an abort of `signal` */
export async function pauseOfClock(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, signal && { signal });
}

/**
 * Sends a request and retries on transient statuses (429, 500, 502, 503, 504) and connection failures, with up to
 * `attempts` requests. The pauses are 0.5 s, 1 s, 2 s and so on, or the time in `retry-after` (RFC 9110 section
 * 10.2.3). Does not resume an interrupted body; use `createRetryingHttp()` to resume a body.
 *
 * @param ask sends the request, and returns a response with a status in `refusals` instead of throwing
 * @param url the URL, for messages
 * @throws ClairError as `ask` does; `bytes/unreachable` if the last status is also transient, or if the server requests
 *   a pause of more than 30 s; the error of `pause` after an abort
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
 * Returns the pause in milliseconds that the header `retry-after` requests (RFC 9110 section 10.2.3), or undefined if
 * the header is absent or invalid.
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

/** The codes of transient connection failures. A wrong host name or certificate is not transient. */
const PASSING_CAUSES: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
]);

/** Returns whether a failure is a transient connection failure of {@link PASSING_CAUSES}. */
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
  const when = wanted === undefined ? '' : ` (retry after ${Math.ceil(wanted / 1000)} s)`;
  return new ClairError('bytes/unreachable', `${shownAddress(url)} responded with status ${outcome.status}${when}`);
}
