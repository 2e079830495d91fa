/**
 * Compares the findings of signed kernels and boot loaders with the tracker's data for their signed source packages, in
 * the version order of Debian's own Dpkg::Version. Also compares the detected source packages with the `Built-Using`
 * fields in apt's index.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decompress } from 'zstd-napi';
import { composeClair } from '../../../src/compose/clair.ts';
import { dpkg } from '../../../src/worker/detectors/packages/dpkg/detector.ts';
import { buildLayer } from '../../../src/worker/testing/image-builder.ts';
import { findingsOf, reportOfLayer } from '../../../src/report/testing/layer-report.ts';
import { rpmHeader } from '../../../src/worker/detectors/packages/rpm/testing/rpm-header.ts';
import { sqliteDatabase } from '../../../src/worker/detectors/packages/rpm/testing/rpm-sqlite.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';
import { newDatabase } from '../../../src/database/testing/stores.ts';
import { outputLines, works } from '../program.ts';

const FEED = 'feeds/debian/debian-tracker-derived.json.zst';
const STATUS = 'var/lib/dpkg/status';
const RELEASE = 'buster';

/** Binary package, version, source package in the stanza, and name and version of the signed source package. */
const INSTALLED: readonly (readonly [string, string, string, string, string])[] = [
  [
    'linux-image-4.19.0-6-amd64',
    '4.19.67-2+deb10u2',
    'linux-signed-amd64 (4.19.67+2+deb10u2)',
    'linux',
    '4.19.67-2+deb10u2',
  ],
  ['linux-image-4.19.0-20-amd64', '4.19.235-1', 'linux-signed-amd64 (4.19.235+1)', 'linux', '4.19.235-1'],
  [
    'linux-image-5.10.0-0.deb10.16-amd64',
    '5.10.127-2~deb10u1',
    'linux-signed-5.10-amd64 (5.10.127+2~deb10u1)',
    'linux-5.10',
    '5.10.127-2~deb10u1',
  ],
  ['grub-efi-amd64-signed', '1+2.02+dfsg1+20', '', 'grub2', '2.02+dfsg1-20'],
  ['shim-signed', '1.33+15+1533136590.3beb971-7', 'shim-signed (1.33)', 'shim', '15+1533136590.3beb971-7'],
];

type Tracker = Record<string, Record<string, { releases: Record<string, { status: string; fixed_version?: string }> }>>;

const MARINER_FEED = 'feeds/azurelinux/cbl-mariner-2.0-oval.xml.zst';

describeShared('a CBL-Mariner image with a signed kernel', [MARINER_FEED], () => {
  it('has the findings of the kernel, which the feed lists by its source', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clair-signed-'));
    const clair = await composeClair(newDatabase());
    const findingsWith = async (source: string): Promise<readonly string[]> => {
      const tags = {
        name: 'kernel',
        version: '5.15.1.1',
        release: '1.cm2',
        sourceRpm: `${source}-5.15.1.1-1.cm2.src.rpm`,
      };
      const release = 'ID=mariner\nVERSION_ID="2.0"\n';
      const database = sqliteDatabase([rpmHeader({ ...tags, vendor: 'Microsoft Corporation' })]);
      const path = join(folder, `${source}.tar`);
      writeFileSync(path, await buildLayer({ 'etc/os-release': release, 'var/lib/rpm/rpmdb.sqlite': database }));
      return findingsOf(await reportOfLayer(clair, path));
    };
    try {
      await clair.updater.update('azurelinux', { from: sharedPath(MARINER_FEED) });
      const expected = await findingsWith('kernel');
      expect(expected.length).toBeGreaterThan(200);
      expect(await findingsWith('kernel-signed-x86_64')).toEqual(expected);
    } finally {
      await clair.close();
      rmSync(folder, { recursive: true });
    }
  });
});

const INDEX_OUTPUT = { encoding: 'utf8', maxBuffer: 2 ** 30 } as const;
const BUILT_USING = /^Built-Using: (\S+) \(= ([^)]+)\)$/m;

