import { describe, expect, it } from 'vitest';
import type { DiagnosticCode } from '../../../model/report/diagnostic.ts';
import { emptyTree, type FileTree, layOver } from '../tree/file-tree.ts';
import type { LayerEntry } from '../layer-contents.ts';
import { fixedRole, indexPatterns } from '../patterns/pattern-index.ts';
import { DETECTORS } from '../../detectors/index.ts';
import { identifyDistribution } from './distribution.ts';

/** A string is the content of a file, and `link` is the target of a symbolic link. */
type Files = Readonly<Record<string, string | { readonly link: string }>>;

const WANTED = indexPatterns(DETECTORS.filter(({ kind }) => kind === 'os'));

function treeOf(files: Files): FileTree {
  const entries = Object.entries(files).map(([path, file]): LayerEntry => {
    if (typeof file !== 'string') return { kind: 'symlink', path, target: file.link };
    const [detector] = fixedRole(path, WANTED)?.detectors ?? [];
    if (detector === undefined) throw new Error(`no detector reads ${path}`);
    return { kind: 'file', path, facts: detector.read(path, Buffer.from(file)) };
  });
  return layOver(emptyTree(), { whiteouts: [], opaque: [], entries, outside: 0 });
}

function identified(files: Files): readonly [string | undefined, ...DiagnosticCode[]] {
  const { distribution, diagnostics } = identifyDistribution(treeOf(files));
  return [distribution?.namespace, ...diagnostics.map(({ code }) => code)];
}

const ETC = 'etc/os-release';
const USR = 'usr/lib/os-release';
const VERSION = 'etc/debian_version';
const BOOKWORM = 'ID=debian\nVERSION_ID="12"\n';
const TESTING = 'ID=debian\nVERSION_CODENAME=forky\n';

describe('the deciding file', () => {
  it.each<[string, Files, string]>([
    ['etc/os-release', { [ETC]: BOOKWORM }, 'debian:12'],
    [
      'etc/os-release before usr/lib/os-release',
      { [ETC]: BOOKWORM, [USR]: 'ID=alpine\nVERSION_ID=3.18.4' },
      'debian:12',
    ],
    ['usr/lib/os-release where etc has none', { [USR]: BOOKWORM }, 'debian:12'],
    ['usr/lib/os-release where the one in etc is empty', { [ETC]: '', [USR]: BOOKWORM }, 'debian:12'],
    ['usr/lib/os-release where the one in etc has no ID', { [ETC]: 'NAME=x', [USR]: BOOKWORM }, 'debian:12'],
    ['usr/lib/os-release where the one in etc has an empty ID', { [ETC]: 'ID=\n', [USR]: BOOKWORM }, 'debian:12'],
    [
      'usr/lib/os-release where the one in etc leads nowhere',
      { [ETC]: { link: '/run/x' }, [USR]: BOOKWORM },
      'debian:12',
    ],
    ['debian_version where there is no os-release', { [VERSION]: '7.11\n' }, 'debian:7'],
    [
      'debian_version where no os-release has an ID',
      { [ETC]: 'ID=""', [USR]: 'NAME=x', [VERSION]: '7.11' },
      'debian:7',
    ],
    ['os-release before debian_version', { [ETC]: BOOKWORM, [VERSION]: '11.9\n' }, 'debian:12'],
    ['os-release, regardless of errors in debian_version', { [ETC]: BOOKWORM, [VERSION]: '' }, 'debian:12'],
    [
      'os-release of a derivative before debian_version',
      { [ETC]: 'ID=kali\nVERSION_ID=2024.1', [VERSION]: '12' },
      'kali:2024.1',
    ],
  ])('%s', (_, files, namespace) => {
    expect(identified(files)).toEqual([namespace]);
  });
});

