import { expect, it } from 'vitest';
import { memoryStore } from '../../../database/testing/memory-store.ts';
import { DETECTORS } from '../../detectors/index.ts';
import { elfProgram } from '../../detectors/libraries/executables/testing/program-file.ts';
import { file, gone, layeredImage } from '../../testing/layered-image.ts';
import { createLocalWorker } from '../../testing/local-worker.ts';

it('each layer has its own diagnostic about programs, and the layers beyond 100 share one diagnostic', async () => {
  const store = await memoryStore();
  const layers = Array.from({ length: 103 }, (_, index) => [file(`opt/${index}`, elfProgram({ code: String(index) }))]);
  const stored = await createLocalWorker({ store, detectors: DETECTORS }).analyzeImage(layeredImage(...layers));
  const diagnostics = stored.at(-1)?.diagnostics.filter(({ code }) => code === 'executable-origin-unknown') ?? [];
  expect(diagnostics).toHaveLength(101);
  expect(diagnostics[99]?.executables).toEqual([{ layer: 99, count: 1 }]);
  expect(diagnostics[100]).toEqual({
    code: 'executable-origin-unknown',
    message:
      '3 executables of unknown origin in 3 more layers: opt/100, opt/101, opt/102; ' +
      'install them with a package, or describe them with a classifier',
    where: '3 more layers',
    executables: [100, 101, 102].map((layer) => ({ layer, count: 1 })),
  });
  // A new worker has no cached states, so it computes the state from the stored layers.
  const anew = await createLocalWorker({ store, detectors: DETECTORS }).analyzeImage(
    layeredImage(...layers, [gone('opt/7'), file('opt/new', elfProgram())]),
  );
  const counts = anew.at(-1)?.diagnostics.flatMap(({ executables = [] }) => executables) ?? [];
  expect(counts).toEqual(
    Array.from({ length: 104 }, (_, layer) => ({ layer, count: 1 })).filter(({ layer }) => layer !== 7),
  );
  await store.close();
});
