import { describe, expect, it } from 'vitest';
import { deb } from '../../../database/testing/packages.ts';
import type { Diagnostic } from '../../../model/report/diagnostic.ts';
import type { Detector, FileFacts } from '../../detectors/detector.ts';
import { exactPaths, type PathPattern } from '../../detectors/path-pattern.ts';
import type { LayerEntry, LayerContents } from '../layer-contents.ts';
import { initialState, type NextState, nextState } from '../layer-state.ts';

function detector(id: string, kind: Detector['kind'], ...wants: readonly PathPattern[]): Detector {
  return { id, kind, version: 1, wants, read: () => ({ diagnostics: [] }) };
}

const DPKG = detector('dpkg', 'packages', ...exactPaths('var/lib/dpkg/status'));
const ANYWHERE = detector('anywhere', 'features', { kind: 'basename', name: 'made.json' });
const PROGRAMS = detector('programs', 'features', { kind: 'executable' });
const FIXED = detector('fixed', 'features', ...exactPaths('opt/made.json'));

function read(id: string, path: string, name: string, ...diagnostics: readonly Diagnostic[]): FileFacts {
  return { features: [{ feature: { type: 'made', name, version: id }, path }], diagnostics };
}

function file(path: string, byDetector: Readonly<Record<string, FileFacts>>): LayerEntry {
  return { kind: 'file', path, byDetector };
}

const link = (path: string, target: string): LayerEntry => ({ kind: 'symlink', path, target });

function shown(
  layers: readonly (readonly LayerEntry[])[],
  detectors: readonly Detector[] = [DPKG, ANYWHERE, PROGRAMS, FIXED],
): NextState {
  let next: NextState | undefined;
  for (const entries of layers) {
    const contents: LayerContents = { whiteouts: [], opaque: [], entries, outside: 0 };
    next = nextState(next?.state ?? initialState(), contents, detectors);
  }
  if (next === undefined) throw new Error('there is no layer');
  return next;
}

function featuresOf({ conclusion }: NextState): readonly string[] {
  return [...conclusion.features.values()].map(({ feature, path }) => `${feature.name} at ${path || 'no path'}`);
}

function codesOf({ conclusion }: NextState): readonly string[] {
  return conclusion.diagnostics.map(({ code }) => code).filter((code) => code !== 'distribution-unknown');
}

const NO_DATABASE = 'package-database-missing';

describe('files in any directory', () => {
  it('are visited once each, in the order of their paths', () => {
    const at = (path: string): LayerEntry => file(path, { anywhere: read('anywhere', path, 'x') });
    const paths = ['b/made.json', 'a/made.json', 'a/made.json.d/made.json', 'made.json', 'a-b/made.json'];
    expect(featuresOf(shown([paths.map(at)]))).toEqual([
      'x at a/made.json',
      'x at a/made.json.d/made.json',
      'x at a-b/made.json',
      'x at b/made.json',
      'x at made.json',
    ]);
  });

  it('are visited at any depth', () => {
    const path = `${'a/'.repeat(20_000)}made.json`;
    expect(featuresOf(shown([[file(path, { anywhere: read('anywhere', path, 'x') })]]))).toHaveLength(1);
  });

  it('yield only the facts of detectors that want a file at their path', () => {
    const entries = [
      file('a/made.json', { programs: read('programs', 'a/made.json', 'program') }),
      file('data/x', { fixed: read('fixed', 'opt/made.json', 'target') }),
    ];
    // No link points to the target any more.
    expect(featuresOf(shown([entries]))).toEqual(['program at a/made.json']);
    expect(featuresOf(shown([[...entries, link('opt/made.json', '/data/x')]]))).toEqual([
      'target at opt/made.json',
      'program at a/made.json',
    ]);
    expect(featuresOf(shown([entries], [ANYWHERE]))).toEqual([]);
  });

  it('are listed with the packages of a package manager, under one limit', () => {
    const status: LayerEntry = {
      kind: 'file',
      path: 'var/lib/dpkg/status',
      facts: { packages: [deb('a', '1')], diagnostics: [] },
    };
    const library = file('a/made.json', { anywhere: read('anywhere', 'a/made.json', 'b') });
    const next = shown([[library, status]]);
    expect(featuresOf(next)).toEqual(['a at no path', 'b at a/made.json']);
    const bounded = nextState(
      initialState({ maxPackages: 1 }),
      { whiteouts: [], opaque: [], entries: [library, status], outside: 0 },
      [DPKG, ANYWHERE],
    );
    expect(featuresOf(bounded)).toEqual(['a at no path']);
    expect(codesOf(bounded)).toEqual(['package-limit-reached']);
  });
});

