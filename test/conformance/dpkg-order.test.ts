/**
 * Compares the dpkg scheme with Debian's own programs: on hostile pairs, on every version of apt's package indexes on
 * this machine, and on the versions of `../shared` if present. Reproduce a failure with the printed seed:
 * `DPKG_ORDER_SEED=… npx vitest run test/conformance/dpkg-order.test.ts`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decompress } from 'zstd-napi';
import { dpkg, parseDpkgVersion } from '../../src/versions/dpkg.ts';
import { output, outputLines, works } from './program.ts';
import { captures, disagreements, hostilePair, isAccepted, type Pair, realPairs, textOf } from './version-pairs.ts';
import { runCount } from '../fixtures/run-count.ts';

const HOSTILE_PAIRS = runCount(120_000, 10_000);
const LONG_NUMBER_PAIRS = 400;
const FORBIDDEN_CHARACTER_PAIRS = 200;
const VALIDATED_TEXTS = 500;

const SEED = Number(process.env['DPKG_ORDER_SEED'] ?? Date.now() % 2 ** 31);
const SHARED = join(import.meta.dirname, '../../../shared');

const MISSING: readonly string[] = [
  ...(works('dpkg', ['--version']) ? [] : ['the program dpkg (Debian package dpkg)']),
  ...(works('perl', ['-MDpkg::Version', '-e', '1']) ? [] : ["Perl's Dpkg::Version (Debian package libdpkg-perl)"]),
];
const INDEXES = packageIndexes();
const IN_CI = process.env['CI'] === 'true';
const SKIPPED = MISSING.length > 0 && !IN_CI;
console.info(`dpkg-order: DPKG_ORDER_SEED=${SEED}`);
if (MISSING.length > 0) console.warn(`dpkg-order: ${SKIPPED ? 'SKIPPED' : 'FAILS'}, missing ${MISSING.join(' and ')}`);
if (INDEXES.length === 0) console.warn('dpkg-order: real versions SKIPPED, no package index: run `apt-get update`');
if (!existsSync(SHARED)) console.warn(`dpkg-order: versions of feeds SKIPPED, ${SHARED} not found`);

it.skipIf(SKIPPED)("Debian's programs are installed", () => {
  expect(MISSING).toEqual([]);
});

describe.skipIf(SKIPPED)('hostile pairs', () => {
  it(`keys order ${HOSTILE_PAIRS} pairs as Dpkg::Version does`, async () => {
    const pairs = fc.sample(hostilePairOf(POLICY_PIECES).filter(isRightInPerl), { seed: SEED, numRuns: HOSTILE_PAIRS });
    const order = await perlOrder(pairs);
    expect(new Set(order), 'the pairs reach every outcome').toEqual(new Set(['-1', '0', '1']));
    expect(disagreements(dpkg, pairs, order)).toEqual([]);
  });

  it(`keys order ${LONG_NUMBER_PAIRS} pairs with numbers beyond 2^53 as dpkg does`, async () => {
    const arbitrary = hostilePairOf([...POLICY_PIECES, ...LONG_NUMBERS]).filter(hasLongNumber);
    const pairs = fc.sample(arbitrary, { seed: SEED, numRuns: LONG_NUMBER_PAIRS });
    expect(disagreements(dpkg, pairs, await dpkgOrder(pairs))).toEqual([]);
  });

  it(`keys order ${FORBIDDEN_CHARACTER_PAIRS} pairs with characters that Debian Policy forbids as dpkg does`, async () => {
    const arbitrary = hostilePairOf([...POLICY_PIECES, ...FORBIDDEN_PIECES]).filter((pair) => !isRightInPerl(pair));
    const pairs = fc.sample(arbitrary, { seed: SEED, numRuns: FORBIDDEN_CHARACTER_PAIRS });
    expect(disagreements(dpkg, pairs, await dpkgOrder(pairs))).toEqual([]);
  });

  it('rejects a text exactly when dpkg rejects it even in its own database', async () => {
    const pieces = ['', '0', '1', 'a', ':', ':', '-', '-', '+', '~', '.', '_', ' ', '\t', '2147483647', '2147483648'];
    const texts = fc.sample(textOf(pieces), { seed: SEED, numRuns: VALIDATED_TEXTS });
    const verdicts = await dpkgVerdicts(texts);
    expect(new Set(verdicts), 'the texts reach every verdict').toEqual(new Set(['0', '1', '2']));
    expect(texts.filter((version, at) => isAccepted(dpkg, version) !== (verdicts[at] !== '2'))).toEqual([]);
  });
});

describe.skipIf(SKIPPED || INDEXES.length === 0)('the package indexes of this machine', () => {
  it('keys sort every version as Debian does', async () => {
    const stanzas = await Promise.all(INDEXES.map((file) => output('/usr/lib/apt/apt-helper', ['cat-file', file])));
    expect(await missorted(captures(stanzas.join('\n'), /^Version: (.+)$/gm))).toEqual([]);
  });
});

describe.skipIf(SKIPPED || !existsSync(SHARED))('the versions of ../shared', () => {
  it.each(['debian-tracker-derived', 'debian-changelog-derived'])('keys sort every version of %s', async (feed) => {
    const json = decompress(readFileSync(join(SHARED, `feeds/debian/${feed}.json.zst`))).toString();
    expect(await missorted(captures(json, /"fixed_version": ?"([^"]+)"/g))).toEqual([]);
  });

  it('keys sort every version of an installed system', async () => {
    const status = readFileSync(join(SHARED, 'images/dpkg/texlive.status'), 'utf8');
    expect(await missorted(captures(status, /^(?:Version: |Source: \S+ \()([^)\n]+)/gm))).toEqual([]);
  });
});

async function missorted(versions: readonly string[]): Promise<string[]> {
  const pairs = realPairs(dpkg, versions, SEED);
  const forPerl = pairs.filter(isRightInPerl);
  const forDpkg = pairs.filter((pair) => !isRightInPerl(pair));
  return [
    ...disagreements(dpkg, forPerl, await perlOrder(forPerl)),
    ...disagreements(dpkg, forDpkg, await dpkgOrder(forDpkg)),
  ];
}

/**
 * Dpkg::Version is fast, but it accepts only versions that Debian Policy allows and compares numbers in floating point.
 */
