import { expect, it } from 'vitest';
import { readApkFileLists } from './read-file-lists.ts';

it('a record with too many files keeps its files up to the limit, and later records are not read', () => {
  const text = `P:a\nF:d\n${'R:x\n'.repeat(100_001)}\nP:b\nV:1\nF:lib\nR:b.so\n\n`;
  const { owned, diagnostics } = readApkFileLists('lib/apk/db/installed', Buffer.from(text), () => true);
  expect(owned.map(({ owner, paths }) => [owner.name, paths.length])).toEqual([['a', 100_000]]);
  expect(diagnostics.map(({ code }) => code)).toEqual(['file-list-limit-reached']);
});
