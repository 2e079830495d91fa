import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PathPattern } from '../path-pattern.ts';
import { childrenOf } from '../path-pattern.ts';
import { readApkFileLists } from './apk/read-file-lists.ts';
import { readDpkgFileList } from './dpkg/read-file-list.ts';
import { fileFilterOf } from './file-filter.ts';
import { createOwnedPaths, type FileFilter, type OwnedPaths } from './owned-paths.ts';
import { addFileList } from './rpm/add-file-list.ts';
import { openHeader } from './rpm/parse-header.ts';
import { fileTags, rpmHeaderOf, textTag } from './rpm/testing/rpm-header.ts';

const PATTERNS: readonly PathPattern[] = [
  { kind: 'basename', name: 'METADATA', parentSuffix: '.dist-info' },
  { kind: 'basename', name: 'x' },
  { kind: 'suffix', suffix: '.jar' },
  { kind: 'suffix', suffix: 'ő.gem' },
  ...childrenOf('usr/bin', 'ő'),
];

const READERS: Readonly<Record<string, (files: readonly string[], wants: FileFilter) => readonly OwnedPaths[]>> = {
  dpkg(files, wants) {
    const text = files.map((file) => `/${file}\n`).join('');
    return readDpkgFileList('var/lib/dpkg/info/a.list', Buffer.from(text), wants).owned;
  },
  'dpkg by digests'(files, wants) {
    const text = files.map((file) => `${'0'.repeat(32)}  ${file}\n`).join('');
    return readDpkgFileList('var/lib/dpkg/status.d/a.md5sums', Buffer.from(text), wants).owned;
  },
  apk(files, wants) {
    const lines = files.map((file) => {
      const slash = file.lastIndexOf('/');
      return `F:${file.slice(0, Math.max(0, slash))}\nR:${file.slice(slash + 1)}\na:0:0:755\nZ:Q1\n`;
    });
    return readApkFileLists(
      'lib/apk/db/installed',
      Buffer.from(`P:a\nV:1\n${lines.join('')}\nP:b\nF:d\nR:b.jar\n`),
      wants,
    ).owned;
  },
  rpm(files, wants) {
    const collector = createOwnedPaths('var/lib/rpm/rpmdb.sqlite', wants);
    const named = ['a', '1', '1'].map((text, index) => textTag(1000 + index, text));
    const header = openHeader(rpmHeaderOf([...named, ...fileTags(files.map((file) => `/${file}`))]));
    addFileList(header, { owner: { type: 'rpm', name: 'a' }, number: 1 }, collector);
    return collector.collected().owned;
  },
};

describe('wanted files', () => {
  const filter = fileFilterOf(PATTERNS);
  const withoutEnds: FileFilter = (directory, basename) => filter(directory, basename);
  const name = fc.constantFrom(
    'x',
    'xx',
    'METADATA',
    'a.jar',
    '.jar',
    'jar',
    'ajar',
    'a.gem',
    'ő.gem',
    'bin',
    'a.dist-info',
    'ő',
    'usr',
  );
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/'));

  it.each(Object.keys(READERS))('of %s are the same as without the shortcut', (manager) => {
    const read = READERS[manager];
    if (read === undefined) throw new Error('there is no such reader');
    expect(filter.ends).toBeDefined();
    fc.assert(
      fc.property(fc.uniqueArray(path, { minLength: 1, maxLength: 12 }), (files) => {
        expect(read(files, filter)).toEqual(read(files, withoutEnds));
      }),
    );
  });

  it.each(Object.keys(READERS))('of %s are found in a list longer than a piece of text', (manager) => {
    const files = Array.from({ length: 5000 }, (_, at) => `usr/share/doc/package-${at}/${at % 1000 === 7 ? 'x' : 'y'}`);
    const wanted = files.filter((file) => file.endsWith('/x'));
    expect(READERS[manager]?.(files, filter)[0]?.paths).toEqual(wanted);
  });

  it('have no shortcut where executables or root files are wanted', () => {
    expect(fileFilterOf([...PATTERNS, { kind: 'executable' }]).ends).toBeUndefined();
    expect(fileFilterOf([...PATTERNS, ...childrenOf('')]).ends).toBeUndefined();
  });

  it('are none without patterns', () => {
    const nothing = fileFilterOf([]);
    expect(READERS['dpkg']?.(['a', 'b'], nothing)).toEqual([]);
    expect(READERS['rpm']?.(['a', 'b'], nothing)).toEqual([]);
  });
});
