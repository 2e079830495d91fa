import type { AffectedPackage } from '../../model/advisories/advisory.ts';
import { apk } from '../../versions/apk.ts';

export type SecdbRange = Pick<AffectedPackage, 'introduced' | 'fixed' | 'status'>;

/**
 * Returns the affected versions, given the apk versions that fix a vulnerability. If several versions fix the
 * vulnerability, the highest version is used.
 *
 * About 15 versions in the Alpine secdb are misprints that apk rejects (`4.8.0.-r1`, `10.2.24.r0`, `1.2.31-0`). The
 * intended version is above the longest valid prefix and below the next number ({@link misprintedStart}). Therefore,
 * versions below the prefix are affected, versions from the next number on are fixed, and versions in between are
 * `unknown`. Without a valid prefix, all versions are unknown.
 */
export function secdbRanges(versions: Iterable<string>): readonly SecdbRange[] {
  let fixed: Bound | undefined;
  let doubtful: Bound | undefined;
  for (const version of versions) {
    const key = apk.keyOf(version);
    if (key !== undefined) {
      fixed = higher(fixed, { version, key });
      continue;
    }
    const start = misprintedStart(version);
    if (start === undefined) return [{ status: 'unknown' }];
    fixed = higher(fixed, boundOf(start.version));
    doubtful = higher(doubtful, boundOf(start.next));
  }
  if (fixed === undefined) return [{ status: 'unknown' }];
  const sure: SecdbRange = { fixed: fixed.version, status: 'fixed' };
  if (doubtful === undefined || Buffer.compare(doubtful.key, fixed.key) <= 0) return [sure];
  return [sure, { introduced: fixed.version, fixed: doubtful.version, status: 'unknown' }];
}

/**
 * Returns the longest prefix that apk accepts, and its leading numbers with the last number incremented. For example,
 * returns `10.2.24` and `10.2.25` for `10.2.24.r0`. Returns undefined for a text without a leading number.
 */
export function misprintedStart(text: string): { readonly version: string; readonly next: string } | undefined {
  // Start at the end, because the longest prefix is used.
  for (let length = Math.min(text.length, MAX_LENGTH) - 1; length > 0; length -= 1) {
    const version = text.slice(0, length);
    if (apk.keyOf(version) === undefined) continue;
    const [numbers = ''] = /^\d+(?:\.\d+)*/.exec(version) ?? [];
    const next = numbers.replace(/\d+$/, (last) => String(BigInt(last) + 1n).padStart(last.length, '0'));
    return { version, next };
  }
  return undefined;
}

/** The maximum length of a prefix in characters; the longest version in the Alpine secdb has 22. */
const MAX_LENGTH = 128;

type Bound = { readonly version: string; readonly key: Uint8Array };

function boundOf(version: string): Bound | undefined {
  const key = apk.keyOf(version);
  return key && { version, key };
}

function higher(one: Bound | undefined, other: Bound | undefined): Bound | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Buffer.compare(one.key, other.key) < 0 ? other : one;
}
