/** Tests the detectors of libraries with mutated files of all ecosystems. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DETECTORS } from '../../src/worker/detectors/index.ts';
import { runCount } from '../fixtures/run-count.ts';
import { librarySamples } from './fuzz/libraries/samples.ts';
import { fuzz } from './fuzz/watch.ts';

const CASES = runCount(100_000, 1500);
const SEED = 1;

/** Without the SBOM reader, which does not read files of an image (see `sbom-fuzz.long.test.ts`). */
const READERS = DETECTORS.filter(({ id, kind }) => kind === 'features' && id !== 'sbom-libraries');
const SCRIPT = fileURLToPath(new URL('fuzz/libraries/run-cases.ts', import.meta.url));

describe('mutated files with language packages', () => {
  it(`yield packages or diagnostics, unless a rule excludes them as evidence: seed ${SEED}`, async () => {
    const { findings, outcomes } = await fuzz({ seed: SEED, cases: [0, CASES], processes: 1, script: SCRIPT });
    expect(findings).toEqual([]);
    expect(Object.values(outcomes).reduce((sum, count) => sum + count, 0)).toBe(CASES);
    for (const outcome of ['with features', 'with diagnostics', 'no evidence']) {
      expect(outcomes[outcome]).toBeGreaterThan(CASES / 50);
    }
    console.info(`${CASES} mutated files: ${JSON.stringify(outcomes)}`);
  }, 1_200_000);
});

describe('the samples', () => {
  it('are evidence for each detector', () => {
    const silent = READERS.filter((reader) => {
      return !librarySamples().some(({ path, bytes }) => {
        if (reader.id === 'yarn-plug-and-play' && !path.endsWith('.pnp.cjs')) return false;
        const { features = [], marks = [], executable, diagnostics } = reader.read(path, bytes);
        return executable !== undefined || features.length + marks.length + diagnostics.length > 0;
      });
    });
    expect(silent.map(({ id }) => id)).toEqual([]);
  });

  it.each(librarySamples())('are not excluded by a rule before a mutation: $name', ({ path, bytes, isNone }) => {
    const found = READERS.map((reader) => reader.read(path, bytes));
    const isSilent = found.every(({ features = [], marks = [], diagnostics }) => {
      return features.length + marks.length + diagnostics.length === 0;
    });
    expect(isSilent && !isNone(bytes)).toBe(false);
  });
});
