import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { readCheckedFiles, settledState, writeCheckedFiles } from './checked-files.ts';
import { type Program, unpackProgram } from './unpacked-program.ts';

const DAY = 86_400_000;
const NOW = Date.now();
/** A time at which the last changes of the files are long ago. */
const SETTLED: number = NOW + 60_000;
const user = process.getuid?.() ?? 0;
const folder = mkdtempSync(join(tmpdir(), 'clair-unpacked-'));
afterAll(() => rmSync(folder, { recursive: true }));

let parents = 0;
let parent: string;
let home: string;
beforeEach(() => {
  parent = join(folder, `${(parents += 1)}`);
  mkdirSync(parent, { mode: 0o700 });
  home = join(parent, 'clair');
});

const CONTENTS = { 'start.cjs': 'one', 'app/add-on.node': 'two' };

function programOf(contents: Readonly<Record<string, string>>): Program {
  const files = Object.entries(contents).map(([path, text]) => {
    return { path, size: text.length, sha256: createHash('sha256').update(text).digest('hex') };
  });
  return { files, content: (path) => Buffer.from(contents[path] ?? '') };
}

function unpack(contents: Readonly<Record<string, string>> = CONTENTS, now: number = NOW, folders = [home]): string {
  return unpackProgram(programOf(contents), { folders, user, now });
}