describe('links', () => {
  it.each<[string, Files]>([
    ['relative', { [ETC]: { link: '../usr/lib/os-release' }, [USR]: BOOKWORM }],
    ['absolute', { [ETC]: { link: '/usr/lib/os-release' }, [USR]: BOOKWORM }],
    ['that would lead out of the root', { [ETC]: { link: '../../../usr/lib/os-release' }, [USR]: BOOKWORM }],
    ['of a directory', { etc: { link: 'usr/lib' }, [USR]: BOOKWORM }],
    ['in a loop, replaced by usr/lib/os-release', { [ETC]: { link: 'os-release' }, [USR]: BOOKWORM }],
  ])('%s are followed inside the root', (_, files) => {
    expect(identified(files)).toEqual(['debian:12']);
  });

  it('that form a loop are reported as a loop', () => {
    const { diagnostics } = identifyDistribution(treeOf({ [ETC]: { link: 'os-release' } }));
    const message = 'etc/os-release is a link to os-release, which leads into a loop or through too many links';
    expect(diagnostics[0]).toEqual({ code: 'link-unresolved', message, where: ETC });
  });

  it('that dangle are reported if no other file names the system', () => {
    const { distribution, diagnostics } = identifyDistribution(treeOf({ [ETC]: { link: '/run/os-release' } }));
    expect(distribution).toBeNull();
    expect(diagnostics).toEqual([
      {
        code: 'link-unresolved',
        message: 'etc/os-release is a link to /run/os-release, which no layer contains',
        where: ETC,
      },
      expect.objectContaining({ code: 'distribution-unknown' }),
    ]);
  });
});

describe('the release of Debian', () => {
  it.each<[string, Files, string]>([
    ['a number', { [ETC]: BOOKWORM }, 'debian:12'],
    ['an ID in capitals', { [ETC]: 'ID=Debian\nVERSION_ID=12' }, 'debian:12'],
    ['a point release', { [ETC]: 'ID=debian\nVERSION_ID="7.11"' }, 'debian:7'],
    ['a number with the code name', { [ETC]: 'ID=debian\nVERSION_ID="7 (wheezy)"' }, 'debian:7'],
    ['both numbers before etch', { [VERSION]: '3.1\n' }, 'debian:3.1'],
    ['both numbers of potato', { [VERSION]: '2.2\n' }, 'debian:2.2'],
    ['the first number from etch on', { [VERSION]: '4.0\n' }, 'debian:4'],
    ['a release that is not known yet', { [ETC]: 'ID=debian\nVERSION_ID=99' }, 'debian:99'],
    ['debian_version, without VERSION_ID', { [ETC]: 'ID=debian', [VERSION]: '12.5' }, 'debian:12'],
    [
      'debian_version, for a VERSION_ID that is not a number',
      { [ETC]: 'ID=debian\nVERSION_ID=x', [VERSION]: '12.5' },
      'debian:12',
    ],
    [
      'a number, regardless of the apt sources',
      { [ETC]: BOOKWORM, 'etc/apt/sources.list': 'deb http://a sid main' },
      'debian:12',
    ],
  ])('comes from %s', (_, files, namespace) => {
    expect(identified(files)).toEqual([namespace]);
  });
});

describe('testing or unstable', () => {
  const SIDE = { [ETC]: TESTING, [VERSION]: 'forky/sid\n' };
  const one = (suite: string): Files => ({ ...SIDE, 'etc/apt/sources.list': `deb http://a ${suite} main\n` });
  const deb822 = (suites: string): Files => ({
    ...SIDE,
    'etc/apt/sources.list.d/debian.sources': `Types: deb\nURIs: http://a\nSuites: ${suites}\nComponents: main\n`,
  });

  it.each<[string, Files, string]>([
    ['apt reads sid', one('sid'), 'debian:unstable'],
    ['apt reads unstable', one('unstable'), 'debian:unstable'],
    ['apt reads the code name', one('forky'), 'debian:14'],
    ['apt reads testing, identified by the code name', one('testing'), 'debian:14'],
    ['apt reads sid in deb822', deb822('sid'), 'debian:unstable'],
    ['apt reads testing in deb822', deb822('testing testing-updates'), 'debian:14'],
    ['apt reads testing and unstable: unstable', deb822('testing unstable'), 'debian:unstable'],
    ['apt reads an older release beside the present one', deb822('bookworm forky'), 'debian:14'],
    ['debian_version is missing', { [ETC]: TESTING, 'etc/apt/sources.list': 'deb http://a testing main' }, 'debian:14'],
    [
      'os-release is missing',
      { [VERSION]: 'trixie/sid', 'etc/apt/sources.list': 'deb http://a testing main' },
      'debian:13',
    ],
  ])('%s', (_, files, namespace) => {
    expect(identified(files)).toEqual([namespace]);
  });

  it.each<[string, Files]>([
    ['the code name alone', SIDE],
    ['nothing at all', { [ETC]: 'ID=debian\n' }],
    ['a suite that names no release', one('stable')],
    ['a suite of updates alone', one('forky-updates')],
    [
      'testing, when no code name is known',
      { [ETC]: 'ID=debian', 'etc/apt/sources.list': 'deb http://a testing main' },
    ],
    ['an entry without main', { ...SIDE, 'etc/apt/sources.list': 'deb http://a testing contrib' }],
  ])('%s is ambiguous, with a diagnostic', (_, files) => {
    expect(identified(files)).toEqual(['debian:unstable', 'release-ambiguous']);
  });
});

