import { expect, it } from 'vitest';
import { lsbRelease } from './lsb-release.ts';

const PATH = 'etc/lsb-release';

it.each<[string, string, Readonly<Record<string, string>>]>([
  [
    'what Ubuntu writes',
    'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=10.04\nDISTRIB_CODENAME=lucid\nDISTRIB_DESCRIPTION="Ubuntu 10.04.4 LTS"\n',
    {
      DISTRIB_ID: 'Ubuntu',
      DISTRIB_RELEASE: '10.04',
      DISTRIB_CODENAME: 'lucid',
      DISTRIB_DESCRIPTION: 'Ubuntu 10.04.4 LTS',
    },
  ],
  ['CRLF and quotes', "DISTRIB_ID='Ubuntu'\r\n", { DISTRIB_ID: 'Ubuntu' }],
  [
    'a file without a system name, as in the Red Hat family',
    'LSB_VERSION=base-4.0-amd64\n',
    { LSB_VERSION: 'base-4.0-amd64' },
  ],
])('reads %s', (_, text, release) => {
  expect(lsbRelease.read(PATH, Buffer.from(text))).toEqual({ release, diagnostics: [] });
});

it.each(['', '# nothing\n', '<html>\n', '\u0000'])('reports that %j has no assignment', (text) => {
  const message = `${PATH} has no assignment such as DISTRIB_ID=Ubuntu`;
  expect(lsbRelease.read(PATH, Buffer.from(text))).toEqual({
    diagnostics: [{ code: 'release-file-unreadable', message, where: PATH }],
  });
});
