import { expect, it } from 'vitest';
import { systemReleaseCpe } from './system-release-cpe.ts';

const PATH = 'etc/system-release-cpe';

it.each<[string, object]>([
  ['cpe:/o:redhat:enterprise_linux:8::baseos\n', { ID: 'rhel', VERSION_ID: '8' }],
  ['cpe:/o:redhat:enterprise_linux:7.9:ga:server', { ID: 'rhel', VERSION_ID: '7.9' }],
  ['cpe:/o:centos:linux:6:GA\r\n', { ID: 'centos', VERSION_ID: '6' }],
  ['cpe:/o:centos:centos:8', { ID: 'centos', VERSION_ID: '8' }],
  ['cpe:/o:centos:centos:9', { ID: 'centos', NAME: 'CentOS Stream', VERSION_ID: '9' }],
  ['cpe:/o:almalinux:almalinux:9::baseos', { ID: 'almalinux', VERSION_ID: '9' }],
  ['cpe:/o:rocky:rocky:8.5:GA', { ID: 'rocky', VERSION_ID: '8.5' }],
  ['cpe:/o:oracle:linux:8:9:server', { ID: 'ol', VERSION_ID: '8' }],
  ['cpe:/o:fedoraproject:fedora:40', { ID: 'fedora', VERSION_ID: '40' }],
  ['cpe:2.3:o:amazon:amazon_linux:2', { ID: 'amzn', VERSION_ID: '2' }],
  ['cpe:/o:amazon:linux:2014.09:ga', { ID: 'amzn', VERSION_ID: '2014.09' }],
  ['cpe:/o:xen:xen_server:7.1', { ID: 'xen-server', VERSION_ID: '7.1' }],
])('reads %j', (text, release) => {
  expect(systemReleaseCpe.read(PATH, Buffer.from(text))).toEqual({ release, diagnostics: [] });
});

it.each(['', 'cpe:/a:redhat:rhel_eus:8', 'cpe:/o:redhat:enterprise_linux', 'cpe:/o::x:8', 'Fedora release 40'])(
  'reports %j as unreadable',
  (text) => {
    const message = `${PATH} does not start with the CPE of an operating system and its version: ${JSON.stringify(text)}`;
    expect(systemReleaseCpe.read(PATH, Buffer.from(text))).toEqual({
      diagnostics: [{ code: 'release-file-unreadable', message, where: PATH }],
    });
  },
);