describe("the namespace of each distribution's os-release", () => {
  it.each<[string, string]>([
    ['ID=debian VERSION_ID="12" NAME="Debian GNU/Linux" PRETTY_NAME="Distroless"', 'debian:12'],
    ['ID=ubuntu ID_LIKE=debian VERSION_ID="22.04"', 'ubuntu:22.04'],
    ['ID="rhel" ID_LIKE="fedora" VERSION_ID="9.3" NAME="Red Hat Enterprise Linux"', 'rhel:9'],
    ['ID="rhel" VERSION_ID="7.9" NAME="Red Hat Enterprise Linux Server"', 'rhel:7'],
    ['ID="rhel" VERSION_ID="10.0"', 'rhel:10'],
    ['ID="centos" ID_LIKE="rhel fedora" VERSION_ID="7" NAME="CentOS Linux"', 'centos:7'],
    ['ID="centos" ID_LIKE="rhel fedora" VERSION_ID="9" NAME="CentOS Stream"', 'centos-stream:9'],
    ['ID="almalinux" ID_LIKE="rhel centos fedora" VERSION_ID="9.1"', 'almalinux:9'],
    ['ID="rocky" ID_LIKE="rhel centos fedora" VERSION_ID="8.10"', 'rocky:8'],
    ['ID="ol" ID_LIKE="fedora" VERSION_ID="8.9" NAME="Oracle Linux Server"', 'oracle:8'],
    ['ID=fedora VERSION_ID=40', 'fedora:40'],
    ['ID="amzn" ID_LIKE="rhel fedora" VERSION_ID="2018.03"', 'amzn:2018.03'],
    ['ID="amzn" ID_LIKE="centos rhel fedora" VERSION_ID="2"', 'amzn:2'],
    ['ID="amzn" ID_LIKE="fedora" VERSION_ID="2023"', 'amzn:2023'],
    ['ID="sles" ID_LIKE="suse" VERSION_ID="15.5"', 'sles:15.5'],
    ['ID="sles" VERSION_ID="15"', 'sles:15'],
    ['ID="opensuse-leap" ID_LIKE="suse opensuse" VERSION_ID="15.6"', 'opensuse-leap:15.6'],
    ['ID="opensuse-tumbleweed" VERSION_ID="20240901"', 'opensuse-tumbleweed'],
    ['ID=sles_sap VERSION_ID=15.4', 'sles:15.4'],
    ['ID=sled VERSION_ID=15.5', 'sles:15.5'],
    ['ID=sle-micro VERSION_ID=5.3', 'sle-micro:5.3'],
    ['ID=sle-micro-rancher VERSION_ID=5.2', 'sle-micro:5.2'],
    ['ID=sl-micro VERSION_ID=6.0', 'sl-micro:6.0'],
    ['ID=opensuse-leap-micro VERSION_ID=5.5', 'opensuse-leap-micro:5.5'],
    ['ID=alpine VERSION_ID=3.18.9', 'alpine:v3.18'],
    ['ID=alpine VERSION_ID=3.4', 'alpine:v3.4'],
    ['ID=alpine VERSION_ID=3.20.0_rc1', 'alpine:v3.20'],
    ['ID=alpine VERSION_ID=3.21.0_alpha20240923', 'alpine:edge'],
    ['ID=alpine VERSION_ID=3.9_alpha20181217', 'alpine:edge'],
    ['ID=wolfi VERSION_ID="20230201"', 'wolfi'],
    ['ID=chainguard VERSION_ID="20230214"', 'chainguard'],
    ['ID=photon VERSION_ID=3.0', 'photon:3.0'],
    ['ID=azurelinux VERSION_ID="3.0" VERSION="3.0.20240727"', 'azurelinux:3.0'],
    ['ID=mariner VERSION_ID="2.0"', 'mariner:2.0'],
    ['ID="Rocky" VERSION_ID="9.A"', 'rocky:9'],
    ['ID=rhel VERSION_ID=Beta', 'rhel:beta'],
    ['ID=rhel', 'rhel'],
    ['ID=arch', 'arch'],
    ['ID=linuxmint ID_LIKE="ubuntu debian" VERSION_ID="21.3"', 'linuxmint:21.3'],
    ['ID=siduction ID_LIKE=debian', 'siduction'],
    ['ID=Other VERSION_ID=1.A', 'other:1.a'],
  ])('%s results in %s', (assignments, namespace) => {
    expect(identified({ [ETC]: assignments.replaceAll(/ (?=[A-Z_]+=)/g, '\n') })).toEqual([namespace]);
  });
});

