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
import { type Program, unpackProgram } from './unpacked-program.ts';

const DAY = 86_400_000;
const NOW = Date.now();
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
  it('puts the files into a folder that is open to nobody else', () => {
    const release = unpack();
    for (const [path, text] of Object.entries(CONTENTS)) expect(readFileSync(join(release, path), 'utf8')).toBe(text);
    for (const path of [home, release, join(release, 'app')]) expect(statSync(path).mode & 0o777).toBe(0o700);
    for (const path of Object.keys(CONTENTS)) expect(statSync(join(release, path)).mode & 0o777).toBe(0o500);
    expect(readdirSync(release).toSorted()).toEqual(['app', 'start.cjs']);
  });

  it('leaves alone what is there', () => {
    const inode = (): number => lstatSync(join(unpack(), 'start.cjs')).ino;
    expect(inode()).toBe(inode());
  });

  it.each<[string, (path: string) => void]>([
    ['changed', (path) => writeFileSync(path, 'bad')],
    ['cut off', (path) => truncateSync(path, 1)],
    ['removed', (path) => rmSync(path)],
    ['made a link', (path) => (rmSync(path), symlinkSync('/etc/passwd', path))],
  ])('puts right a file that was %s, by a new one', (_, harm) => {
    const path = join(unpack(), 'app/add-on.node');
    chmodSync(path, 0o700);
    harm(path);
    unpack();
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(lstatSync(path).isFile()).toBe(true);
  });

  it('keeps another release beside it, until nobody has used it for a month', () => {
    const old = unpack();
    const other = { ...CONTENTS, 'start.cjs': 'new' };
    const current = unpack(other, NOW + 29 * DAY);
    expect(current).not.toBe(old);
    expect(existsSync(old)).toBe(true);
    expect(unpack(other, NOW + 31 * DAY)).toBe(current);
    expect(existsSync(old)).toBe(false);
  });

  it('makes all files younger, which cleaners of temporary folders go by', () => {
    const path = join(unpack(), 'start.cjs');
    utimesSync(path, 0, 0);
    unpack();
    expect(Math.round(statSync(path).mtimeMs)).toBe(NOW);
  });

  it.each<[string, () => void, string]>([
    ['is open to others', () => mkdirSync(home, { mode: 0o755 }), 'with rights for nobody else'],
    ['is a link', () => (mkdirSync(`${home}-real`, { mode: 0o700 }), symlinkSync(`${home}-real`, home)), '0700'],
    ['lies where all may rename it', () => chmodSync(parent, 0o777), 'others than user'],
    ['cannot be made', () => writeFileSync(home, ''), 'EEXIST'],
  ])('takes the next folder where one %s', (_, prepare, why) => {
    prepare();
    const next = join(folder, `next-${parents}`);
    expect(dirname(unpack(CONTENTS, NOW, [home, next]))).toBe(next);
    expect(() => unpack()).toThrow(expect.objectContaining({ code: 'program/not-unpacked' }));
    expect(() => unpack()).toThrow(why);
  });

  it('takes a folder that only its owner may rename, as in /tmp', () => {
    chmodSync(parent, 0o1777);
    expect(dirname(unpack())).toBe(home);
  });

  it.runIf(user === 0)('runs nothing from a folder of another user, nor below one', () => {
    mkdirSync(home, { mode: 0o700 });
    chownSync(home, 12345, 12345);
    expect(() => unpack()).toThrow('it must be a folder of user 0');
    chownSync(home, 0, 0);
    chownSync(parent, 12345, 12345);
    expect(() => unpack()).toThrow(`may rename what is in ${parent}`);
  });
});
