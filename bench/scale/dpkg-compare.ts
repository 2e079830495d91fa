/**
 * Compares two versions as dpkg does (Debian Policy 5.6.12), character by character, like scanners that compare
 * versions in their own code. Returns a negative number when `a` is the lower version, and 0 when the versions are
 * equal.
 */
export function compareDpkgVersions(a: string, b: string): number {
  const [epochA, upstreamA, revisionA] = partsOf(a);
  const [epochB, upstreamB, revisionB] = partsOf(b);
  return epochA - epochB || compareParts(upstreamA, upstreamB) || compareParts(revisionA, revisionB);
}

function partsOf(version: string): readonly [epoch: number, upstream: string, revision: string] {
  const colon = version.indexOf(':');
  const hyphen = version.lastIndexOf('-');
  const end = hyphen > colon ? hyphen : version.length;
  return [colon < 0 ? 0 : Number(version.slice(0, colon)), version.slice(colon + 1, end), version.slice(end + 1)];
}

/** Implements the algorithm of Debian Policy: alternating runs of non-digits and digits. */
function compareParts(a: string, b: string): number {
  let atA = 0;
  let atB = 0;
  while (atA < a.length || atB < b.length) {
    while ((atA < a.length && !isDigit(a, atA)) || (atB < b.length && !isDigit(b, atB))) {
      const difference = orderOf(a, atA) - orderOf(b, atB);
      if (difference !== 0) return difference;
      atA += 1;
      atB += 1;
    }
    while (a.charCodeAt(atA) === ZERO) atA += 1;
    while (b.charCodeAt(atB) === ZERO) atB += 1;
    let first = 0;
    while (isDigit(a, atA) && isDigit(b, atB)) {
      first ||= a.charCodeAt(atA) - b.charCodeAt(atB);
      atA += 1;
      atB += 1;
    }
    if (isDigit(a, atA)) return 1;
    if (isDigit(b, atB)) return -1;
    if (first !== 0) return first;
  }
  return 0;
}

const ZERO = 0x30;
const NINE = 0x39;
const TILDE = 0x7e;

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= ZERO && code <= NINE;
}

/**
 * The tilde sorts before the end of the part, the end (or a digit, which ends the run) before letters, and letters
 * before everything else.
 */
function orderOf(text: string, at: number): number {
  if (at >= text.length || isDigit(text, at)) return 0;
  const code = text.charCodeAt(at);
  if (code === TILDE) return -1;
  return /[A-Za-z]/.test(text.charAt(at)) ? code : code + 256;
}