const hasPerl = works('perl', ['-MDpkg::Version', '-e', '1']);
if (!hasPerl) console.warn('SKIPPED "a Debian 10 with signed kernels": Perl\'s Dpkg::Version is not installed');

describeShared('a Debian 10 image with signed kernels', [FEED], () => {
  it.skipIf(!hasPerl)('has the findings of the signed source', async () => {
    const all: Tracker = JSON.parse(decompress(readFileSync(sharedPath(FEED))).toString());
    const names = new Set(INSTALLED.map(([, , , name]) => name));
    const tracker = Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)));
    const expected = await expectedFindings(tracker);
    expect(expected.filter((line) => line.includes('linux-image')).length).toBeGreaterThan(500);
    for (const [binary] of INSTALLED) expect(expected.some((line) => line.includes(` ${binary} `))).toBe(true);

    const folder = mkdtempSync(join(tmpdir(), 'clair-signed-'));
    const clair = await composeClair(newDatabase());
    try {
      writeFileSync(join(folder, 'tracker.json'), JSON.stringify(tracker));
      writeFileSync(
        join(folder, 'layer.tar'),
        await buildLayer({ 'etc/os-release': 'ID=debian\nVERSION_ID="10"\n', [STATUS]: status() }),
      );
      await clair.updater.update('debian', { from: join(folder, 'tracker.json') });
      expect(findingsOf(await reportOfLayer(clair, join(folder, 'layer.tar')))).toEqual(expected.toSorted());
    } finally {
      await clair.close();
      rmSync(folder, { recursive: true });
    }
  });
});

/** Stanzas of apt's index that name a signed source package; empty without apt or an index. */
const signed = (works('apt-cache', ['--version']) ? execFileSync('apt-cache', ['dumpavail'], INDEX_OUTPUT) : '')
  .split('\n\n')
  .filter((stanza) => /^Package: \S*-signed$/m.test(stanza) && BUILT_USING.test(stanza));
if (signed.length === 0) console.warn('SKIPPED "signed packages in the index of apt": run `apt-get update`');

describe.skipIf(signed.length === 0)('signed packages in the index of apt', () => {
  it('have the version of Built-Using in their own version', () => {
    for (const stanza of signed) {
      const [line, name, version] = BUILT_USING.exec(stanza)!;
      const text = `${stanza.replace(line, 'X-Other: x')}\nStatus: install ok installed\n`;
      const { packages, diagnostics } = dpkg.read(STATUS, Buffer.from(text));
      expect(diagnostics).toEqual([]);
      expect(packages?.map(({ source }) => source)).toEqual([{ name, version }]);
    }
  });
});

function status(): string {
  return INSTALLED.map(
    ([name, version, source]) =>
      `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\n${source === '' ? '' : `Source: ${source}\n`}Version: ${version}\n`,
  ).join('\n');
}

/** Returns the tracker's findings of each signed source package, compared by Dpkg::Version. */
async function expectedFindings(tracker: Tracker): Promise<readonly string[]> {
  const rows = INSTALLED.flatMap(([binary, version, , name, signedVersion]) =>
    Object.entries(tracker[name] ?? {}).flatMap(([id, { releases }]) => {
      const { status: state, fixed_version: fixed } = releases[RELEASE] ?? {};
      if (state === undefined || (state === 'resolved' && fixed === '0')) return [];
      return [{ line: `${id} ${binary} ${version}`, pair: `${signedVersion} ${state === 'resolved' ? fixed : '-'}` }];
    }),
  );
  const script = 'chomp; my ($a, $b) = split / /; print $b eq "-" || version_compare($a, $b) < 0 ? 1 : 0, "\\n"';
  const verdicts = await outputLines(
    'perl',
    ['-MDpkg::Version', '-ne', script],
    rows.map(({ pair }) => pair),
  );
  return rows.filter((_, at) => verdicts[at] === '1').map(({ line }) => line);
}
