/**
 * The feeds that list only fixed vulnerabilities: the errata of distributions (`almalinux`, `rocky`, `oracle`,
 * `amazon`, `photon`) and the apk security databases (`alpine`, `chainguard`, `wolfi`). Reports state that unfixed
 * vulnerabilities are missing.
 */
const FIXED_ONLY: ReadonlySet<string> = new Set([
  'almalinux',
  'alpine',
  'amazon',
  'chainguard',
  'oracle',
  'photon',
  'rocky',
  'wolfi',
]);

/** Returns whether a feed lists only fixed vulnerabilities. */
export function listsFixedOnly(feed: string): boolean {
  return FIXED_ONLY.has(feed);
}
