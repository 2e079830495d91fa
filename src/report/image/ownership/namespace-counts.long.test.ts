import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../../database/contracts/store.ts';
import { memoryStore } from '../../../database/testing/memory-store.ts';
import { advisory, deb } from '../../../database/testing/packages.ts';
import { publish } from '../../../database/testing/store-content.ts';
import { newLayer } from '../../../database/testing/stores.ts';
import type { FeatureChange } from '../../../model/layer.ts';
import { namespacesOf } from './namespace-counts.ts';
import { judgesOf } from './judges.ts';

let store: Store;
beforeEach(async () => {
  store = await memoryStore();
  const covered = ['debian:9', 'debian:12'].map((namespace) => ({ package: 'a', namespace }));
  await publish(store, [advisory('CVE-1', ...covered)]);
});
afterEach(() => store.close());

/** Generates a feature at a path. The support of Debian 9 has ended, and no feed covers Debian 13. */
const place = fc.record({
  name: fc.constantFrom('a', 'b'),
  namespace: fc.constantFrom('debian:12', 'npm', ''),
  judgedBy: fc.constantFrom(undefined, 'debian:9', 'debian:12', 'debian:13'),
  path: fc.constantFrom('', 'app/one', 'app/two'),
});
const places = fc.uniqueArray(place, { maxLength: 8, selector: (each) => JSON.stringify(each) });

describe('the number of features in each namespace', () => {
  it('is the same for the listed features as for the database', async () => {
    let layers = 0;
    await fc.assert(
      fc.asyncProperty(places, places, fc.nat(8), async (lower, upper, removed) => {
        const base = await insert(null, lower.map(added(0)));
        const isNew = (each: unknown): boolean =>
          !lower.some((known) => JSON.stringify(known) === JSON.stringify(each));
        const gone = lower.slice(0, removed).map((each) => ({ ...added(1)(each), change: -1 as const }));
        const top = await insert(base, [...gone, ...upper.filter(isNew).map(added(1))]);
        for (const { id, diagnostics } of [base, top]) {
          const installed = await store.layers.features(id);
          const judges = await judgesOf(store.feeds, installed, diagnostics);
          expect(namespacesOf({ installed, judges })).toEqual(await store.layers.namespaces(id));
        }
      }),
    );

    async function insert(parent: Parameters<typeof newLayer>[1], changes: readonly FeatureChange[]) {
      return await store.layers.insert(newLayer(`layer ${(layers += 1)}`, parent, changes));
    }
  });
});

const added =
  (originDepth: number) =>
  ({ name, judgedBy, ...others }: typeof place extends fc.Arbitrary<infer Place> ? Place : never): FeatureChange => ({
    ...others,
    ...(judgedBy !== undefined && { judgedBy }),
    feature: deb(name, '1'),
    originDepth,
    change: 1,
  });
