import { describe, expect, it } from 'vitest';
import { readDpkgFileList } from './read-file-list.ts';

describe('a list', () => {
  const path = 'var/lib/dpkg/info/a.list';

  // Searching the whole list from each line would take several times as long as the timeout.
  it('without slashes takes linear time', { timeout: 5000 }, () => {
    expect(readDpkgFileList(path, Buffer.from('x\n'.repeat(400_000)), () => false).owned).toEqual([]);
  });

  it('ends at the limit', () => {
    const { owned, diagnostics } = readDpkgFileList(path, Buffer.from('/x\n'.repeat(100_002)), () => true);
    expect(owned.map(({ paths }) => paths.length)).toEqual([100_000]);
    expect(diagnostics.map(({ code, where }) => [code, where])).toEqual([['file-list-limit-reached', path]]);
  });
});
