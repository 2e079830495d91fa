import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Clair, composeClair } from '../../../src/compose/clair.ts';
import { findingsOf, reportOfImage, reportOfLayer } from '../../../src/report/testing/layer-report.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';
import { tarOf } from '../../../src/bytes/testing/tar-builder.ts';
import { newDatabase } from '../../../src/database/testing/stores.ts';

const FEED = 'feeds/alpine/alpine-secdb-json-regenerated.tar.zst';

/** Archive, branch, and the minimum number of findings; the feed ends in 2021-07 except for edge. */
const ROOTS = [
  ['images/alpine/library-3.4-a-rootfs.tar.xz', 'v3.4', 5],
  ['images/alpine/library-3.4-c-rootfs.tar.gz', 'v3.4', 5],
  ['images/alpine/alpine-minirootfs-3.9.6-x86_64.tar.gz', 'v3.9', 10],
  ['images/alpine/alpine-minirootfs-20240923-x86_64.tar.gz', 'edge', 20],
] as const;
const WITHOUT_DATA = 'images/alpine/alpine-minirootfs-3.18.9-x86_64.tar.gz';

type Installed = { readonly name: string; readonly version: string; readonly origin: string };

function installedIn(database: string): readonly Installed[] {
  return database
    .split('\n\n')
    .filter((block) => block.trim() !== '')
    .map((block) => {
      const field = (letter: string): string => new RegExp(`^${letter}:(.*)$`, 'm').exec(block)?.[1] ?? '';
      return { name: field('P'), version: field('V'), origin: field('o') };
    });
}

const SUFFIXES = ['alpha', 'beta', 'pre', 'rc', '', 'cvs', 'svn', 'git', 'hg', 'p'];

/** Returns a version as a list of numbers that sorts as apk does, for the versions in these feeds. */
function rankOf(version: string): readonly number[] | undefined {
  const [, numbers, letter = '', suffix = '', count = '0', revision = '0'] =
    /^(\d+(?:\.\d+)*)([a-z]?)(?:_([a-z]+)(\d*))?(?:-r(\d+))?$/.exec(version) ?? [];
  if (numbers === undefined || !SUFFIXES.includes(suffix)) return undefined;
  // A shorter version is lower; no component in these feeds starts with 0.
  const parts = Array.from({ length: 6 }, (_, index) => Number(numbers.split('.')[index] ?? -1));
  const ofLetter = letter === '' ? 0 : letter.charCodeAt(0);
  return [...parts, ofLetter, SUFFIXES.indexOf(suffix), Number(count === '' ? 0 : count), Number(revision)];
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((number, index) => number !== b[index]);
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
}

type Secfixes = Readonly<Record<string, readonly string[]>>;

/** Returns the vulnerabilities of a package in the raw feed as `IDENTIFIER PACKAGE VERSION`. */
function threatsOf({ name, version, origin }: Installed, fixesOf: ReadonlyMap<string, Secfixes>): readonly string[] {
  const rank = rankOf(version);
  if (rank === undefined) throw new Error(`unsupported version ${version} of ${name}`);
  const threats = new Set<string>();
  const never = new Set<string>();
  for (const [fixed, texts] of Object.entries(fixesOf.get(origin) ?? {})) {
    const ids = texts.flatMap((text) => text.match(/CVE-\d{4}-\d{4,}/g) ?? text.match(/^[A-Z][\w-]+/) ?? []);
    const rankOfFix = rankOf(fixed);
    if (fixed === '0') for (const id of ids) never.add(id);
    else if (rankOfFix === undefined || isBefore(rank, rankOfFix)) for (const id of ids) threats.add(id);
  }
  return [...threats].filter((id) => !never.has(id)).map((id) => `${id} ${name} ${version}`);
}

function member(archive: string, path: string, input?: Buffer): Buffer {
  return execFileSync('tar', ['-xOf', archive, path], { maxBuffer: 1 << 30, ...(input && { input }) });
}

describe('the version order of the test', () => {
  it.each([
    ['1.9', '1.10'],
    ['1.0.2m-r0', '1.0.2n-r0'],
    ['1.1.1_rc1-r0', '1.1.1-r0'],
    ['1.1.1-r0', '1.1.1_p1-r0'],
    ['1.2', '1.2.0'],
    ['1.2-r9', '1.2-r10'],
  ])('sorts %s before %s', (a, b) => {
    expect(isBefore(rankOf(a) ?? [], rankOf(b) ?? [])).toBe(true);
    expect(isBefore(rankOf(b) ?? [], rankOf(a) ?? [])).toBe(false);
  });
});

