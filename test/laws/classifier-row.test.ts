import { expect, it } from 'vitest';
import { advisory } from '../../src/database/testing/packages.ts';
import { publish } from '../../src/database/testing/store-content.ts';
import { openStore } from '../../src/database/open-store.ts';
import { reportImage } from '../../src/report/image/image-report.ts';
import { findingsOf } from '../../src/report/testing/layer-report.ts';
import { detectorsWith } from '../../src/worker/detectors/index.ts';
import { elfFile } from '../../src/worker/detectors/libraries/executables/testing/elf-file.ts';
import type { Classifier } from '../../src/worker/detectors/libraries/programs/classifier.ts';
import { file, layeredImage } from '../../src/worker/testing/layered-image.ts';
import { createLocalWorker } from '../../src/worker/testing/local-worker.ts';

/** A new program needs only a row of data: the test adds a row for a made-up program. */
const ROW: Classifier = {
  name: 'made-up-server',
  files: ['made-up-server*'],
  expressions: ['MadeUp/{version}\\0'],
  bitnami: 'made-up',
};

it('a program is detected, matched, and listed with one row of data', async () => {
  const store = await openStore({ type: 'memory' });
  try {
    const affected = { namespace: 'bitnami', package: 'made-up', fixed: '2.5.0' };
    await publish(store, [advisory('CVE-2099-1', affected)], 1000, { feed: 'osv', scheme: 'semver' });
    const detectors = detectorsWith([ROW]);
    const program = (version: string) => elfFile([{ name: '.rodata', content: Buffer.from(`\0MadeUp/${version}\0`) }]);
    const image = layeredImage([
      file('opt/a/made-up-server', program('2.4.1')),
      file('opt/b/made-up-server-2', program('2.5.0')),
    ]);
    const layers = await createLocalWorker({ store, detectors }).analyzeImage(image);
    const report = await reportImage(store, image, layers, 0);
    expect(findingsOf(report)).toEqual(['CVE-2099-1 made-up-server 2.4.1']);
    expect(report.findings[0]).toMatchObject({ type: 'generic', paths: ['opt/a/made-up-server'], layer: 0 });
    expect(report.packages.map(({ name, version }) => `${name} ${version}`).toSorted()).toEqual([
      'made-up-server 2.4.1',
      'made-up-server 2.5.0',
    ]);
    expect(detectors.at(-1)?.coverage?.use).toContain('made-up-server');
  } finally {
    await store.close();
  }
});
