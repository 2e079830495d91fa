import { describe, expect, it } from 'vitest';
import { programFolders } from './program-folders.ts';

describe('the folders for the program', () => {
  it.each<[string, Record<string, string>, string | undefined, string[]]>([
    ['XDG_CACHE_HOME', { XDG_CACHE_HOME: '/c' }, '/home/a', ['/c/clair', '/tmp/clair-7']],
    ['.cache in the home directory', {}, '/home/a', ['/home/a/.cache/clair', '/tmp/clair-7']],
    ['not a relative path', { XDG_CACHE_HOME: 'c' }, '/h', ['/h/.cache/clair', '/tmp/clair-7']],
    ['only the temporary folder without a home directory', {}, undefined, ['/tmp/clair-7']],
  ])('include %s', (_, variables, home, expected) => {
    expect(programFolders(variables, home, '/tmp', 7)).toEqual(expected);
  });
});
