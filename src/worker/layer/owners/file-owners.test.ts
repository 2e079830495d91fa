import { describe, expect, it } from 'vitest';
import { deb } from '../../../database/testing/packages.ts';
import type { SystemPackage } from '../../../model/feature.ts';
import type { FileFacts } from '../../detectors/detector.ts';
import type { Diversion, FileOwner } from '../../detectors/packages/owned-paths.ts';
import { type PlacedFeature, placeKey } from '../features/feature-census.ts';
import type { LayerEntry } from '../layer-contents.ts';
import type { TreeLimits } from '../limits.ts';
import { emptyTree, layOver } from '../tree/file-tree.ts';
import { ownersOf } from './file-owners.ts';
import type { FeatureOwners } from './owner-evidence.ts';

const library = (path: string, name = 'x'): PlacedFeature => ({ feature: { type: 'made', name, version: '1' }, path });
const installed = (feature: SystemPackage): PlacedFeature => ({ feature, path: '' });
const file = (path: string): LayerEntry => ({ kind: 'file', path, facts: { diagnostics: [] } });
const link = (path: string, target: string): LayerEntry => ({ kind: 'symlink', path, target });
const rpm = (name: string, version: string): SystemPackage => ({ ...deb(name, version), type: 'rpm', arch: 'x86_64' });

function lists(owner: FileOwner, ...paths: readonly string[]): FileFacts {
  return { ownedPaths: [{ owner, paths }], diagnostics: [] };
}

function ownedIn(
  entries: readonly LayerEntry[],
  features: readonly PlacedFeature[],
  files: readonly FileFacts[],
  limits: Partial<TreeLimits> = {},
  paths: readonly string[] = [],
): ReturnType<typeof ownersOf> {
  const tree = layOver(emptyTree(limits), { whiteouts: [], opaque: [], entries, outside: 0 });
  return ownersOf(tree, {
    features: new Map(features.map((each) => [placeKey(each), each])),
    files,
    paths: new Set(paths),
  });
}

function shown(owners: FeatureOwners): Readonly<Record<string, string>> {
  const lines = [...owners].map(([key, { packages }]) => [
    key.slice(key.lastIndexOf('\n') + 1),
    packages.map(({ name, version }) => `${name} ${version}`).join(),
  ]);
  return Object.fromEntries(lines);
}

describe('the owner of a file with a library', () => {
  it('owns all libraries of the file and of archives within it', () => {
    const features = [installed(deb('a', '1')), library('a.jar'), library('a.jar', 'y'), library('a.jar/lib/b.jar')];
    const { owners } = ownedIn([file('a.jar')], features, [lists({ type: 'deb', name: 'a' }, 'a.jar')]);
    expect(owners.size).toBe(3);
    expect(shown(owners)).toEqual({ 'a.jar': 'a 1', 'a.jar/lib/b.jar': 'a 1' });
  });

  it('owns nothing below a directory that it lists', () => {
    const files = [lists({ type: 'deb', name: 'a' }, 'x.made')];
    expect(
      shown(ownedIn([file('x.made/y.made')], [installed(deb('a', '1')), library('x.made/y.made')], files).owners),
    ).toEqual({});
  });

  it('is the version that lists the file when several are installed', () => {
    const kernels = [installed(rpm('kernel', '1-1')), installed(rpm('kernel', '2-1'))];
    const files = [lists({ type: 'rpm', name: 'kernel', version: '2-1', arch: 'x86_64' }, 'x')];
    expect(shown(ownedIn([file('x')], [...kernels, library('x')], files).owners)).toEqual({ x: 'kernel 2-1' });
  });

  it('is not a package of the same name from another manager', () => {
    const files = [lists({ type: 'deb', name: 'a' }, 'x')];
    expect(shown(ownedIn([file('x')], [installed(rpm('a', '1-1')), library('x')], files).owners)).toEqual({});
  });

  it('owns a link to a file, but not the file', () => {
    const entries = [file('usr/x.jar'), link('opt/x.jar', '../usr/x.jar')];
    const files = [lists({ type: 'deb', name: 'a' }, 'opt/x.jar')];
    expect(shown(ownedIn(entries, [installed(deb('a', '1')), library('usr/x.jar')], files).owners)).toEqual({});
  });

  it("is found if the library's path leads through a link", () => {
    const entries = [link('lib', 'usr/lib'), file('usr/lib/x')];
    const files = [lists({ type: 'deb', name: 'a' }, 'usr/lib/x')];
    expect(shown(ownedIn(entries, [installed(deb('a', '1')), library('lib/x')], files).owners)).toEqual({
      'lib/x': 'a 1',
    });
  });

  it('does not depend on the order of the lists', () => {
    const features = [installed(deb('b', '1')), installed(deb('a', '1')), library('x')];
    const files = ['a', 'b'].map((name) => lists({ type: 'deb', name }, 'x'));
    for (const order of [files, files.toReversed()]) {
      expect(shown(ownedIn([file('x')], features, order).owners)).toEqual({ x: 'a 1' });
    }
  });

  it('is the package that lists the path itself rather than a package that lists the path through a link', () => {
    const features = [installed(deb('a', '1')), installed(deb('b', '1')), library('usr/lib/x')];
    const files = [lists({ type: 'deb', name: 'a' }, 'lib/x'), lists({ type: 'deb', name: 'b' }, 'usr/lib/x')];
    const entries = [link('lib', 'usr/lib'), file('usr/lib/x')];
    for (const order of [files, files.toReversed()]) {
      expect(shown(ownedIn(entries, features, order).owners)).toEqual({ 'usr/lib/x': 'b 1' });
    }
  });

  it('is also the package that lists an archive itself, for the libraries and diagnostics inside the archive', () => {
    const path = 'usr/lib/x.jar!/lib/y.jar';
    const features = [installed(deb('a', '1')), installed(deb('b', '1')), library(path)];
    const files = [lists({ type: 'deb', name: 'a' }, 'lib/x.jar'), lists({ type: 'deb', name: 'b' }, 'usr/lib/x.jar')];
    const entries = [link('lib', 'usr/lib'), file('usr/lib/x.jar')];
    for (const order of [files, files.toReversed()]) {
      expect(shown(ownedIn(entries, features, order).owners)).toEqual({ [path]: 'b 1' });
      const { ofPaths } = ownedIn(entries, features, order, {}, [path]);
      expect(ofPaths.get(path)?.packages.map(({ name }) => name)).toEqual(['b']);
    }
  });

  it('applies diversions to dpkg packages only', () => {
    const diversions: readonly Diversion[] = [{ from: 'x', to: 'y', by: null }];
    const features = [installed(rpm('a', '1-1')), installed(deb('b', '1')), library('x'), library('y')];
    const files = [
      lists({ type: 'rpm', name: 'a' }, 'x'),
      lists({ type: 'deb', name: 'b' }, 'x'),
      { diversions, diagnostics: [] },
    ];
    expect(shown(ownedIn([file('x'), file('y')], features, files).owners)).toEqual({ x: 'a 1-1', y: 'b 1' });
  });
});

