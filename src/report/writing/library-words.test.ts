import { describe, expect, it } from 'vitest';
import { libraryFindingOf, noteOf, packageOf, reportOf } from '../testing/report-builder.ts';
import { noteWords, ownersOf, ownerWords, packageCountWords, pathWords, shortenedPath } from './library-words.ts';

const PATH = 'usr/lib/node_modules/npm/node_modules/semver/package.json';

describe('a path', () => {
  it.each([
    [PATH, 60, PATH],
    [PATH, 40, 'usr/…/node_modules/semver/package.json'],
    [PATH, 30, 'usr/…/semver/package.json'],
    [PATH, 22, '…/semver/package.json'],
    [PATH, 20, '…/semver/…'],
    ['a/path-to-regexp/package.json', 20, '…/path-to-regexp/…'],
    ['a/a-very-long-directory/METADATA', 20, '…/METADATA'],
    ['node_modules/lodash/package.json', 30, '…/lodash/package.json'],
    ['a-very-long-directory/b/file.json', 20, '…/b/file.json'],
    ['usr/a-very-long-file-name.json', 12, '…e-name.json'],
    ['', 12, ''],
  ])('%s in %i characters is %s', (path, length, text) => {
    expect(shortenedPath(path, length)).toBe(text);
    expect(text.length).toBeLessThanOrEqual(Math.max(length, 0));
  });

  it('never ends in half a character', () => {
    expect(shortenedPath('😀😀😀😀', 4)).toBe('…😀');
  });

  it('of several is the first path with the number of further paths', () => {
    expect(pathWords([])).toBe('');
    expect(pathWords([PATH])).toBe(PATH);
    expect(pathWords(['a', 'b', 'c'])).toBe('a and 2 more');
    expect(pathWords([PATH, 'b'], 40)).toBe('usr/…/semver/package.json and 1 more');
  });
});

describe('an owner', () => {
  it.each([
    [{ type: 'deb', name: 'python3-idna', version: '3.3-1' }, 'deb python3-idna 3.3-1'],
    [{ type: 'deb', name: 'python3-idna', version: null }, 'deb python3-idna'],
    [{ type: 'rpm', name: null, version: null }, 'rpm package'],
  ])('%j reads %s', (owner, words) => {
    expect(ownerWords(owner)).toBe(words);
  });

  it('is found by the package URL', () => {
    const owner = { type: 'deb', name: 'node-lodash', version: '4' };
    const ownerOf = ownersOf(reportOf({ packages: [packageOf(libraryFindingOf(), { owner })] }));
    expect(ownerOf('pkg:npm/lodash@4.17.20')).toEqual(owner);
    expect(ownerOf('pkg:npm/other@1')).toBeNull();
  });
});

it('the number of packages names the types only if there are libraries', () => {
  expect(packageCountWords([])).toBe('0');
  expect(packageCountWords([{ type: 'deb' }, { type: 'deb' }])).toBe('2');
  expect(packageCountWords([{ type: 'deb' }, { type: 'npm' }, { type: 'npm' }])).toBe('3 (2 npm, 1 deb)');
});

it.each([
  [{}, 'fxhash 0.2.1 is unmaintained: RUSTSEC-2025-0057, fxhash is no longer maintained'],
  [{ kind: 'unsound', description: '' } as const, 'fxhash 0.2.1 is unsound: RUSTSEC-2025-0057'],
  [{ kind: 'notice', description: ' Beware. ' } as const, 'fxhash 0.2.1 has a notice: RUSTSEC-2025-0057, Beware.'],
])('a note with %j reads %s', (parts, words) => {
  expect(noteWords(noteOf(parts))).toBe(words);
});
