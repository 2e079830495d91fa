import { describe, expect, it } from 'vitest';
import type { LibraryFlag } from '../../../model/feature.ts';
import type { FeatureMark, FileFacts } from '../../detectors/detector.ts';
import { type PlacedFeature, placeKey } from './feature-census.ts';
import { markedFeatures } from './feature-marks.ts';

const library = (path: string, flags?: readonly LibraryFlag[]): PlacedFeature => ({
  feature: { type: 'npm', name: 'x', version: '1', ...(flags && { flags }) },
  path,
});

function marked(features: readonly PlacedFeature[], ...marks: readonly FeatureMark[]) {
  const files = new Set<FileFacts>(marks.map((mark) => ({ marks: [mark], diagnostics: [] })));
  return markedFeatures(new Map(features.map((each) => [placeKey(each), each])), files);
}

function flagsByPath(features: ReadonlyMap<string, PlacedFeature>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    [...features.values()].map(({ feature, path }) => [path, 'flags' in feature ? feature.flags : undefined]),
  );
}

describe('marks of files', () => {
  it('add flags only to the features at their path, in a fixed order', () => {
    const { features } = marked(
      [library('a'), library('b'), library('c', ['vendored'])],
      { path: 'a', flags: ['bundled'] },
      { path: 'a', flags: ['dev'] },
      { path: 'c', flags: ['dev'] },
      { path: 'missing', flags: ['dev'] },
    );
    expect(flagsByPath(features)).toEqual({ a: ['dev', 'bundled'], b: undefined, c: ['dev', 'vendored'] });
  });

  it('keep the keys, so that a changed flag is not a new installation', () => {
    const { features } = marked([library('a')], { path: 'a', flags: ['dev'] });
    expect([...features.keys()]).toEqual([placeKey(library('a'))]);
  });

  it('name installers', () => {
    const { features, installers } = marked([library('a'), library('b')], { path: 'b', installer: 'deb' });
    expect([...installers]).toEqual([[placeKey(library('b')), 'deb']]);
    expect(flagsByPath(features)).toEqual({ a: undefined, b: undefined });
  });

  it('return the same features if no mark has a new flag', () => {
    const features = new Map([['key', library('a', ['dev'])]]);
    const mark = { marks: [{ path: 'a', flags: ['dev' as const] }], diagnostics: [] };
    expect(markedFeatures(features, new Set([mark])).features).toBe(features);
    expect(markedFeatures(features, new Set()).features).toBe(features);
  });
});