describe('diagnostics of a file with features', () => {
  it('are reported and do not replace a package database', () => {
    const diagnostic = { code: 'package-database-unreadable', message: 'm', where: 'made.json' } as const;
    const next = shown([[file('made.json', { anywhere: read('anywhere', 'made.json', 'x', diagnostic) })]]);
    expect(codesOf(next)).toEqual(['distribution-absent', 'package-database-unreadable']);
    expect(next.conclusion.diagnostics).toContainEqual(diagnostic);
  });

  it('include a dangling link at a fixed path', () => {
    const next = shown([[link('opt/made.json', '/nowhere')]]);
    expect(codesOf(next)).toEqual(['link-unresolved', NO_DATABASE]);
    expect(next.conclusion.diagnostics).toContainEqual({
      code: 'link-unresolved',
      message: 'opt/made.json is a link to /nowhere, which no layer contains, so the package is not readable',
      where: 'opt/made.json',
    });
  });

  it('do not include a device or a directory at a fixed path', () => {
    expect(codesOf(shown([[{ kind: 'other', path: 'opt/made.json' }]]))).toEqual([NO_DATABASE]);
    expect(codesOf(shown([[{ kind: 'directory', path: 'opt/made.json' }]]))).toEqual([NO_DATABASE]);
  });
});

describe('a link', () => {
  it('at a fixed path to a file that only other detectors read is a gap', () => {
    const { gaps } = shown([
      [link('opt/made.json', '/data/made'), file('data/made', { programs: { diagnostics: [] } })],
    ]);
    expect(gaps).toEqual([{ wants: { kind: 'exact', path: 'data/made' }, detector: 'fixed', as: 'opt/made.json' }]);
  });

  it('of a package database or release file to a file that only other detectors read causes a diagnostic', () => {
    const made = file('data/made.json', { anywhere: read('anywhere', 'data/made.json', 'x') });
    const entries = [made, link('var/lib/dpkg/status', '/data/made.json'), link('etc/os-release', '/data/made.json')];
    const { conclusion, gaps } = shown([entries]);
    const diagnostics = conclusion.diagnostics.filter(({ message }) => message.includes('was not read'));
    expect(diagnostics.map(({ code, where }) => `${code} ${where}`)).toEqual([
      'link-unresolved etc/os-release',
      'package-database-unreadable var/lib/dpkg/status',
    ]);
    expect(gaps.map((gap) => gap.detector)).toEqual(['dpkg']);
  });

  it('that is hard, of a wanted name, to another name is a gap too', () => {
    const { gaps } = shown([[{ kind: 'hardlink', path: 'a/made.json', target: 'store/1' }]]);
    expect(gaps).toEqual([{ wants: { kind: 'exact', path: 'store/1' }, detector: 'anywhere', as: 'a/made.json' }]);
  });

  it('that is hard shares the file of a lower layer, at its own path', () => {
    const lower = file('a/made.json', { anywhere: read('anywhere', 'a/made.json', 'x') });
    const upper: LayerEntry = { kind: 'hardlink', path: 'b/made.json', target: 'a/made.json' };
    expect(featuresOf(shown([[lower], [upper]]))).toEqual(['x at a/made.json', 'x at b/made.json']);
    const through: LayerEntry = { kind: 'hardlink', path: 'b/made.json', target: 'l/made.json' };
    expect(featuresOf(shown([[lower, link('l', 'a')], [through]]))).toEqual(['x at a/made.json', 'x at b/made.json']);
  });
});
