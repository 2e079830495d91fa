import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { composeClair } from '../../src/compose/clair.ts';
import type { Distribution } from '../../src/model/releases/distribution.ts';
import { isSystemPackage, type SystemPackage } from '../../src/model/feature.ts';
import { layerAt } from '../../src/worker/sources/layer-location.ts';
import { sharedPath } from '../../test/fixtures/shared-data.ts';
import { FigureUnavailable } from '../figure.ts';

/** The packages of a real Debian base layer. */
export type BaseImage = { readonly distribution: Distribution; readonly packages: readonly SystemPackage[] };

const FILES = ['trixie', 'trixie-ess', 'bullseye'].map((name) => `images/debian-dbonly/${name}.layer.tar.xz`);

/**
 * Analyses the real base layers beside the repository.
 *
 * @throws FigureUnavailable when the base layers are missing
 */
export async function readBaseImages(): Promise<readonly BaseImage[]> {
  const clair = await composeClair({ type: 'memory' });
  try {
    const found: BaseImage[] = [];
    for (const path of FILES.map(sharedPath)) {
      if (!existsSync(path)) throw new FigureUnavailable(`${path} not found`);
      const source = await layerAt(path, {
        http: { get: noNetwork, close: async () => undefined },
        allowedPaths: [dirname(path)],
      });
      const { id, distribution } = await clair.worker.analyzeLayer({ name: path, parent: null, source });
      if (distribution === null) throw new Error(`${path} has no operating system`);
      const packages = await clair.store.layers.features(id);
      found.push({ distribution, packages: packages.map(({ feature }) => feature).filter(isSystemPackage) });
    }
    return found;
  } finally {
    await clair.close();
  }
}

function noNetwork(): never {
  throw new Error('this bench sends no HTTP requests');
}
