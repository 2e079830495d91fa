/**
 * Selects the releases of the smoke run: the oldest release of the oldest line that `engines` permits, and the newest
 * published release of each other line.
 *
 * @param range `engines.node` of package.json, in the form `^20.19.0 || ^22.12.0`
 * @param published the releases on npm, in any order
 * @throws Error for a range in any other form, and for a line without a release in the range
 */
export function smokeReleases(range: string, published: readonly string[]): readonly string[] {
  const oldest = range.split(' || ').map((part) => {
    const [, release] = /^\^(\d+\.\d+\.\d+)$/.exec(part) ?? [];
    if (release === undefined) throw new Error(`engines.node: ${part} is not in the form ^MAJOR.MINOR.PATCH`);
    return release;
  });
  return oldest.map((lowest, index) => {
    const allowed = published.filter((release) => lineOf(release) === lineOf(lowest) && compare(release, lowest) >= 0);
    const newest = allowed.toSorted(compare).at(-1);
    if (newest === undefined) throw new Error(`npm has no Node release in the range ^${lowest}`);
    return index === 0 ? lowest : newest;
  });
}

function lineOf(release: string): number {
  return Number.parseInt(release, 10);
}

function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  const at = [0, 1, 2].find((index) => left?.[index] !== right?.[index]);
  return at === undefined ? 0 : (left?.[at] ?? 0) - (right?.[at] ?? 0);
}
