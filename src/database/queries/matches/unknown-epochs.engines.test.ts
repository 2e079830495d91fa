import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../contracts/store.ts';
import { runCount } from '../../../../test/fixtures/run-count.ts';
import { openStore } from '../../open-store.ts';
import { advisory, digestOf } from '../../testing/packages.ts';
import { publish } from '../../testing/store-content.ts';
import { ENGINES, newLayer, NO_CONTENTS } from '../../testing/stores.ts';
import type { AffectedPackage } from '../../../model/advisories/advisory.ts';
import type { SystemPackage } from '../../../model/feature.ts';

const NAMESPACE = 'rhel:9';
const VERSIONS = ['1.1-1', '1.2-1', '1.2-1.1', '1.3-1'];
const ENDS = ['', '1:', '2:'].flatMap((epoch) => VERSIONS.map((version) => `${epoch}${version}`));

const end = fc.constantFrom(...ENDS);
const range = fc.oneof(
  fc.record({ fixed: end }),
  fc.record({ lastAffected: end }),
  fc.record({ fixed: end, introduced: fc.constantFrom('1.1-1', '1:1.1-1') }),
  fc.constant<Partial<AffectedPackage>>({}),
);
const installed = fc.record({
  version: fc.constantFrom(...VERSIONS, '1:1.2-1'),
  hasEpoch: fc.boolean(),
});

describe.each(ENGINES)('packages without epochs on %s', (engine, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
  });
  afterEach(() => store.close());

  it('are affected in the search for images and layers if they are findings in the report', async () => {
    let layers = 0;
    const outcomes = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        installed,
        fc.array(range, { minLength: 1, maxLength: 2 }),
        async ({ version, hasEpoch }, all) => {
          layers += 1;
          const name = `p${layers}`;
          const source = { name: `s${layers}`, version: version.replace(/^\d+:/, '') };
          // If the SBOM contains epochs, a version without an epoch has the epoch 0.
          const stated = hasEpoch || version.includes(':') ? {} : ({ epoch: 'unknown' } as const);
          const feature: SystemPackage = { type: 'rpm', name, version, arch: 'x86_64', source, ...stated };
          const place = { path: '', namespace: NAMESPACE, originDepth: 0, change: 1 } as const;
          const layer = await store.layers.insert(newLayer(`layer-${layers}`, null, [{ feature, ...place }]));
          const about = { reference: 'r', target: 't', platform: 'p', leaf: layer.id, scannedAt: 1 };
          await store.images.record({ ...NO_CONTENTS, ...about, digest: digestOf('a') });
          const affected = all.map((each, at) => {
            const of = at === 0 ? { package: name } : ({ package: source.name, role: 'source' } as const);
            return { ...each, ...of, namespace: NAMESPACE };
          });
          await publish(store, [advisory('CVE-1', ...affected)], layers, { feed: 'redhat', scheme: 'rpm' });
          const { matches, undecided } = await store.matches.verdicts(layer.id);
          const { images } = await store.matches.affectedImages(['CVE-1'], { after: undefined, limit: 10 });
          expect(images).toHaveLength(matches.length === 0 ? 0 : 1);
          outcomes.add(matches.length > 0 ? 'affected' : undecided.length > 0 ? 'undecided' : 'not affected');
        },
      ),
      { numRuns: engine === 'memory' ? runCount(1000, 100) : runCount(100, 10) },
    );
    expect(engine !== 'memory' || outcomes.size === 3).toBe(true);
  });
});
