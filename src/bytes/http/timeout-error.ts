/**
 * The error for a peer that did not connect, respond or send bytes in time. `code` is the error code of the operating
 * system for a timeout.
 */
export class TimeoutError extends Error {
  readonly code = 'ETIMEDOUT';
}

/** Formats a duration for a message: `30 s`, `300 ms`. */
export function shownTime(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds} ms` : `${Math.round(milliseconds / 1000)} s`;
}