describe('the package of a list', () => {
  it('is the first in order if the list is ambiguous', () => {
    const features = [rpm('a', '2-1'), rpm('a', '1-1'), rpm('b', '1-1')].map(installed);
    for (const order of [features, features.toReversed()]) {
      const { owners } = ownedIn([file('x')], [...order, library('x')], [lists({ type: 'rpm', name: 'a' }, 'x')]);
      expect(shown(owners)).toEqual({ x: 'a 1-1' });
    }
  });

  it('is found without examining all other packages of its name', () => {
    const versions = Array.from({ length: 1000 }, (_, at) => `${at}-1`);
    let looks = 0;
    const features = versions.map((version) => {
      const { type, ...others } = rpm('kernel', version);
      const counted = {
        ...others,
        get type(): typeof type {
          looks += 1;
          return type;
        },
      };
      return installed(counted);
    });
    const files = versions.map((version) => lists({ type: 'rpm', name: 'kernel', version, arch: 'x86_64' }, 'x'));
    const { owners } = ownedIn([file('x')], [...features, library('x')], files);
    expect(shown(owners)).toEqual({ x: 'kernel 0-1' });
    expect(looks).toBeLessThan(20 * versions.length);
  });
});

describe('paths that take too many steps', () => {
  const entries = [link('lib', 'usr/lib'), file('usr/lib/x'), file('usr/bin/x')];
  const features = [installed(deb('a', '1')), library('usr/lib/x'), library('usr/bin/x')];
  const files = [lists({ type: 'deb', name: 'a' }, 'usr/bin/x', 'lib/x')];
  const message =
    'looking up the paths of package file lists takes more than 8 steps; it is unknown which packages own the files';

  it('lose all owners, with a diagnostic', () => {
    expect(ownedIn(entries, features, files)).toMatchObject({ diagnostics: [] });
    const { owners, diagnostics } = ownedIn(entries, features, files, { maxSteps: 8 });
    expect(shown(owners)).toEqual({});
    expect(diagnostics).toEqual([{ code: 'file-list-limit-reached', message, where: 'layers' }]);
  });

  it('are reported when the paths of the features take too many steps', () => {
    expect(ownedIn(entries, features, files, { maxSteps: 2 }).diagnostics).toHaveLength(1);
  });

  it.each<[string, Partial<TreeLimits>]>([
    ['takes more than 1000 steps', { maxSteps: 1000 }],
    ['reaches more than 500 directories', { maxListedDirectories: 500 }],
  ])('are not followed further, however many lead through links: %s', (excess, limits) => {
    const links = Array.from({ length: 1000 }, (__, at) => link(`l${at}`, 'usr/lib'));
    const paths = links.map(({ path }) => `${path}/x`);
    const listed = [lists({ type: 'deb', name: 'a' }, 'usr/lib/x', ...paths)];
    const { owners, diagnostics } = ownedIn([...links, ...entries], features, listed, limits);
    expect(diagnostics).toEqual([
      { code: 'file-list-limit-reached', message: expect.stringContaining(` ${excess};`), where: 'layers' },
    ]);
    expect(shown(owners)).toEqual({});
  });
});
