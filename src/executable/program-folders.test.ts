import { describe, expect, it } from 'vitest';
import { programFolders } from './program-folders.ts';

describe('the folders for the program', () => {
  it.each<[string, Record<string, string>, string | undefined, string[]]>([
    ['the one for caches that is named', { XDG_CACHE_HOME: '/c' }, '/home/a', ['/c/clair', '/tmp/clair-7']],
    ['the one for caches at home', {}, '/home/a', ['/home/a/.cache/clair', '/tmp/clair-7']],
    ['not one that depends on where one is', { XDG_CACHE_HOME: 'c' }, '/h', ['/h/.cache/clair', '/tmp/clair-7']],
    ['the temporary one for who has no home', {}, undefined, ['/tmp/clair-7']],
  ])('are %s', (_, variables, home, expected) => {
    expect(programFolders(variables, home, '/tmp', 7)).toEqual(expected);
  });
});
