import { expect, it } from 'vitest';
import { apkRepositories } from './apk-repositories.ts';

const PATH = 'etc/apk/repositories';
const V318 = 'https://dl-cdn.alpinelinux.org/alpine/v3.18';
const EDGE = 'https://dl-cdn.alpinelinux.org/alpine/edge';

it.each<[string, string, object | undefined]>([
  ['a release', `${V318}/main\n${V318}/community\n`, { BRANCHES: 'v3.18' }],
  ['edge', `${EDGE}/main\n`, { BRANCHES: 'edge' }],
  ['the release that is latest', 'http://a/alpine/latest-stable/main', { BRANCHES: 'latest-stable' }],
  ['a release and edge', `${V318}/main\n${EDGE}/testing\n`, { BRANCHES: 'v3.18 edge' }],
  [
    'a release and edge for tagged packages',
    `${V318}/main\n@edge ${EDGE}/main\n`,
    { BRANCHES: 'v3.18', TAGGED: 'edge' },
  ],
  ['tagged packages alone', `@edge\t${EDGE}/main\n`, { TAGGED: 'edge' }],
  ['blanks, CRLF and no end of the last line', `  ${V318}/main \r\n${V318}/community/`, { BRANCHES: 'v3.18' }],
  ['components after the address, as in apk 3', `${V318} main community\n`, { BRANCHES: 'v3.18' }],
  ['a type before the address, as in apk 3', `v3 ${EDGE} main\n`, { BRANCHES: 'edge' }],
  ['a mirror in a folder named like a branch', 'http://a/edge/alpine/v3.18/main\n', { BRANCHES: 'v3.18' }],
  ['a comment', `# ${EDGE}/main\n#${EDGE}/main\n`, undefined],
  ['a folder', '/media/cdrom/apks\n', undefined],
  ['a third-party repository', 'https://packages.wolfi.dev/os\n', undefined],
  ['a word that is not a branch', 'http://a/v3.18-old/main\nhttp://a/knowledge/main\n', undefined],
  ['nothing', '', undefined],
  ['junk', '\u0000\u0001<html>', undefined],
])('reads %s', (_, text, release) => {
  const expected = { ...(release && { release }), diagnostics: [] };
  expect(apkRepositories.read(PATH, Buffer.from(text))).toEqual(expected);
  expect(apkRepositories.read(`${PATH}.d/more.list`, Buffer.from(text))).toEqual(expected);
});

it.each(['more.list.bak', 'README'])('ignores a file named %s, as apk does', (name) => {
  expect(apkRepositories.read(`${PATH}.d/${name}`, Buffer.from(`${EDGE}/main`))).toEqual({ diagnostics: [] });
});
