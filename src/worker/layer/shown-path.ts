const MAX_SHOWN = 200;

/** Returns a path for a message, shortened if necessary. */
export function shownPath(path: string): string {
  return path.length <= MAX_SHOWN ? path : `${path.slice(0, MAX_SHOWN)}…`;
}
