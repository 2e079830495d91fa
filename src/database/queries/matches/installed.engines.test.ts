import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FeatureChange, Layer } from '../../../model/layer.ts';
import type { Store } from '../../contracts/store.ts';
import { openStore } from '../../open-store.ts';
import { advisory, deb } from '../../testing/packages.ts';
import { publish } from '../../testing/store-content.ts';
import { ENGINES, newLayer } from '../../testing/stores.ts';

const NAMES = ['a', 'b'];
const PATHS = ['', 'usr/x', 'srv/x'];

/**
 * The change that a layer makes to a feature at a path. `back` restores the feature with its last origin, like a
 * restored namespace.
 */
const step = fc.record({
  name: fc.constantFrom(...NAMES),
  path: fc.constantFrom(...PATHS),
  kind: fc.constantFrom('add', 'remove', 'back'),
});

describe.each(ENGINES)('the matches of the installed features on %s', (_, options) => {
  let store: Store;
  beforeAll(async () => {
    store = await openStore(options());
    await publish(store, [advisory('CVE-1', ...NAMES.map((name) => ({ package: name })))], 1);
  });
  afterAll(() => store.close());

  let layers = 0;

  it('have the lowest layer that added one of the paths of the feature', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { maxLength: 4 }), { minLength: 1, maxLength: 6 }), async (chain) => {
        const origins = new Map<string, number>();
        const last = new Map<string, number>();
        let parent: Layer | null = null;
        for (const [depth, steps] of chain.entries()) {
          const changes = new Map<string, FeatureChange>();
          for (const { name, path, kind } of steps) {
            const place = `${name} ${path}`;
            if (changes.has(place)) continue;
            const origin = origins.get(place);
            const added = kind === 'back' ? (last.get(place) ?? depth) : depth;
            if ((kind === 'remove') !== (origin !== undefined)) continue;
            const change = { feature: deb(name, '1'), path, namespace: 'debian:12' };
            if (kind === 'remove') {
              origins.delete(place);
              changes.set(place, { ...change, originDepth: depth, change: -1 });
              continue;
            }
            origins.set(place, added);
            last.set(place, added);
            changes.set(place, { ...change, originDepth: added, change: 1 });
          }
          layers += 1;
          parent = await store.layers.insert(newLayer(`${layers}`, parent, [...changes.values()]));
        }
        const expected = NAMES.flatMap((name) => {
          const depths = PATHS.flatMap((path) => origins.get(`${name} ${path}`) ?? []);
          return depths.length === 0 ? [] : [`${name} ${Math.min(...depths)}`];
        });
        const found = await store.matches.ofLayer(parent?.id ?? 0);
        expect(found.map(({ feature, originDepth }) => `${feature.name} ${originDepth}`)).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });
});
