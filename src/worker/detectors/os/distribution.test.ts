import { describe, expect, it } from 'vitest';
import type { ProblemCode } from '../../../model/problem.ts';
import { applyLayer, emptyTree, type FileTree } from '../../layer/file-tree.ts';
import type { LayerEntry } from '../../layer/layer-findings.ts';
import { indexWantedPaths, roleOfPath } from '../../layer/wanted-paths.ts';
import { aptSources } from './apt-sources.ts';
import { debianVersion } from './debian-version.ts';
import { identifyDistribution } from './distribution.ts';
import { osRelease } from './os-release.ts';

/** Text is a file, `link` a symbolic link. */
type Files = Readonly<Record<string, string | { readonly link: string }>>;

const WANTED = indexWantedPaths([osRelease, debianVersion, aptSources]);

/** What a layer of these files shows, read by the detectors as the worker does. */
function treeOf(files: Files): FileTree {
  const entries = Object.entries(files).map(([path, file]): LayerEntry => {
    if (typeof file !== 'string') return { kind: 'symlink', path, target: file.link };
    const [detector] = roleOfPath(path, WANTED)?.detectors ?? [];
    if (detector === undefined) throw new Error(`no detector wants ${path}`);
    return { kind: 'file', path, findings: detector.read(path, Buffer.from(file)) };
  });
  const tree = emptyTree();
  applyLayer(tree, { whiteouts: [], opaque: [], entries, outside: 0 });
  return tree;
}

/** The namespace, and the codes of what is to be said about it. */
function identified(files: Files): readonly [string | undefined, ...ProblemCode[]] {
  const { distribution, problems } = identifyDistribution(treeOf(files));
  return [distribution?.namespace, ...problems.map(({ code }) => code)];
}

const ETC = 'etc/os-release';
const USR = 'usr/lib/os-release';
const VERSION = 'etc/debian_version';
const BOOKWORM = 'ID=debian\nVERSION_ID="12"\n';
const TESTING = 'ID=debian\nVERSION_CODENAME=forky\n';

describe('which file decides', () => {
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
    ['os-release, whatever is wrong with debian_version', { [ETC]: BOOKWORM, [VERSION]: '' }, 'debian:12'],
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
    ['that would climb out of the root', { [ETC]: { link: '../../../usr/lib/os-release' }, [USR]: BOOKWORM }],
    ['of a directory', { etc: { link: 'usr/lib' }, [USR]: BOOKWORM }],
    ['in circles, which usr/lib/os-release makes good', { [ETC]: { link: 'os-release' }, [USR]: BOOKWORM }],
  ])('%s are followed inside the root', (_, files) => {
    expect(identified(files)).toEqual(['debian:12']);
  });

  it('that lead nowhere are told when nothing else names the system', () => {
    const { distribution, problems } = identifyDistribution(treeOf({ [ETC]: { link: '/run/os-release' } }));
    expect(distribution).toBeNull();
    expect(problems).toEqual([
      {
        code: 'link-unresolved',
        message: 'etc/os-release is a link to /run/os-release, which the layers do not show',
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
      'debian_version, for a VERSION_ID that is no number',
      { [ETC]: 'ID=debian\nVERSION_ID=x', [VERSION]: '12.5' },
      'debian:12',
    ],
    [
      'a number, whatever apt is told',
      { [ETC]: BOOKWORM, 'etc/apt/sources.list': 'deb http://a sid main' },
      'debian:12',
    ],
  ])('by %s', (_, files, namespace) => {
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
    ['apt reads testing, which the code name tells', one('testing'), 'debian:14'],
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
  ])('%s cannot tell, which the report says', (_, files) => {
    expect(identified(files)).toEqual(['debian:unstable', 'release-ambiguous']);
  });
});

describe('other systems', () => {
  it.each<[string, string, string]>([
    ['an ID and a version', 'ID=alpine\nVERSION_ID=3.18.4', 'alpine:3.18.4'],
    ['capitals', 'ID="Rocky"\nVERSION_ID="9.A"', 'rocky:9.a'],
    ['no version', 'ID=arch', 'arch'],
    ['a derivative, which is not its parent', 'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="22.04"', 'ubuntu:22.04'],
    ['a derivative without a version', 'ID=siduction\nID_LIKE=debian', 'siduction'],
  ])('%s', (_, text, namespace) => {
    expect(identified({ [ETC]: text })).toEqual([namespace]);
  });
});

describe('what is told beside the namespace', () => {
  it.each<[string, Files, object]>([
    [
      'the words of os-release',
      { [ETC]: `${BOOKWORM}PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"` },
      { id: 'debian', version: '12', namespace: 'debian:12', prettyName: 'Debian GNU/Linux 12 (bookworm)' },
    ],
    [
      'the words of debian_version',
      { [VERSION]: '3.1' },
      { id: 'debian', version: '3.1', namespace: 'debian:3.1', prettyName: 'debian 3.1' },
    ],
    ['the ID alone', { [ETC]: 'ID=arch' }, { id: 'arch', version: '', namespace: 'arch', prettyName: 'arch' }],
    [
      'a release without a number',
      { [ETC]: TESTING, 'etc/apt/sources.list': 'deb http://a sid main' },
      { id: 'debian', version: 'unstable', namespace: 'debian:unstable', prettyName: 'debian unstable' },
    ],
  ])('%s', (_, files, distribution) => {
    expect(identifyDistribution(treeOf(files))).toEqual({ distribution, problems: [] });
  });
});

describe('no system', () => {
  it.each<[string, Files, readonly ProblemCode[]]>([
    ['no files', {}, []],
    ['os-release files that say nothing', { [ETC]: '', [USR]: '# none\n' }, Array(2).fill('release-file-unreadable')],
    ['os-release files without an ID', { [ETC]: 'NAME=x', [USR]: 'ID=""' }, []],
    ['an empty debian_version', { [VERSION]: '' }, ['release-file-unreadable']],
    ['apt sources alone', { 'etc/apt/sources.list': 'deb http://a sid main' }, []],
  ])('%s: packages cannot be matched, which is said', (_, files, others) => {
    expect(identified(files)).toEqual([undefined, ...others, 'distribution-unknown']);
  });

  it('says where it was looked for', () => {
    expect(identifyDistribution(emptyTree())).toEqual({
      distribution: null,
      problems: [
        {
          code: 'distribution-unknown',
          message: 'no file names the operating system; packages are listed, but not matched',
          where: ETC,
        },
      ],
    });
  });
});

it('tells of an unreadable os-release that debian_version makes good only in part', () => {
  expect(identified({ [ETC]: '<html>', [VERSION]: '12.5' })).toEqual(['debian:12', 'release-file-unreadable']);
});
