/**
 * Compares the rpm scheme with rpm itself, `rpm.vercmp` of its Lua: on hostile pairs, and on the versions of the
 * package databases and feeds of `../shared` if present. Reproduce a failure with the printed seed:
 * `RPM_ORDER_SEED=… npx vitest run test/conformance/rpm-order.test.ts`.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import lzma from 'lzma-native';
import { describe, expect, it } from 'vitest';
import { decompress } from 'zstd-napi';
import { rpm } from '../../src/versions/rpm.ts';
import { describeShared, sharedPath } from '../fixtures/shared-data.ts';
import { outputLines, works } from './program.ts';
import { captures, disagreements, hostilePair, isAccepted, type Pair, realPairs, textOf } from './version-pairs.ts';
import { runCount } from '../fixtures/run-count.ts';

const HOSTILE_PAIRS = runCount(120_000, 10_000);

const SEED = Number(process.env['RPM_ORDER_SEED'] ?? Date.now() % 2 ** 31);

const MISSING: readonly string[] = works('rpm', ['--eval', '%{lua: rpm.vercmp("1", "2")}'])
  ? []
  : ['the program rpm (Debian package rpm)'];
const SKIPPED = MISSING.length > 0 && process.env['CI'] !== 'true';
console.info(`rpm-order: RPM_ORDER_SEED=${SEED}`);
if (MISSING.length > 0) console.warn(`rpm-order: ${SKIPPED ? 'SKIPPED' : 'FAILS'}, missing ${MISSING.join(' and ')}`);

it.skipIf(SKIPPED)('rpm is installed', () => {
  expect(MISSING).toEqual([]);
});

describe.skipIf(SKIPPED)('hostile pairs', () => {
  it(`keys order ${HOSTILE_PAIRS} pairs as rpm does`, async () => {
    const pairs = fc.sample(hostilePair(rpm, hostileVersion(), PIECES), { seed: SEED, numRuns: HOSTILE_PAIRS });
    const order = await rpmOrder(pairs);
    expect(new Set(order), 'the pairs reach every outcome').toEqual(new Set(['-1', '0', '1']));
    expect(disagreements(rpm, pairs, order)).toEqual([]);
  });
});

describe.skipIf(SKIPPED)('the versions of ../shared', () => {
  const DATABASES = [
    ['cbl-mariner-2.0.rpmdb.sqlite', 'rpmdb.sqlite', 129],
    ['libuuid-bdb.Packages', 'Packages', 1],
    ['sle15-bci-ndb.Packages.db', 'Packages.db', 35],
  ] as const;
  const databasePath = (name: string): string => `images/rpmdb/${name}.xz`;
  describeShared(
    'package databases',
    DATABASES.map(([name]) => databasePath(name)),
    () => {
      it.each(DATABASES)('keys sort every version of %s', async (name, nameInFolder, packages) => {
        const folder = mkdtempSync(join(tmpdir(), 'clair-rpm-order-'));
        try {
          const compressed = readFileSync(sharedPath(databasePath(name)));
          const bytes = await new Promise<Buffer>((resolve) => lzma.decompress(compressed, {}, resolve));
          writeFileSync(join(folder, nameInFolder), bytes);
          const versions = await installedVersions(folder);
          expect(versions).toHaveLength(packages);
          expect(await missorted(versions)).toEqual([]);
        } finally {
          rmSync(folder, { recursive: true });
        }
      });
    },
  );

  const OVAL = /<(?:[\w-]+:)?evr\b[^>]*>([^<]+)</g;
  const FEEDS = [
    ['almalinux/almalinux-osv.tar', /"(?:introduced|fixed)": "([^"]+)"/g, []],
    ['azurelinux/azurelinux-3.0-oval.xml', OVAL, ['0: 1.20.10-1.azl3', '0:1.17.13-2,1.18.8-2,1.21.6-1.azl3']],
    ['azurelinux/cbl-mariner-2.0-oval.xml', OVAL, ['0: 1.20.10-1.cm2', '0: 1.57.0-1.cm2']],
    ['azurelinux/cbl-mariner-1.0-oval.xml', OVAL, []],
    ['photon/com.vmware.phsa-photon3.xml', OVAL, []],
    ['redhat/Red_Hat_Enterprise_Linux_3.xml', OVAL, []],
    ['redhat/rhel-8.oval.xml', OVAL, []],
    ['suse/opensuse.leap.15.3-patch.xml', OVAL, []],
    ['suse/opensuse.leap.micro.5.3-affected.xml', OVAL, []],
    ['suse/opensuse.leap.micro.5.3.xml', OVAL, []],
  ] as const;
  const feedPath = (name: string): string => `feeds/${name}.zst`;
  describeShared(
    'feeds',
    FEEDS.map(([name]) => feedPath(name)),
    () => {
      it.each(FEEDS)('keys sort every version of %s', async (name, pattern, refused) => {
        const text = decompress(readFileSync(sharedPath(feedPath(name)))).toString('latin1');
        const versions = new Set(captures(text, pattern));
        expect([...versions].filter((version) => !isAccepted(rpm, version)).toSorted()).toEqual(refused);
        expect(await missorted([...versions].filter((version) => isAccepted(rpm, version)))).toEqual([]);
      });
    },
  );
});

/**
 * Returns rpm's list without signature verification, which would skip packages, and without warnings about missing
 * indexes.
 */
