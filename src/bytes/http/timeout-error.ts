/**
 * The error for a peer that did not connect, respond or send bytes in time. `code` is the operating system's error code
 * for a timeout.
 */
export class TimeoutError extends Error {
  readonly code = 'ETIMEDOUT';
}

/** Returns a duration as text for a message, such as `30 s` or `300 ms`. */
export function shownTime(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds} ms` : `${Math.round(milliseconds / 1000)} s`;
}
