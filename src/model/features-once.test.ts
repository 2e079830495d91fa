import { expect, it } from 'vitest';
import type { LibraryPackage } from './feature.ts';
import { featuresOnce } from './features-once.ts';
import type { LocatedFeature } from './layer.ts';

const library = (version: string): LibraryPackage => ({ type: 'npm', name: 'a', version });

function at(path: string, originDepth: number, version = '1', namespace = 'npm'): LocatedFeature {
  return { feature: library(version), namespace, path, originDepth };
}

it('returns a feature at several paths once, with its first path and lowest layer', () => {
  const installed = [at('x', 2), at('y', 1), at('x', 0, '2'), at('z', 3), at('x', 4, '1', '')];
  expect(featuresOnce(installed)).toEqual([at('x', 1), at('x', 0, '2'), at('x', 4, '1', '')]);
});
