import { expect, it } from 'vitest';
import { currentVersions, isCurrent, MAX_FINGERPRINT, versionOfEngine } from './engine-version.ts';

it.each<[layer: number, engine: number, expected: boolean]>([
  [31, 31, true],
  [32, 31, true],
  [30, 31, false],
  [versionOfEngine(31, 7), 31, false],
  [31, versionOfEngine(31, 7), false],
  [versionOfEngine(31, 7), versionOfEngine(31, 7), true],
  [versionOfEngine(32, 7), versionOfEngine(31, 7), true],
  [versionOfEngine(30, 7), versionOfEngine(31, 7), false],
  [versionOfEngine(31, 8), versionOfEngine(31, 7), false],
])('a layer of engine version %i is current for the engine %i: %s', (layer, engine, expected) => {
  expect(isCurrent({ engineVersion: layer }, engine)).toBe(expected);
});

it('is the version of the detectors without classifiers', () => {
  expect(versionOfEngine(31, 0)).toBe(31);
});

it('fits into a 32-bit integer', () => {
  expect(currentVersions(versionOfEngine(1023, MAX_FINGERPRINT))).toEqual([2 ** 31 - 1, 2 ** 31 - 1]);
  expect(() => versionOfEngine(1024, 0)).toThrow('1024');
});
