import fc from 'fast-check';
import { expect, it } from 'vitest';
import { deb } from '../../../database/testing/packages.ts';
import type { FileFacts } from '../../detectors/detector.ts';
import { type FeatureCensus, NO_FEATURES, takeCensus } from './feature-census.ts';

/** Files with two or three packages; some packages are in several files, or twice in a file. */
const FILES: readonly FileFacts[] = Array.from({ length: 12 }, (_, at) => ({
  packages: [`a${at}`, `a${at % 3}`, ...(at % 4 === 0 ? ['shared'] : [])].map((name) => deb(name, '1')),
  diagnostics: [],
}));

function namesOf({ features }: FeatureCensus): readonly string[] {
  return [...features.values()].map(({ feature }) => feature.name).toSorted();
}

it.each([100, 5])('returns the packages of the last layer in a chain, at most %i', (limit) => {
  const layers = fc.array(fc.uniqueArray(fc.constantFrom(...FILES)), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(layers, (chain) => {
      const last = chain.reduce((below, files) => takeCensus(below, new Set(files), limit), NO_FEATURES);
      const files = chain.at(-1) ?? [];
      const all = new Set(files.flatMap(({ packages = [] }) => packages.map(({ name }) => name)));
      expect(last.isCut).toBe(all.size > limit);
      expect(namesOf(last)).toEqual([...all].slice(0, limit).toSorted());
    }),
  );
});