async function installedVersions(folder: string): Promise<string[]> {
  const query =
    'rpm --dbpath "$0" -qa --nosignature --nodigest --qf \'%{EPOCHNUM}:%{VERSION}-%{RELEASE}\\n\' 2>/dev/null';
  return outputLines('sh', ['-c', query, folder]);
}

async function missorted(versions: readonly string[]): Promise<string[]> {
  const pairs = realPairs(rpm, versions, SEED);
  return disagreements(rpm, pairs, await rpmOrder(pairs));
}

/** One process compares all pairs; the last line of its output is the expansion of the macro, which is empty. */
async function rpmOrder(pairs: readonly Pair[]): Promise<string[]> {
  const script = `%{lua:
    for line in io.lines() do
      local a, b = line:match("^(%S+) (%S+)$")
      io.write(rpm.vercmp(a, b), "\\n")
    end}`;
  const lines = pairs.map(([a, b]) => `${a} ${b}`);
  return (await outputLines('rpm', ['--eval', script], lines)).slice(0, -1);
}

/**
 * All special cases of rpmvercmp(), numbers around 2^53 and 2^64, and numbers whose length takes three bytes in a key.
 */
const PIECES: readonly string[] = [
  '0 0 00 000 1 1 2 9 01 10 99 100 20240101 9007199254740992 9007199254740993 18446744073709551616',
  '~ ~ ~ ~~ ^ ^ ^ ^^ ~^ ^~ . . .. _ + - - % { } ._ .~ ~. ^. .^ 0~ 0^',
  'é é ü ١ – 😀 1é2 é1 \ufffd',
  'a b z A Z aa ab rc el el9 .el8_4 git .fc39 cm2 ^20240101git ~rc1 %{?dist}',
  `${'7'.repeat(253)} ${'7'.repeat(254)} ${'7'.repeat(255)} ${'7'.repeat(254)}8 ${'0'.repeat(300)} ${'0'.repeat(300)}1`,
]
  .join(' ')
  .split(/ +/);

/** Generates a version from the pieces, often with epoch and release. */
function hostileVersion(): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.constantFrom('', '', '', ':', '0:', '1:', '01:', '10:', '2147483647:'),
      fc.constantFrom('0', '1', '1.', '2.0', '10', 'a', '~', '^', '.'),
      textOf(PIECES),
      fc.oneof(
        fc.constant(''),
        fc.constant('-0'),
        fc.constant('-1'),
        textOf(PIECES).map((release) => `-${release}`),
      ),
    )
    .map((parts) => parts.join(''));
}
