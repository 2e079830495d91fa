import type { AffectedPackage } from '../../model/advisories/advisory.ts';
import { SCHEMES } from '../../versions/index.ts';
import { INFINITY_KEY } from '../../versions/scheme.ts';
import type { SchemeId } from '../../versions/index.ts';

/**
 * Of several intervals of a package that differ only in their end, keeps the interval with the highest end. A release
 * can contain several builds of the same fix, and the feed does not state which build applies. Bounds must be versions
 * of `scheme`.
 */
export function widestOnly(affected: readonly AffectedPackage[], scheme: SchemeId): readonly AffectedPackage[] {
  const widest = new Map<string, AffectedPackage>();
  for (const each of affected) {
    const words = wordsOf(each);
    const known = widest.get(words);
    if (known === undefined || Buffer.compare(endOf(known, scheme), endOf(each, scheme)) < 0) widest.set(words, each);
  }
  return [...widest.values()];
}

/** Returns a key for all fields except the end of the interval. */
export function wordsOf(affected: AffectedPackage): string {
  const { fixed: _fixed, lastAffected: _lastAffected, ...rest } = affected;
  return JSON.stringify(Object.entries(rest).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function endOf({ fixed, lastAffected }: AffectedPackage, scheme: SchemeId): Uint8Array {
  const version = fixed ?? lastAffected;
  return version === undefined ? INFINITY_KEY : SCHEMES[scheme].key(version);
}
