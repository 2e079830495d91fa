import { readFileSync, writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import * as fc from 'fast-check';
import { decompress } from 'zstd-napi';
import type { VersionScheme } from '../../src/versions/scheme.ts';
import { formatOracleOrder, readOracleOrder } from '../../src/versions/testing/oracle-order.ts';

export type Pair = readonly [string, string];

/** The program that defines the order of a scheme, and the versions to compare. */
export type Oracle = {
  readonly scheme: VersionScheme;
  /** The file in `src/versions/testdata/` for the answers. */
  readonly file: string;
  /** The first line of the file, with the name and version of the program and the versions that the file omits. */
  readonly comment: string;
  /** Returns -1, 0 or 1 for each pair, or undefined if the program rejects one of the versions. */
  readonly compare: (pairs: readonly Pair[]) => Promise<readonly (number | undefined)[]>;
  readonly randomVersions: fc.Arbitrary<string>;
  readonly pieces: readonly string[];
  /** Whether a real version of the feeds belongs to the scheme. */
  readonly isRelevant?: (version: string) => boolean;
  /** Whether the scheme deliberately differs from the program for this version; such versions are omitted. */
  readonly isExcepted?: (version: string) => boolean;
  /** Rewrites a version of the feeds to the form of the program. */
  readonly rewritten?: (version: string) => string;
  /**
   * For a program whose order is not transitive: returns versions that may be between the two versions of a pair. If
   * the key and the program disagree on a pair, but the program's comparisons with such a version agree with the key,
   * the pair is omitted, because the program contradicts itself.
   */
  readonly between?: (pair: Pair) => readonly string[];
};

const PAIRS = 100_000;
const SEED = 20_261_128;
const MAX_REAL = 4500;
const MAX_RANDOM = 3500;
const MAX_REJECTED = 300;

/**
 * Runs the program on random versions and on the versions in the feeds that the command line names (JSON, JSON lines or
 * tar, with zstd) or, without feeds, on the versions in the file. Writes the results to the file. Then compares 100,000
 * real and 100,000 random pairs, one by one, because a sorted list would not reveal an order that is not transitive.
 *
 * @throws Error with the first pairs for which the key and the program differ
 */
export async function refreshAnswers(oracle: Oracle): Promise<void> {
  const { scheme, comment, randomVersions, isExcepted = () => false } = oracle;
  const file = new URL(`../../src/versions/testdata/${oracle.file}`, import.meta.url);
  const feeds = argv.slice(2);
  const known = feeds.length > 0 ? { groups: [], rejected: [] } : readOracleOrder(file);
  const real = feeds.length > 0 ? sampled(versionsIn(feeds, oracle), MAX_REAL) : known.groups.flat();
  const random = fc.sample(randomVersions, { seed: SEED, numRuns: MAX_RANDOM });
  const asked = [...new Set([...real, ...random, ...known.rejected])].filter(
    (version) => /^[^\t\n\r]+$/.test(version) && !isExcepted(version),
  );

  const answers = await oracle.compare(asked.map((version): Pair => [version, version]));
  const accepted = new Set(asked.filter((_version, at) => answers[at] !== undefined));
  const rejected = asked.filter((version) => !accepted.has(version));
  const lost = [...accepted].filter((version) => scheme.keyOf(version) === undefined);
  if (lost.length > 0) throw new Error(`${scheme.id} rejects ${JSON.stringify(lost.slice(0, 20))}`);

  const groups = await sortedGroups(oracle, [...accepted]);
  writeFileSync(file, formatOracleOrder(comment, { groups, rejected: sampled(rejected, MAX_REJECTED).toSorted() }));
  const byChoice = rejected.filter((version) => scheme.keyOf(version) !== undefined).length;
  console.log(
    `${oracle.file}: ${accepted.size} accepted; ${rejected.length} rejected, the scheme accepts ${byChoice} of them`,
  );

  await comparePairs(oracle, 'real', realPairs(real.filter((version) => accepted.has(version))));
  await comparePairs(oracle, 'random', similarPairs(oracle));
  reportSpeed(scheme, [...accepted]);
}

/** Returns the versions in ranges, lists and lock files: the values of the matched members. */
function versionsIn(
  feeds: readonly string[],
  { isRelevant = () => true, rewritten = (version) => version }: Oracle,
): string[] {
  const texts = feeds.map((path) => {
    const bytes = readFileSync(path);
    return (path.endsWith('.zst') ? decompress(bytes) : bytes).toString('utf8');
  });
  const found = texts.flatMap((text) => [
    ...Array.from(
      text.matchAll(/"(?:introduced|fixed|last_affected|version)": ?"([^"]+)"/g),
      ([, version = '']) => version,
    ),
    ...Array.from(text.matchAll(/"versions": ?\[([^\]]*)\]/g), ([, list = '']) => list).flatMap((list) =>
      Array.from(list.matchAll(/"([^"\\]+)"/g), ([, version = '']) => version),
    ),
  ]);
  return [...new Set(found.filter(isRelevant).map(rewritten))];
}

