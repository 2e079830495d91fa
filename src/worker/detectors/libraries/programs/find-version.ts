import type { ChunkedBytes } from '../../../../bytes/chunks/chunked-bytes.ts';
import type { Expression } from './expression.ts';

/**
 * Further occurrences of an anchor are not evidence of a version; the limit bounds the time for a file full of anchors.
 */
const MAX_CANDIDATES = 1000;

/**
 * Returns the version at the first place in a file that an expression matches; undefined if no place matches among the
 * first {@link MAX_CANDIDATES} occurrences of the anchor.
 */
export function findVersion(
  bytes: ChunkedBytes,
  { anchor, sideBytes, left, right, prefix }: Expression,
): string | undefined {
  let at = bytes.indexOf(anchor, 0);
  for (let candidates = 0; at !== -1 && candidates < MAX_CANDIDATES; candidates += 1) {
    const before = left.exec(textIn(bytes, Math.max(0, at - sideBytes), at));
    const end = at + anchor.length;
    const after = before && right.exec(textIn(bytes, end, end + sideBytes));
    const version = after && (before?.[1] ?? after[1]);
    if (version) return `${prefix}${version}`;
    at = bytes.indexOf(anchor, at + 1);
  }
  return undefined;
}

function textIn(bytes: ChunkedBytes, start: number, end: number): string {
  return bytes.range(start, end).toString('latin1');
}
