import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { composeClair } from '../../src/compose/clair.ts';
import { DETECTORS } from '../../src/worker/detectors/index.ts';
import { readLayer } from '../../src/worker/layer/layer-reader.ts';
import { openImage } from '../../src/worker/sources/target.ts';
import { type Run, timed } from '../figure.ts';

/** An archive with files of `bytes` bytes, and the number of threads that read its layers. */
export type ImageRun = { readonly path: string; readonly bytes: number; readonly threads: number };

/**
 * Analyses a docker-archive as `clair scan` does, with a database in memory. Also reports how long the event loop of the
 * main thread was blocked.
 */
export async function analyseImage({ path, bytes, threads }: ImageRun, compose: typeof composeClair): Promise<Run> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const run = await timed(async () => {
    const clair = await compose({ type: 'memory' }, { threads });
    delay.enable();
    const image = await openImage({ kind: 'docker-archive', path, tag: undefined });
    const layers = await clair.worker.analyzeImage(image);
    const packages = await clair.store.layers.features(layers.at(-1)?.id ?? 0);
    delay.disable();
    await image.close();
    await clair.close();
    return { what: `${packages.length} packages`, amount: { count: bytes, unit: 'bytes' } };
  });
  const held = [delay.percentile(99), delay.max].map((nanoseconds) => (nanoseconds / 1e6).toFixed(0));
  return {
    ...run,
    what: `${run.what}; event loop blocked for ${held[0]} ms at the 99th percentile, ${held[1]} ms at most`,
  };
}

/** Analyses the layers of a docker-archive one after the other in this thread, without storing results. */
export async function analyseInTurn(path: string, bytes: number): Promise<Run> {
  return await timed(async () => {
    const image = await openImage({ kind: 'docker-archive', path, tag: undefined });
    let packages = 0;
    for (const { source } of image.layers) {
      const { contents } = await readLayer(source, DETECTORS);
      packages = contents.entries.flatMap((entry) =>
        entry.kind === 'file' ? (entry.facts?.packages ?? []) : [],
      ).length;
    }
    await image.close();
    return { what: `${packages} packages`, amount: { count: bytes, unit: 'bytes' } };
  });
}
