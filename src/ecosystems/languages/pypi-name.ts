/** Returns the normalised name of a Python distribution: `jaraco-context` for `Jaraco.Context` (PEP 503). */
export function normalizedPypiName(name: string): string {
  return name.replaceAll(/[-_.]+/g, '-').toLowerCase();
}
