import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../../model/report/diagnostic.ts';
import type { LayerEntry } from '../layer-contents.ts';
import { initialState, nextState } from '../layer-state.ts';
import { fixedRole, indexPatterns } from '../patterns/pattern-index.ts';
import { DETECTORS } from '../../detectors/index.ts';

type Files = Readonly<Record<string, string>>;

const OS_DETECTORS = DETECTORS.filter(({ kind }) => kind === 'os');
const WANTED = indexPatterns(OS_DETECTORS);
const ETC = 'etc/os-release';
const REPOSITORIES = 'etc/apk/repositories';

function identified(files: Files): {
  readonly namespace: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
} {
  const entries = Object.entries(files).map(([path, text]): LayerEntry => {
    const [detector] = fixedRole(path, WANTED)?.detectors ?? [];
    if (detector === undefined) throw new Error(`no detector reads ${path}`);
    return { kind: 'file', path, facts: detector.read(path, Buffer.from(text)) };
  });
  const { conclusion } = nextState(initialState(), { whiteouts: [], opaque: [], entries, outside: 0 }, OS_DETECTORS);
  const diagnostics = conclusion.diagnostics.filter(({ code }) => code !== 'package-database-missing');
  return { namespace: conclusion.distribution?.namespace, diagnostics };
}

describe('the Alpine branch', () => {
  const ALPINE = { [ETC]: 'ID=alpine\nVERSION_ID=3.18.9' };

  it.each<[string, Files, string]>([
    ['alpine-release, without VERSION_ID', { [ETC]: 'ID=alpine', 'etc/alpine-release': '3.18.9' }, 'alpine:v3.18'],
    [
      'the one branch of apk, without VERSION_ID and alpine-release',
      { [ETC]: 'ID=alpine', [REPOSITORIES]: 'http://a/edge/main' },
      'alpine:edge',
    ],
    ['nothing', { [ETC]: 'ID=alpine' }, 'alpine'],
    [
      'nothing, where apk has several branches',
      { [ETC]: 'ID=alpine', [REPOSITORIES]: 'http://a/edge/main\nhttp://a/v3.18/main' },
      'alpine',
    ],
    [
      'nothing, where apk has a branch that moves',
      { [ETC]: 'ID=alpine', [REPOSITORIES]: 'http://a/latest-stable/main' },
      'alpine',
    ],
    [
      'the one branch of apk, where only the kind and the place of repositories differ',
      { ...ALPINE, [REPOSITORIES]: '/media/cdrom/apks\nhttp://a/v3.18/main\n#http://a/edge/main\nhttp://b/v3.18/x' },
      'alpine:v3.18',
    ],
    ['VERSION_ID, with which apk agrees', { ...ALPINE, [REPOSITORIES]: 'http://a/v3.18/main' }, 'alpine:v3.18'],
  ])('comes from %s', (_, files, namespace) => {
    expect(identified(files)).toEqual({ namespace, diagnostics: [] });
  });

  it.each<[string, Files, string]>([
    ['edge', { [REPOSITORIES]: 'http://a/v3.18/main\nhttp://a/edge/testing' }, 'edge'],
    ['edge for tagged packages', { [REPOSITORIES]: 'http://a/v3.18/main\n@edge http://a/edge/main' }, 'edge'],
    ['another release', { [REPOSITORIES]: 'http://a/v3.18/main\nhttp://a/v3.20/main' }, 'v3.20'],
    ['a branch that moves', { [REPOSITORIES]: 'http://a/latest-stable/main' }, 'latest-stable'],
    [
      'edge in a file of repositories.d',
      { [REPOSITORIES]: 'http://a/v3.18/main', 'etc/apk/repositories.d/x.list': 'http://a/edge/main' },
      'edge',
    ],
    ['only tagged branches', { [REPOSITORIES]: '@old http://a/v3.4/main\n@e http://a/edge/x' }, 'v3.4, edge'],
    ['two other branches', { [REPOSITORIES]: 'http://a/v3.20/main\nhttp://a/edge/main' }, 'v3.20, edge'],
  ])('is kept with a diagnostic when apk also uses %s', (_, files, others) => {
    const { namespace, diagnostics } = identified({ ...ALPINE, ...files });
    expect(namespace).toBe('alpine:v3.18');
    const message = `apk may also install packages of ${others}; all packages were matched as v3.18`;
    expect(diagnostics).toEqual([{ code: 'release-mixed', message, where: REPOSITORIES }]);
  });
});

describe('a single branch in all untagged apk repositories takes precedence', () => {
  const ALPINE = { [ETC]: 'ID=alpine\nVERSION_ID=3.8.5' };

  it.each<[string, Files, string]>([
    ['edge', { [REPOSITORIES]: 'http://a/edge/main\nhttp://a/edge/community' }, 'edge'],
    ['edge, in a file of repositories.d', { 'etc/apk/repositories.d/x.list': 'http://a/edge/main' }, 'edge'],
    ['another release', { [REPOSITORIES]: '#http://a/v3.8/main\nhttp://a/v3.9/main' }, 'v3.9'],
  ])('%s', (_, files, release) => {
    const { namespace, diagnostics } = identified({ ...ALPINE, ...files });
    expect(namespace).toBe(`alpine:${release}`);
    const message = `the release files name v3.8, but all apk repositories are for ${release}; all packages were matched as ${release}`;
    expect(diagnostics).toEqual([{ code: 'release-mixed', message, where: REPOSITORIES }]);
  });

  it('with a diagnostic for a tagged line of another branch', () => {
    const files = { ...ALPINE, [REPOSITORIES]: 'http://a/edge/main\n@old http://a/v3.8/main' };
    const { namespace, diagnostics } = identified(files);
    expect(namespace).toBe('alpine:edge');
    expect(diagnostics).toHaveLength(2);
  });
});
