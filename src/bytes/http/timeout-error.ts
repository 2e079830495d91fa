/** The other side did not connect, answer or send bytes in time. `code` is that of the operating system for the same. */
export class TimeoutError extends Error {
  readonly code = 'ETIMEDOUT';
}

/** A length of time for a message: `30 s`, `300 ms`. */
export function shownTime(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds} ms` : `${Math.round(milliseconds / 1000)} s`;
}
