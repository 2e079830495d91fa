import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runCount } from '../../../../test/fixtures/run-count.ts';
import { knowLayer, publish } from '../../testing/store-content.ts';
import { advisory, deb, digestOf } from '../../testing/packages.ts';
import { NO_CONTENTS } from '../../testing/stores.ts';
import type { Layer } from '../../../model/layer.ts';
import { memoryStore } from '../../testing/memory-store.ts';

const DAY = 86_400_000;

/** Storing a layer is recorded as a use of the layer, so the tests run at a later time. */
const NOW = Date.now();
const LATER = NOW + 100 * DAY;
const AGO_90 = LATER - 90 * DAY;

describe('any data', () => {
  const layer = fc.record({
    parent: fc.nat(),
    isRoot: fc.boolean(),
    age: fc.nat(180),
    packages: fc.array(fc.nat(7), { maxLength: 3 }),
    imageAge: fc.option(fc.nat(180)),
  });

  it('keeps recent data and the layers below it, with the same results', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(layer, { maxLength: 12 }),
        fc.array(fc.nat(7), { maxLength: 4 }),
        async (of, flawed) => {
          const store = await memoryStore();
          try {
            await publish(
              store,
              flawed.map((name, at) => advisory(`CVE-${at}`, { package: `p${name}`, fixed: at % 2 === 0 ? '1' : '2' })),
            );
            const layers: Layer[] = [];
            const expected = new Set<number>();
            for (const [index, { parent: at, isRoot, age, packages, imageAge }] of of.entries()) {
              const parent = isRoot ? null : (layers[at % Math.max(1, layers.length)] ?? null);
              const installed = [...new Set(packages)].map((name) => deb(`p${name}`, `${1 + (name % 2)}`));
              const known = await knowLayer(store, `layer-${index}`, installed, parent);
              layers.push(known);
              await store.layers.noteUse([known.id], LATER - age * DAY);
              if (imageAge !== null) {
                const digest = digestOf(index.toString(16));
                const image = { digest, reference: 'r', target: 't', platform: 'p', leaf: known.id };
                await store.images.record({ ...NO_CONTENTS, ...image, scannedAt: LATER - imageAge * DAY });
              }
              if (Math.max(LATER - age * DAY, imageAge === null ? 0 : LATER - imageAge * DAY, NOW) < AGO_90) continue;
              for (const { id } of await store.layers.chain(known.id)) expected.add(id);
            }
            const kept = layers.filter(({ id }) => expected.has(id));
            const answers = async (): Promise<unknown> =>
              await Promise.all(
                kept.map(async ({ id, name }) => [
                  await store.layers.find(name),
                  await store.layers.chain(id),
                  await store.layers.features(id),
                  await store.layers.changes(id),
                  await store.matches.ofLayer(id),
                  await store.matches.undecided(id),
                ]),
              );
            const before = await answers();
            await store.retention.apply(await store.retention.plan({ layers: AGO_90, images: AGO_90 }));
            expect(await answers()).toEqual(before);
            const left = await Promise.all(layers.map(({ id }) => store.layers.get(id)));
            expect(left.filter((each) => each !== undefined)).toEqual(kept);
            for (const [at] of flawed.entries()) {
              const page = await store.matches.introducingLayers([`CVE-${at}`], { after: 0, limit: 99 });
              expect(page.filter(({ id }) => !expected.has(id))).toEqual([]);
            }
          } finally {
            await store.close();
          }
        },
      ),
      { numRuns: runCount(60, 20) },
    );
  });
});
