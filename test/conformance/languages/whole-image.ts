import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const OUTPUT = { encoding: 'utf8', maxBuffer: 512 * 1024 * 1024 } as const;

/** A deb that the test creates, such as a third-party package. */
export type MadePackage = { readonly stanza: string; readonly name: string; readonly files: Files };

/** The texts of files by path, without a leading slash. */
export type Files = Readonly<Record<string, string>>;

/**
 * The file lists of dpkg that the test writes for a package: its paths and checksums, only its paths with `/lib` in place
 * of `/usr/lib`, or nothing.
 */
export type FileList = 'list and checksums' | 'list below /lib' | 'none';

export function writeFiles(root: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

/**
 * Unpacks Debian packages without maintainer scripts, and writes the dpkg database for them: a stanza in `status`,
 * `info/NAME.list` and `info/NAME.md5sums`. dpkg names the files of a `Multi-Arch: same` package with its architecture.
 *
 * @param status the stanzas of the layers below
 * @returns the stanzas of `status` and of the packages
 */
export function installDebs(
  root: string,
  debs: readonly string[],
  { status = [], listOf = () => 'list and checksums' }: InstallOptions = {},
): readonly string[] {
  const info = join(root, 'var/lib/dpkg/info');
  mkdirSync(info, { recursive: true });
  const stanzas = debs.map((deb) => {
    execFileSync('dpkg-deb', ['-x', deb, root]);
    const control = execFileSync('dpkg-deb', ['-f', deb], OUTPUT);
    const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(control)?.[1] ?? '';
    const name = field('Package');
    const known = field('Multi-Arch') === 'same' ? `${name}:${field('Architecture')}` : name;
    const list = listOf(name);
    const tar = execFileSync('dpkg-deb', ['--fsys-tarfile', deb], { maxBuffer: OUTPUT.maxBuffer });
    const members = execFileSync('tar', ['-t'], { ...OUTPUT, input: tar });
    const paths = members.split('\n').map((path) => path.replace(/^\./, '').replace(/(.)\/$/, '$1'));
    const listed = paths.map((path) => (path === '/' ? '/.' : path)).join('\n');
    if (list === 'list and checksums') writeFileSync(join(info, `${known}.list`), listed);
    if (list === 'list below /lib') {
      writeFileSync(join(info, `${known}.list`), listed.replaceAll(/^\/usr\/lib/gm, '/lib'));
    }
    if (list === 'list and checksums') writeChecksums(deb, info, known);
    return control.replace(/^(Package: .*)$/m, '$1\nStatus: install ok installed');
  });
  const all = [...status, ...stanzas.map((stanza) => stanza.trimEnd())];
  writeFiles(root, { 'var/lib/dpkg/status': `${all.join('\n\n')}\n` });
  return all;
}

export type InstallOptions = { readonly status?: readonly string[]; readonly listOf?: (name: string) => FileList };

function writeChecksums(deb: string, info: string, known: string): void {
  const control = join(info, '../control');
  execFileSync('dpkg-deb', ['-e', deb, control]);
  if (existsSync(join(control, 'md5sums'))) copyFileSync(join(control, 'md5sums'), join(info, `${known}.md5sums`));
  execFileSync('rm', ['-r', control]);
}

/** Writes the links of a merged /usr, which base-files contains in Debian 13 and later. */
export function mergeUsr(root: string): void {
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) {
    mkdirSync(join(root, 'usr', name), { recursive: true });
    if (!existsSync(join(root, name))) symlinkSync(`usr/${name}`, join(root, name));
  }
}

/** Installs a deb that the test created, in addition to the packages in `status`. */
export function installMade(
  root: string,
  { stanza, name, files }: MadePackage,
  status: readonly string[],
): readonly string[] {
  writeFiles(root, files);
  const all = [...status, stanza.trim()];
  const list = ['/.', ...Object.keys(files).map((path) => `/${path}`)];
  writeFiles(root, {
    'var/lib/dpkg/status': `${all.join('\n\n')}\n`,
    [`var/lib/dpkg/info/${name}.list`]: `${list.join('\n')}\n`,
  });
  return all;
}

/** Writes a directory as a layer tar. */
export function layerOf(root: string): Buffer {
  return execFileSync('tar', ['-c', '--sort=name', '--owner=0', '--group=0', '-C', root, '.'], {
    maxBuffer: OUTPUT.maxBuffer,
  });
}

/** Writes an OSV document that lists every version as affected, and returns its ID. */
export function writeAdvisory(folder: string, at: number, ecosystem: string, name: string): string {
  const id = `CVE-2099-${String(10_000 + at)}`;
  const type = ecosystem === 'npm' || ecosystem === 'Go' ? 'SEMVER' : 'ECOSYSTEM';
  const record = {
    schema_version: '1.6.0',
    id,
    modified: '2026-11-01T00:00:00Z',
    published: '2026-11-01T00:00:00Z',
    summary: `${name} is affected in every version`,
    severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:L/A:N' }],
    affected: [{ package: { ecosystem, name }, ranges: [{ type, events: [{ introduced: '0' }] }] }],
  };
  writeFiles(folder, { [`${ecosystem}/${id}.json`]: JSON.stringify(record) });
  return id;
}