describe('without os-release', () => {
  const LSB = 'etc/lsb-release';
  const ORACLE = { 'etc/oracle-release': 'Oracle Linux Server release 6.10' };
  const REDHAT = { 'etc/redhat-release': 'Red Hat Enterprise Linux Server release 6.10 (Santiago)' };

  it.each<[string, Files, string]>([
    ['lsb-release', { [LSB]: 'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=10.04' }, 'ubuntu:10.04'],
    [
      'lsb-release before debian_version',
      { [LSB]: 'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=10.04', [VERSION]: 'squeeze/sid' },
      'ubuntu:10.04',
    ],
    ['lsb-release only where it has a DISTRIB_ID', { [LSB]: 'LSB_VERSION=4', ...REDHAT }, 'rhel:6'],
    ['redhat-release', REDHAT, 'rhel:6'],
    ['centos-release', { 'etc/centos-release': 'CentOS release 6.10 (Final)' }, 'centos:6'],
    ['centos-release of Stream', { 'etc/centos-release': 'CentOS Stream release 9' }, 'centos-stream:9'],
    ['almalinux-release', { 'etc/almalinux-release': 'AlmaLinux release 9.1 (Lime Lynx)' }, 'almalinux:9'],
    ['rocky-release', { 'etc/rocky-release': 'Rocky Linux release 9.3 (Blue Onyx)' }, 'rocky:9'],
    ["oracle-release before Red Hat's, which Oracle has too", { ...REDHAT, ...ORACLE }, 'oracle:6'],
    ['fedora-release', { 'etc/fedora-release': 'Fedora release 20 (Heisenbug)' }, 'fedora:20'],
    ['system-release', { 'etc/system-release': 'Amazon Linux AMI release 2018.03' }, 'amzn:2018.03'],
    [
      'amazon-linux-release',
      { 'etc/amazon-linux-release': 'Amazon Linux release 2023.6.2 (Amazon Linux)' },
      'amzn:2023',
    ],
    [
      'a release file that is a link',
      { 'etc/redhat-release': { link: '../usr/lib/fedora-release' }, 'usr/lib/fedora-release': 'Fedora release 40' },
      'fedora:40',
    ],
    [
      'a release file of an unknown distribution',
      { 'etc/redhat-release': 'Scientific Linux release 7.9 (Nitrogen)' },
      'scientific:7.9',
    ],
    ['system-release-cpe', { 'etc/system-release-cpe': 'cpe:/o:redhat:enterprise_linux:8::baseos' }, 'rhel:8'],
    ['system-release-cpe of Stream', { 'etc/system-release-cpe': 'cpe:/o:centos:centos:9' }, 'centos-stream:9'],
    [
      'redhat-release before system-release-cpe',
      {
        'etc/redhat-release': 'CentOS release 6.10 (Final)',
        'etc/system-release-cpe': 'cpe:/o:redhat:enterprise_linux:8',
      },
      'centos:6',
    ],
    ['alpine-release', { 'etc/alpine-release': '3.4.6' }, 'alpine:v3.4'],
    ['alpine-release of edge', { 'etc/alpine-release': '3.21.0_alpha20240923' }, 'alpine:edge'],
  ])('%s determines the release', (_, files, namespace) => {
    expect(identified(files)).toEqual([namespace]);
  });

  it('reports the diagnostics of a file with three names once', () => {
    const link = { link: 'almalinux-release' };
    const files = { 'etc/almalinux-release': 'x', 'etc/system-release': link, 'etc/redhat-release': link };
    expect(identified(files)).toEqual([undefined, 'release-file-unreadable', 'distribution-unknown']);
  });
});

