import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Clair, composeClair } from '../../../src/compose/clair.ts';
import { findingsOf, reportOfLayer } from '../../../src/report/testing/layer-report.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';
import { newDatabase } from '../../../src/database/testing/stores.ts';
import { works } from '../program.ts';

const FEED = 'feeds/almalinux/almalinux-osv.tar.zst';
const IMAGE = 'images/almalinux/almalinux-9-docker-aarch64-micro.tar.xz';
const NAMESPACE = 'AlmaLinux:9';

const HAS_RPM = works('rpm', ['--version']);
if (!HAS_RPM) console.warn('feed-oracle-almalinux: SKIPPED, missing the program rpm (Debian package rpm)');

type Installed = { readonly name: string; readonly version: string; readonly label: string };

/** rpm treats a missing epoch as 0. */
function installedIn(database: string): readonly Installed[] {
  const format = '%{NAME} %{EPOCHNUM}:%{VERSION}-%{RELEASE} %{MODULARITYLABEL}\\n';
  const query = ['--dbpath', database, '-qa', '--nosignature', '--nodigest', '--qf', format];
  const lines = execFileSync('rpm', query, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .trim()
    .split('\n');
  return lines.map((line) => {
    const [name = '', version = '', label = ''] = line.split(' ');
    return { name, version, label: label === '(none)' ? '' : label };
  });
}

/** Returns for each pair whether rpm sorts the first version before the second, in one run for all pairs. */
function areBefore(pairs: readonly (readonly [string, string])[]): readonly boolean[] {
  const split = (version: string): readonly string[] =>
    /^(?:(\d+):)?([^-]+)-(.+)$/
      .exec(version)
      ?.slice(1)
      .map((part) => part ?? '0') ?? [];
  const calls = pairs.map(([a, b]) => {
    const parts = split(a).map((part, index) => `rpm.vercmp("${part}", "${split(b)[index]}")`);
    return `print(${parts.join(', ')}, ";")`;
  });
  const output = execFileSync('rpm', ['--eval', `%{lua:${calls.join('\n')}}`], { encoding: 'utf8' });
  // Epoch, version, release: the first difference determines the order. The output has no line breaks.
  return output.split(';', pairs.length).map(
    (orders) =>
      (orders
        .trim()
        .split(/\s+/)
        .find((order) => order !== '0') ?? '0') === '-1',
  );
}

type Affected = {
  readonly package: { readonly ecosystem: string; readonly name: string };
  readonly ranges: readonly [{ readonly events: readonly [unknown, { readonly fixed: string }] }];
};
type Fix = { readonly id: string; readonly fixed: string };

function fixesBelow(folder: string): ReadonlyMap<string, readonly Fix[]> {
  const fixes = new Map<string, Fix[]>();
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/ALSA[^/]*\.json$/.test(file)) continue;
    const { id, affected } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
    for (const { package: of, ranges } of affected as readonly Affected[]) {
      if (of.ecosystem !== NAMESPACE) continue;
      const known = fixes.get(of.name) ?? [];
      fixes.set(of.name, known);
      known.push({ id, fixed: ranges[0].events[1].fixed });
    }
  }
  return fixes;
}

describeShared('real errata in a real AlmaLinux image', [FEED, IMAGE], () => {
  let clair: Clair;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'clair-oracle-'));
    execFileSync('tar', ['-xf', sharedPath(FEED), '-C', folder, '-I', 'zstd -d --long=27']);
    execFileSync('tar', ['-xf', sharedPath(IMAGE), '-C', folder, '--wildcards', '*var/lib/rpm']);
    clair = await composeClair(newDatabase());
    await clair.updater.update('almalinux', { from: sharedPath(FEED) });
  }, 120_000);
  afterAll(async () => {
    await clair.close();
    rmSync(folder, { recursive: true });
  });

  it.skipIf(!HAS_RPM)("equals rpm's result for each package and each erratum", async () => {
    const installed = installedIn(join(folder, 'var/lib/rpm')).filter(({ name }) => name !== 'gpg-pubkey');
    expect(installed.length).toBeGreaterThan(15);
    expect(installed.filter(({ label }) => label !== '')).toEqual([]);
    const fixes = fixesBelow(folder);
    const candidates = installed.flatMap((of) =>
      (fixes.get(of.name) ?? [])
        .filter(({ fixed }) => !fixed.includes('.module'))
        .map(({ id, fixed }) => ({ line: `${id} ${of.name} ${of.version.replace(/^0:/, '')}`, of, fixed })),
    );
    expect(candidates.length).toBeGreaterThan(20);
    const isOlder = areBefore(candidates.map(({ of, fixed }) => [of.version, fixed]));
    const expected = new Set(candidates.filter((_, index) => isOlder[index]).map(({ line }) => line));
    expect(expected.size).toBeGreaterThan(10);
    expect(expected.size).toBeLessThan(candidates.length);
    const report = await reportOfLayer(clair, sharedPath(IMAGE));
    expect(findingsOf(report)).toEqual([...expected].toSorted());
    expect(report.packages).toHaveLength(installed.length);
  });
});
