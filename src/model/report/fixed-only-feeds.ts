/**
 * The feeds that list a vulnerability only once it is fixed: errata of rebuilds (`almalinux`, `rocky`, `oracle`, `amazon`,
 * `photon`) and security databases of apk, which are lists of fixes (`alpine`, `chainguard`, `wolfi`). An image may have
 * vulnerabilities without a fix that none of them names, so reports say so.
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

/** Tells whether the feed of that name lists fixed vulnerabilities only. */
export function listsFixedOnly(feed: string): boolean {
  return FIXED_ONLY.has(feed);
}
