/** Returns the normalised name of a Python distribution (PEP 503), such as `jaraco-context` for `Jaraco.Context`. */
export function normalizedPypiName(name: string): string {
  return name.replaceAll(/[-_.]+/g, '-').toLowerCase();
}