describe('unpacking the program', () => {
  it('writes the files to a folder that only the user can access', () => {
    const release = unpack();
    for (const [path, text] of Object.entries(CONTENTS)) expect(readFileSync(join(release, path), 'utf8')).toBe(text);
    for (const path of [home, release, join(release, 'app')]) expect(statSync(path).mode & 0o777).toBe(0o700);
    for (const path of Object.keys(CONTENTS)) expect(statSync(join(release, path)).mode & 0o777).toBe(0o500);
    expect(readdirSync(release).toSorted()).toEqual(['app', 'checked', 'start.cjs']);
  });

  it('does not rewrite existing files', () => {
    const inode = (): number => lstatSync(join(unpack(), 'start.cjs')).ino;
    expect(inode()).toBe(inode());
  });

  it.each<[string, (path: string) => void]>([
    ['changed', (path) => writeFileSync(path, 'bad')],
    ['truncated', (path) => truncateSync(path, 1)],
    ['removed', (path) => rmSync(path)],
    ['replaced by a link', (path) => (rmSync(path), symlinkSync('/etc/passwd', path))],
  ])('replaces a file that was %s', (_, harm) => {
    const path = join(unpack(), 'app/add-on.node');
    unpack(CONTENTS, SETTLED);
    chmodSync(path, 0o700);
    harm(path);
    unpack(CONTENTS, SETTLED);
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(lstatSync(path).isFile()).toBe(true);
  });

  it('deletes another release after a month without use', () => {
    const old = unpack();
    const other = { ...CONTENTS, 'start.cjs': 'new' };
    const current = unpack(other, NOW + 29 * DAY);
    expect(current).not.toBe(old);
    expect(existsSync(old)).toBe(true);
    expect(unpack(other, NOW + 31 * DAY)).toBe(current);
    expect(existsSync(old)).toBe(false);
  });

  it('updates the times of all files, which programs that clean up temporary folders check', () => {
    const path = join(unpack(), 'start.cjs');
    unpack(CONTENTS, SETTLED);
    utimesSync(path, 0, 0);
    unpack(CONTENTS, SETTLED + 3 * DAY);
    expect(statSync(path).mtimeMs).toBe(0);
    unpack(CONTENTS, SETTLED + 5 * DAY);
    expect(Math.round(statSync(path).mtimeMs)).toBe(SETTLED + 5 * DAY);
  });

  it('updates the times of all files if the clock was set back', () => {
    const path = join(unpack(CONTENTS, NOW + 5 * DAY), 'start.cjs');
    utimesSync(path, 0, 0);
    unpack();
    expect(Math.round(statSync(path).mtimeMs)).toBe(NOW);
  });

  it('compares a file with its hash again only if the file has changed since the last comparison', () => {
    const release = unpack();
    const path = join(release, 'start.cjs');
    const { touched, states } = (unpack(CONTENTS, SETTLED), readCheckedFiles(release));
    expect([...states]).toEqual(
      Object.keys(CONTENTS).map((file) => [file, settledState(join(release, file), SETTLED)]),
    );

    chmodSync(path, 0o700);
    writeFileSync(path, 'bad');
    const state = settledState(path, SETTLED) ?? '';
    writeCheckedFiles(release, { touched, states: new Map(states).set('start.cjs', state) });
    unpack(CONTENTS, SETTLED);
    expect(readFileSync(path, 'utf8')).toBe('bad');

    writeCheckedFiles(release, { touched, states });
    unpack(CONTENTS, SETTLED);
    expect(readFileSync(path, 'utf8')).toBe('one');
  });

  it('compares a file that has the same size and time as before', () => {
    const path = join(unpack(), 'start.cjs');
    unpack(CONTENTS, SETTLED);
    const { atime, mtime } = statSync(path);
    chmodSync(path, 0o700);
    writeFileSync(path, 'bad');
    utimesSync(path, atime, mtime);
    unpack(CONTENTS, SETTLED);
    expect(readFileSync(path, 'utf8')).toBe('one');
  });

  it('compares all files every few days', () => {
    const release = unpack();
    const path = join(release, 'start.cjs');
    const { touched, states } = (unpack(CONTENTS, SETTLED), readCheckedFiles(release));
    chmodSync(path, 0o700);
    writeFileSync(path, 'bad');
    const state = settledState(path, SETTLED) ?? '';
    writeCheckedFiles(release, { touched, states: new Map(states).set('start.cjs', state) });
    unpack(CONTENTS, SETTLED + 5 * DAY);
    expect(readFileSync(path, 'utf8')).toBe('one');
  });

  it('does not trust the state of a file that was changed in the last seconds', () => {
    const release = unpack();
    unpack(CONTENTS, Date.now());
    expect(readCheckedFiles(release).states.size).toBe(0);
  });

  it('rejects a folder whose files cannot be executed, as on a file system that is mounted with noexec', () => {
    chmodSync(join(unpack(), Object.keys(CONTENTS)[0] ?? ''), 0o400);
    expect(() => unpack()).toThrow('is on a file system that is mounted with noexec');
  });

  it.each<[string, (record: string) => void]>([
    ['read', (record) => mkdirSync(record)],
    ['replaced', (record) => mkdirSync(join(record, 'full'), { recursive: true })],
  ])('uses the folder if its record cannot be %s', (_, harm) => {
    const record = join(unpack(), 'checked');
    rmSync(record);
    harm(record);
    expect(join(unpack(), 'checked')).toBe(record);
    expect(readdirSync(dirname(record)).toSorted()).toEqual(['app', 'checked', 'start.cjs']);
  });

  it.each(['', 'x', '\0\n \n'])('compares all files if the record is %j', (text) => {
    const release = unpack();
    const path = join(release, 'start.cjs');
    chmodSync(path, 0o700);
    writeFileSync(path, 'bad');
    writeFileSync(join(release, 'checked'), text);
    unpack(CONTENTS, SETTLED);
    expect(readFileSync(path, 'utf8')).toBe('one');
  });

  it.each<[string, () => void, string]>([
    ['is accessible to others', () => mkdirSync(home, { mode: 0o755 }), 'with mode 0700'],
    ['is a link', () => (mkdirSync(`${home}-real`, { mode: 0o700 }), symlinkSync(`${home}-real`, home)), '0700'],
    ['can be renamed by others', () => chmodSync(parent, 0o777), 'users other than'],
    ['cannot be created', () => writeFileSync(home, ''), 'EEXIST'],
  ])('uses the next folder if one %s', (_, prepare, why) => {
    prepare();
    const next = join(folder, `next-${parents}`);
    expect(dirname(unpack(CONTENTS, NOW, [home, next]))).toBe(next);
    expect(() => unpack()).toThrow(expect.objectContaining({ code: 'program/not-unpacked' }));
    expect(() => unpack()).toThrow(`this program into: ${home}: `);
    expect(() => unpack()).toThrow(why);
  });

  it('accepts a folder that only its owner can rename, as in /tmp', () => {
    chmodSync(parent, 0o1777);
    expect(dirname(unpack())).toBe(home);
  });

  it.runIf(user === 0)('rejects folders of other users and folders below them', () => {
    mkdirSync(home, { mode: 0o700 });
    chownSync(home, 12345, 12345);
    expect(() => unpack()).toThrow('must be a directory of user 0');
    chownSync(home, 0, 0);
    chownSync(parent, 12345, 12345);
    expect(() => unpack()).toThrow(`can rename entries in ${parent}`);
  });
});
