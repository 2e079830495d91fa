/** How much of a path is shown in a message. */
const MAX_SHOWN = 200;

/** Returns a path as messages have it: no longer than a person reads. */
export function shownPath(path: string): string {
  return path.length <= MAX_SHOWN ? path : `${path.slice(0, MAX_SHOWN)}…`;
}
