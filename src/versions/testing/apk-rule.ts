/** The suffixes of a version, in ascending order. */
export const APK_SUFFIXES: readonly string[] = ['_alpha', '_beta', '_pre', '_rc', '_cvs', '_svn', '_git', '_hg', '_p'];

/** Compares valid versions token by token and without keys, as apk-tools 3 does (src/version.c). */
export function compareByApk(a: string, b: string): number {
  const [tokensOfA, tokensOfB] = [tokensOf(a), tokensOf(b)];
  for (let at = 0; ; at++) {
    const [one, other] = [tokensOfA[at] ?? '', tokensOfB[at] ?? ''];
    const difference = Math.sign(rank(one) - rank(other)) || compareTokens(one, other);
    if (difference !== 0 || one === '') return difference;
  }
}

/** Returns the tokens of a version. A `#` precedes the number of a suffix, so that every token shows its kind. */
function tokensOf(version: string): readonly string[] {
  const marked = version.replaceAll(/(_[a-z]+)(\d)/g, '$1#$2');
  return marked.match(/~[0-9a-f]+|-r\d+|_[a-z]+|[.#]\d+|[a-z]|\d+/g) ?? [];
}

/**
 * Returns the rank of a token among the tokens that may follow, in ascending order. The empty token marks the end
 * of the version.
 */
function rank(token: string): number {
  const ranks = [/^_(alpha|beta|pre|rc)$/, /^$/, /^-r/, /^~/, /^#/, /^_/, /^[a-z]$/, /^\.?\d/];
  return ranks.findIndex((pattern) => pattern.test(token));
}

function compareTokens(one: string, other: string): number {
  if (one.startsWith('_')) return Math.sign(APK_SUFFIXES.indexOf(one) - APK_SUFFIXES.indexOf(other));
  const asText = /^[~a-z]/.test(one) || one.startsWith('.0') || other.startsWith('.0');
  if (asText) return Buffer.compare(Buffer.from(one), Buffer.from(other));
  const [a, b] = [BigInt(one.replaceAll(/\D/g, '')), BigInt(other.replaceAll(/\D/g, ''))];
  return a < b ? -1 : Number(a > b);
}