/** Sorts versions by key, and groups neighbouring versions that the program ranks as equal. */
async function sortedGroups(oracle: Oracle, versions: readonly string[]): Promise<string[][]> {
  const sorted = versions
    .map((version) => ({ version, key: oracle.scheme.key(version) }))
    .toSorted((a, b) => Buffer.compare(a.key, b.key) || Buffer.compare(Buffer.from(a.version), Buffer.from(b.version)))
    .map(({ version }) => version);
  const neighbours = sorted.slice(1).map((version, at): Pair => [sorted[at] ?? '', version]);
  const answers = await oracle.compare(neighbours);
  const contradictions = await contradictionsAmong(
    oracle,
    neighbours.filter((_pair, at) => answers[at] === 1),
  );
  if (contradictions.length > 0) {
    const out = new Set(contradictions.map(([, version]) => version));
    console.log(`${oracle.file}: without ${JSON.stringify(contradictions)}`);
    return await sortedGroups(
      oracle,
      versions.filter((version) => !out.has(version)),
    );
  }
  const groups = [sorted.slice(0, 1)];
  for (const [at, [before, version]] of neighbours.entries()) {
    const answer = answers[at];
    if (answer === 0) groups.at(-1)?.push(version);
    else if (answer === -1) groups.push([version]);
    else throw new Error(`the program ranks ${before} after ${version}`);
  }
  return groups;
}

/**
 * Returns the pairs for which the program's comparisons of both versions with a version between them agree with the
 * key; see {@link Oracle.between}.
 */
async function contradictionsAmong({ scheme, compare, between }: Oracle, pairs: readonly Pair[]): Promise<Pair[]> {
  if (between === undefined) return [];
  const chains = pairs.flatMap((pair) => between(pair).map((middle) => ({ pair, middle })));
  const toMiddle = await compare(chains.map(({ pair: [a], middle }): Pair => [a, middle]));
  const fromMiddle = await compare(chains.map(({ pair: [, b], middle }): Pair => [middle, b]));
  const contradicted = chains.filter(({ pair: [a, b] }, at) => {
    const order = keyOrder(scheme, a, b);
    const steps = [toMiddle[at], fromMiddle[at]];
    return steps.includes(order) && steps.every((step) => step === order || step === 0);
  });
  return [...new Set(contradicted.map(({ pair }) => pair))];
}

/** Draws pairs until the program has compared 100,000 pairs. */
async function comparePairs(oracle: Oracle, name: string, arbitrary: fc.Arbitrary<Pair>): Promise<void> {
  const { scheme, compare, isExcepted = () => false } = oracle;
  let compared = 0;
  let contradicted = 0;
  for (let batch = 0; compared < PAIRS; batch++) {
    const drawn = fc.sample(arbitrary, { seed: SEED + batch, numRuns: PAIRS });
    const pairs = drawn.filter((pair) => !pair.some(isExcepted));
    const answers = await compare(pairs);
    const different = pairs.filter(([a, b], at) => answers[at] !== undefined && answers[at] !== keyOrder(scheme, a, b));
    const contradictions = new Set(await contradictionsAmong(oracle, different));
    const wrong = different.filter((pair) => !contradictions.has(pair));
    if (wrong.length > 0) throw new Error(`${scheme.id} differs: ${JSON.stringify(wrong.slice(0, 20))}`);
    compared += answers.filter((answer) => answer !== undefined).length;
    contradicted += contradictions.size;
  }
  console.log(`${scheme.id}: ${compared} ${name} pairs, 0 mismatches, ${contradicted} contradictions of the program`);
}

function keyOrder(scheme: VersionScheme, a: string, b: string): number | undefined {
  const [one, other] = [scheme.keyOf(a), scheme.keyOf(b)];
  return one === undefined || other === undefined ? undefined : Buffer.compare(one, other);
}

/** In half of the pairs, the two versions are close in string order, so they often differ only near the end. */
function realPairs(versions: readonly string[]): fc.Arbitrary<Pair> {
  const sorted = versions.toSorted();
  const place = fc.nat(sorted.length - 1);
  const near = fc.tuple(place, fc.integer({ min: 1, max: 8 })).map(([at, step]) => [at, at + step]);
  return fc
    .oneof(fc.tuple(place, place), near)
    .map(([a = 0, b = 0]): Pair => [sorted[a] ?? '', sorted[b % sorted.length] ?? '']);
}

/** Draws two random versions, or a version and a variant that differs at one to three places. */
function similarPairs({ randomVersions, pieces }: Oracle): fc.Arbitrary<Pair> {
  const change = fc.record({ place: fc.nat(60), cut: fc.nat(2), insertion: fc.constantFrom('', ...pieces) });
  const changed = fc
    .tuple(randomVersions, fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([version, changes]): Pair => {
      const other = changes.reduce((text, { place, cut, insertion }) => {
        const at = place % (text.length + 1);
        return text.slice(0, at) + insertion + text.slice(at + cut);
      }, version);
      return [version, other];
    });
  return fc.oneof(fc.tuple(randomVersions, randomVersions), { weight: 3, arbitrary: changed });
}

function sampled(versions: readonly string[], count: number): string[] {
  const step = Math.max(1, versions.length / count);
  return Array.from(
    { length: Math.min(count, versions.length) },
    (_value, at) => versions[Math.floor(at * step)] ?? '',
  );
}

function reportSpeed(scheme: VersionScheme, versions: readonly string[]): void {
  const rounds = 20;
  const start = performance.now();
  let bytes = 0;
  for (let round = 0; round < rounds; round++) for (const version of versions) bytes += scheme.key(version).length;
  const keys = rounds * versions.length;
  const microseconds = ((performance.now() - start) * 1000) / keys;
  console.log(`${scheme.id}: ${microseconds.toFixed(2)} µs and ${(bytes / keys).toFixed(1)} bytes a key`);
}
