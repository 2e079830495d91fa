import { describe, expect, it } from 'vitest';
import { exactPaths } from '../path-pattern.ts';
import { RELEASE_FILES, redhatRelease } from './redhat-release.ts';

const PATH = 'etc/redhat-release';

it.each<[string, string, string]>([
  ['CentOS release 6.10 (Final)', 'CentOS', '6.10'],
  ['CentOS Linux release 7.9.2009 (Core)', 'CentOS Linux', '7.9.2009'],
  ['CentOS Stream release 9', 'CentOS Stream', '9'],
  ['Red Hat Enterprise Linux Server release 5.11 (Tikanga)', 'Red Hat Enterprise Linux Server', '5.11'],
  ['Red Hat Enterprise Linux release 9.4 (Plow)', 'Red Hat Enterprise Linux', '9.4'],
  ['AlmaLinux release 9.1 (Lime Lynx)', 'AlmaLinux', '9.1'],
  ['Oracle Linux Server release 8.9', 'Oracle Linux Server', '8.9'],
  ['Fedora release 40 (Forty)', 'Fedora', '40'],
  ['Amazon Linux AMI release 2018.03', 'Amazon Linux AMI', '2018.03'],
])('reads %s', (line, name, version) => {
  for (const text of [line, `${line}\n`, `${line}\r\n`, ` ${line} \nmore\n`]) {
    expect(redhatRelease.read(PATH, Buffer.from(text))).toEqual({
      release: { NAME: name, VERSION_ID: version, PRETTY_NAME: line },
      diagnostics: [],
    });
  }
});

describe('a file without a release', () => {
  it.each<[string, string, string]>([
    ['nothing', '', ''],
    ['no number', 'CentOS release Final', 'CentOS release Final'],
    ['no name', ' release 6.10', 'release 6.10'],
    ['another sentence', 'Derived from Fedora 40', 'Derived from Fedora 40'],
    ['a page of a web server', '<html>\n', '<html>'],
    ['a very long line', 'x'.repeat(1000), 'x'.repeat(80)],
  ])('of %s causes a diagnostic that quotes the file', (_, text, quoted) => {
    const message = `${PATH} does not have the form "NAME release VERSION": ${JSON.stringify(quoted)}`;
    expect(redhatRelease.read(PATH, Buffer.from(text))).toEqual({
      diagnostics: [{ code: 'release-file-unreadable', message, where: PATH }],
    });
  });
});

it("prefers the distribution's own file to shared files", () => {
  expect(RELEASE_FILES).toEqual([
    'centos-release',
    'almalinux-release',
    'rocky-release',
    'oracle-release',
    'fedora-release',
    'amazon-linux-release',
    'system-release',
    'redhat-release',
  ]);
  expect(redhatRelease.wants).toEqual(
    expect.arrayContaining([...exactPaths('etc/oracle-release', 'usr/lib/fedora-release')]),
  );
});
