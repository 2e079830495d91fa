import { cpuUsage } from 'node:process';
import { expect, it } from 'vitest';
import { deb } from '../../../database/testing/packages.ts';
import { type PlacedFeature, placeKey } from '../features/feature-census.ts';
import { emptyTree, layOver } from '../tree/file-tree.ts';
import { ownersOf } from './file-owners.ts';

const PACKAGES = 2000;
const PATHS_OF_PACKAGE = 40;

/**
 * Other scanners compare each library with each path that a package lists, which would be 1.3 billion comparisons in
 * this test.
 */
it('finds the owners of 16,000 libraries among 80,000 paths without comparing each library with each path', () => {
  const packages = Array.from({ length: PACKAGES }, (_, at) => deb(`package${at}`, '1'));
  const pathsOf = (at: number): readonly string[] =>
    Array.from({ length: PATHS_OF_PACKAGE }, (_, file) => `usr/share/nodejs/package${at}/${file}/package.json`);
  const files = packages.map(({ type, name }, at) => ({
    ownedPaths: [{ owner: { type, name }, paths: pathsOf(at) }],
    diagnostics: [],
  }));
  const libraries = packages.flatMap((_, at): readonly PlacedFeature[] =>
    pathsOf(at)
      .slice(-8)
      .map((path) => ({ feature: { type: 'npm', name: `package${at}`, version: '1' }, path })),
  );
  const entries = libraries.map(({ path }) => ({ kind: 'file', path, facts: { diagnostics: [] } }) as const);
  const tree = layOver(emptyTree(), { whiteouts: [], opaque: [], entries, outside: 0 });
  const features = [...packages.map((feature) => ({ feature, path: '' })), ...libraries];
  const before = cpuUsage();
  const { owners } = ownersOf(tree, { features: new Map(features.map((each) => [placeKey(each), each])), files });
  const { user, system } = cpuUsage(before);
  expect(owners.size).toBe(libraries.length);
  expect((user + system) / 1_000_000).toBeLessThan(2);
});