function isRightInPerl(pair: Pair): boolean {
  return pair.every((version) => {
    const { upstream, revision } = parseDpkgVersion(version);
    const allowed = /^\d/.test(version) && /^\d[A-Za-z0-9.+~:-]*$/.test(upstream) && /^[A-Za-z0-9.+~]+$/.test(revision);
    return allowed && !hasLongNumber([version]);
  });
}

function hasLongNumber(versions: readonly string[]): boolean {
  return versions.some((version) => /[1-9]\d{15}/.test(version));
}

async function perlOrder(pairs: readonly Pair[]): Promise<string[]> {
  const script = 'chomp; my ($a, $b) = split / /; print version_compare($a, $b), "\\n"';
  return outputLines(
    'perl',
    ['-MDpkg::Version', '-ne', script],
    pairs.map(([a, b]) => `${a} ${b}`),
  );
}

/**
 * Compares with dpkg itself. Each pair takes one or two processes, so the function is suitable only for a few hundred
 * pairs.
 */
async function dpkgOrder(pairs: readonly Pair[]): Promise<string[]> {
  const script = `while read -r a b; do
    dpkg --compare-versions -- "$a" lt "$b" 2>/dev/null
    case $? in
      0) echo -1 ;;
      1) if dpkg --compare-versions -- "$a" eq "$b" 2>/dev/null; then echo 0; else echo 1; fi ;;
      *) echo refused ;;
    esac
  done`;
  return outputLines(
    'sh',
    ['-c', script],
    pairs.map(([a, b]) => `${a} ${b}`),
  );
}

/**
 * Returns for each text: 0 when dpkg accepts it, 1 when dpkg accepts it only in its database with a warning, 2 when
 * dpkg rejects it.
 */
async function dpkgVerdicts(texts: readonly string[]): Promise<string[]> {
  const script = 'while IFS= read -r text; do dpkg --validate-version -- "$text" 2>/dev/null; echo $?; done';
  return outputLines('sh', ['-c', script], texts);
}

function packageIndexes(): string[] {
  const { stdout } = spawnSync(
    '/usr/bin/apt-get',
    ['indextargets', '--format', '$(FILENAME)', 'Created-By: Packages'],
    {
      encoding: 'utf8',
    },
  );
  return (stdout ?? '').split('\n').filter((file) => file !== '');
}

const POLICY_PIECES: readonly string[] = [
  '0 0 00 000 1 1 2 9 01 10 99 100 20240101 999999999999999',
  '~ ~ ~~ + . . .. - - -- : ~. .~ +~ ~+ -~ .-',
  'a b z A Z aa rc beta git dfsg deb12u ubuntu +b ~rc +deb12u',
].flatMap((row) => row.split(' '));

/**
 * Numbers around 2^53 and 2^64, numbers with leading zeros, and numbers with about 254 digits, where the length
 * encoding of keys changes.
 */
const LONG_NUMBERS: readonly string[] = [
  '9007199254740992 9007199254740993 9007199254740994 18446744073709551615 18446744073709551616',
  `${'1'.repeat(20)} ${'1'.repeat(19)}2 ${'0'.repeat(30)} ${'0'.repeat(30)}1 ${'9'.repeat(40)} 1${'0'.repeat(40)}`,
  `${'7'.repeat(253)} ${'7'.repeat(254)} ${'7'.repeat(253)}8 ${'7'.repeat(255)} ${'7'.repeat(256)} ${'7'.repeat(257)}`,
].flatMap((row) => row.split(' '));

const FORBIDDEN_PIECES: readonly string[] = '_ _ ! / @ [ ^ ` { | } = \\ \' "'.split(' ');

/** Generates two versions from the pieces, often with epoch and revision. */
function hostilePairOf(pieces: readonly string[]): fc.Arbitrary<Pair> {
  const version = fc
    .tuple(
      fc.constantFrom('', '', '', '0:', '1:', '01:', '10:', '2147483647:'),
      fc.constantFrom('0', '1', '1.', '2.0', '10', ...pieces),
      textOf(pieces),
      fc.oneof(
        fc.constant(''),
        fc.constant('-0'),
        textOf(pieces).map((revision) => `-${revision}`),
      ),
    )
    .map((parts) => parts.join(''));
  return hostilePair(dpkg, version, pieces);
}
