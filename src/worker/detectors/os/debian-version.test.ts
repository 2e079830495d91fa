import { expect, it } from 'vitest';
import { debianVersion } from './debian-version.ts';

const PATH = 'etc/debian_version';

it.each<[string, string, string]>([
  ['a point release', '12.5\n', '12.5'],
  ['testing or unstable', 'forky/sid\n', 'forky/sid'],
  ['a release of old', '3.1\n', '3.1'],
  ['a line without an end', '12.5', '12.5'],
  ['CRLF', '12.5\r\n', '12.5'],
  ['blanks around', ' 12.5\t\n', '12.5'],
  ['only the first line', '12.5\n11.0\n', '12.5'],
])('reads %s', (_, text, version) => {
  expect(debianVersion.read(PATH, Buffer.from(text))).toEqual({
    release: { DEBIAN_VERSION: version },
    diagnostics: [],
  });
});

it.each<[string, string]>([
  ['nothing', ''],
  ['an empty line', '\n'],
  ['blanks', ' \t \r\n'],
])('reports a file of %s as empty', (_, text) => {
  expect(debianVersion.read(PATH, Buffer.from(text))).toEqual({
    diagnostics: [{ code: 'release-file-unreadable', message: `the first line of ${PATH} is empty`, where: PATH }],
  });
});
