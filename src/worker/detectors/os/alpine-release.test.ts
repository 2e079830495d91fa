import { expect, it } from 'vitest';
import { alpineRelease } from './alpine-release.ts';

const PATH = 'etc/alpine-release';

it.each<[string, string, string]>([
  ['a release', '3.18.9\n', '3.18.9'],
  ['edge', '3.21.0_alpha20240923\n', '3.21.0_alpha20240923'],
  ['CRLF', '3.18.9\r\n', '3.18.9'],
])('reads %s', (_, text, version) => {
  expect(alpineRelease.read(PATH, Buffer.from(text))).toEqual({
    release: { ALPINE_VERSION: version },
    diagnostics: [],
  });
});

it('reports an empty file', () => {
  expect(alpineRelease.read(PATH, Buffer.from(' \n'))).toEqual({
    diagnostics: [{ code: 'release-file-unreadable', message: `the first line of ${PATH} is empty`, where: PATH }],
  });
});