describeShared('the real secdb in real Alpine images', [FEED, WITHOUT_DATA, ...ROOTS.map(([path]) => path)], () => {
  let clair: Clair;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'clair-oracle-'));
    execFileSync('tar', ['-xf', sharedPath(FEED), '-C', folder, '-I', 'zstd -d --long=27']);
    clair = await composeClair(newDatabase());
    await clair.updater.update('alpine', { from: sharedPath(FEED) });
  }, 120_000);
  afterAll(async () => {
    await clair.close();
    rmSync(folder, { recursive: true });
  });

  it.each(ROOTS)('%s has exactly the findings of the raw feed of %s for each package', async (path, branch, least) => {
    const fixesOf = new Map<string, Secfixes>();
    for (const name of readdirSync(join(folder, branch))) {
      const { packages } = JSON.parse(readFileSync(join(folder, branch, name), 'utf8'));
      for (const { pkg } of packages) fixesOf.set(pkg.name, pkg.secfixes);
    }
    const installed = installedIn(member(sharedPath(path), './lib/apk/db/installed').toString());
    const expected = installed.flatMap((each) => threatsOf(each, fixesOf)).toSorted();
    expect(expected.length).toBeGreaterThanOrEqual(least);
    expect(findingsOf(await reportOfLayer(clair, sharedPath(path)))).toEqual(expected);
  });

  it('reports that no feed covers a branch without data', async () => {
    const { findings, diagnostics } = await reportOfLayer(clair, sharedPath(WITHOUT_DATA));
    expect(findings).toEqual([]);
    expect(diagnostics.filter(({ incomplete }) => incomplete)).not.toEqual([]);
  });
});

const PEER = 'images/peers/alpine-310';

describeShared('findings of another scanner in Alpine 3.10', [`${PEER}.tar.gz`, `${PEER}.trivy.json`], () => {
  type Finding = { VulnerabilityID: string; PkgName: string; InstalledVersion: string; FixedVersion: string };
  let findings: readonly Finding[];
  let database: string;
  let folder: string;
  let clair: Clair;

  beforeAll(async () => {
    const report = JSON.parse(readFileSync(sharedPath(`${PEER}.trivy.json`), 'utf8'));
    findings = report.Results.flatMap(({ Vulnerabilities = [] }) => Vulnerabilities);
    const archive = sharedPath(`${PEER}.tar.gz`);
    const [manifest] = JSON.parse(member(archive, 'manifest.json').toString()) as [{ Layers: [string] }];
    database = member('-', 'lib/apk/db/installed', member(archive, manifest.Layers[0])).toString();
    folder = mkdtempSync(join(tmpdir(), 'clair-peer-'));
    const from = join(folder, 'main.json');
    writeFileSync(from, JSON.stringify(secdbOf(findings)));
    clair = await composeClair(newDatabase());
    await clair.updater.update('alpine', { from });
  });
  afterAll(async () => {
    await clair.close();
    rmSync(folder, { recursive: true });
  });

  function secdbOf(all: readonly Finding[]): object {
    const origins = new Map(installedIn(database).map(({ name, origin }) => [name, origin]));
    const fixes: Record<string, Record<string, string[]>> = {};
    for (const { VulnerabilityID: id, PkgName: name, FixedVersion: version } of all) {
      const fixesOfOrigin = (fixes[origins.get(name) ?? ''] ??= {});
      const ids = (fixesOfOrigin[version] ??= []);
      if (!ids.includes(id)) ids.push(id);
    }
    const packages = Object.entries(fixes).map(([name, secfixes]) => ({ pkg: { name, secfixes } }));
    return { distroversion: 'v3.10', reponame: 'main', packages };
  }

  it("finds the same vulnerabilities in the versions of the other scanner's report", async () => {
    expect(findings).toHaveLength(4);
    const versions = new Map(findings.map((each) => [each.PkgName, each.InstalledVersion]));
    const older = database.replaceAll(/^P:(.*)\nV:.*$/gm, (lines, name: string) =>
      versions.has(name) ? `P:${name}\nV:${versions.get(name)}` : lines,
    );
    const layer = join(folder, 'layer.tar');
    const release = { name: 'etc/os-release', content: 'ID=alpine\nVERSION_ID=3.10.2\n' };
    writeFileSync(layer, tarOf(release, { name: 'lib/apk/db/installed', content: older }));
    expect(findingsOf(await reportOfLayer(clair, layer))).toEqual(
      findings.map((each) => `${each.VulnerabilityID} ${each.PkgName} ${each.InstalledVersion}`).toSorted(),
    );
  });

  /**
   * The report is about Alpine 3.10.2; the archive beside the report is a later 3.10, whose openssl contains both
   * fixes.
   */
  it('finds no vulnerability in the archive itself, which has the fixed versions', async () => {
    const installed = new Map(installedIn(database).map(({ name, version }) => [name, version]));
    for (const { PkgName: name, FixedVersion: fixed } of findings) {
      expect(isBefore(rankOf(installed.get(name) ?? '') ?? [], rankOf(fixed) ?? [])).toBe(false);
    }
    expect(installed.get('libssl1.1')).toBe('1.1.1d-r2');
    const { findings: own, packages } = await reportOfImage(clair, `docker-archive:${sharedPath(PEER)}.tar.gz`);
    expect([own, packages.length]).toEqual([[], 14]);
  });
});