describe('the distribution', () => {
  it.each<[string, Files, object]>([
    [
      'has the fields of os-release',
      { [ETC]: `${BOOKWORM}PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"` },
      { id: 'debian', version: '12', namespace: 'debian:12', prettyName: 'Debian GNU/Linux 12 (bookworm)' },
    ],
    [
      'has the fields of debian_version',
      { [VERSION]: '3.1' },
      { id: 'debian', version: '3.1', namespace: 'debian:3.1', prettyName: 'debian 3.1' },
    ],
    [
      'has the version of os-release, which is more precise than the namespace',
      { [ETC]: 'ID="ol"\nVERSION_ID="8.9"\nPRETTY_NAME="Oracle Linux Server 8.9"' },
      { id: 'ol', version: '8.9', namespace: 'oracle:8', prettyName: 'Oracle Linux Server 8.9' },
    ],
    [
      'has the fields of lsb-release',
      { 'etc/lsb-release': 'DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=10.04\nDISTRIB_DESCRIPTION="Ubuntu 10.04.4 LTS"' },
      { id: 'ubuntu', version: '10.04', namespace: 'ubuntu:10.04', prettyName: 'Ubuntu 10.04.4 LTS' },
    ],
    [
      'has the line of a release file',
      { 'etc/centos-release': 'CentOS release 6.10 (Final)' },
      { id: 'centos', version: '6.10', namespace: 'centos:6', prettyName: 'CentOS release 6.10 (Final)' },
    ],
    ['has the ID alone', { [ETC]: 'ID=arch' }, { id: 'arch', version: '', namespace: 'arch', prettyName: 'arch' }],
    [
      'has no text of debian_version if there is no number in it',
      { [VERSION]: 'forky/sid', 'etc/apt/sources.list': 'deb http://a sid main' },
      { id: 'debian', version: 'unstable', namespace: 'debian:unstable', prettyName: 'debian unstable' },
    ],
    [
      'has a release without a number',
      { [ETC]: TESTING, 'etc/apt/sources.list': 'deb http://a sid main' },
      { id: 'debian', version: 'unstable', namespace: 'debian:unstable', prettyName: 'debian unstable' },
    ],
  ])('%s', (_, files, distribution) => {
    expect(identifyDistribution(treeOf(files))).toEqual({ distribution, diagnostics: [] });
  });
});

describe('without an operating system', () => {
  it.each<[string, Files, readonly DiagnosticCode[]]>([
    ['no files', {}, []],
    ['empty os-release files', { [ETC]: '', [USR]: '# none\n' }, Array(2).fill('release-file-unreadable')],
    ['os-release files without an ID', { [ETC]: 'NAME=x', [USR]: 'ID=""' }, []],
    ['an empty debian_version', { [VERSION]: '' }, ['release-file-unreadable']],
    ['apt sources alone', { 'etc/apt/sources.list': 'deb http://a sid main' }, []],
  ])('%s cause a diagnostic', (_, files, others) => {
    expect(identified(files)).toEqual([undefined, ...others, 'distribution-unknown']);
  });

  it('reports the absence at etc/os-release', () => {
    expect(identifyDistribution(emptyTree())).toEqual({
      distribution: null,
      diagnostics: [
        {
          code: 'distribution-unknown',
          message: 'no release file names the operating system, so distribution packages are listed but not matched',
          where: ETC,
        },
      ],
    });
  });
});

it('reports an unreadable os-release even if debian_version names the release', () => {
  expect(identified({ [ETC]: '<html>', [VERSION]: '12.5' })).toEqual(['debian:12', 'release-file-unreadable']);
});
