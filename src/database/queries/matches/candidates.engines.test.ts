import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Advisory, AffectedPackage } from '../../../model/advisories/advisory.ts';
import type { LibraryPackage } from '../../../model/feature.ts';
import type { Store } from '../../contracts/store.ts';
import { openStore } from '../../open-store.ts';
import { advisory } from '../../testing/packages.ts';
import { publish } from '../../testing/store-content.ts';
import { ENGINES, newLayer } from '../../testing/stores.ts';

const LOG4J = 'org.apache.logging.log4j:log4j-core';
const OLD = 'log4j:log4j-core';
const UNCERTAIN = { type: 'maven', name: 'log4j-core', version: '2.14.1', candidates: [OLD, LOG4J] };

async function update(store: Store, ...affected: readonly (Partial<AffectedPackage> & { package: string })[]) {
  const advisories: readonly Advisory[] = [advisory('CVE-1', ...affected.map((of) => ({ namespace: 'maven', ...of })))];
  await publish(store, advisories, 1, { feed: 'osv', scheme: 'maven' });
}

/**
 * A package whose group is uncertain has a point on the version line of each candidate, and on no other version line.
 */
describe.each(ENGINES)('a package with candidates on %s', (_, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
  });
  afterEach(() => store.close());

  /** Returns the names by which a package is matched, after checking that both queries agree. */
  async function matchedAs(feature: LibraryPackage, layer = 'layer'): Promise<readonly string[]> {
    const change = { feature, path: 'app.jar', namespace: 'maven', originDepth: 0, change: 1 } as const;
    const { id } = await store.layers.insert(newLayer(layer, null, [change]));
    const matches = await store.matches.ofLayer(id);
    const introducing = await store.matches.introducingLayers(['CVE-1'], { after: 0, limit: 1000 });
    expect(introducing.some((each) => each.id === id)).toBe(matches.length > 0);
    expect(matches.map((match) => match.feature)).toEqual(matches.map(() => feature));
    return matches.map(({ range }) => range.name);
  }

  it.each<[string, readonly Parameters<typeof advisory>[1][], LibraryPackage, readonly string[]]>([
    ['an advisory about the first candidate', [{ package: OLD, fixed: '2.15.0' }], UNCERTAIN, [OLD]],
    ['an advisory about the last candidate', [{ package: LOG4J, fixed: '2.15.0' }], UNCERTAIN, [LOG4J]],
    ['an advisory that is fixed in the version', [{ package: LOG4J, fixed: '2.14.1' }], UNCERTAIN, []],
    [
      'an advisory about both candidates, once, by the range that ends last',
      [
        { package: OLD, fixed: '2.16.0' },
        { package: LOG4J, fixed: '2.15.0' },
      ],
      UNCERTAIN,
      [OLD],
    ],
    ['no advisory about another group', [{ package: 'com.example:log4j-core' }], UNCERTAIN, []],
    [
      'no advisory about the artifact of another name',
      [{ package: 'org.apache.logging.log4j:log4j-api' }],
      UNCERTAIN,
      [],
    ],
    [
      'no advisory, without a candidate',
      [{ package: LOG4J }, { package: OLD }],
      { type: 'maven', name: 'log4j-core', version: '2.14.1' },
      [],
    ],
    [
      'an advisory about its own name, if the group is certain',
      [{ package: LOG4J }],
      { type: 'maven', name: LOG4J, version: '2.14.1' },
      [LOG4J],
    ],
  ])('matches %s', async (_name, affected, feature, expected) => {
    await update(store, ...affected);
    expect(await matchedAs(feature)).toEqual(expected);
  });

  it('differs from a package with other candidates', async () => {
    await update(store, { package: LOG4J });
    expect(await matchedAs(UNCERTAIN, 'one')).toEqual([LOG4J]);
    expect(await matchedAs({ ...UNCERTAIN, candidates: [OLD] }, 'two')).toEqual([]);
    const { type, name, version, candidates } = UNCERTAIN;
    // The order of the fields of a feature does not matter.
    expect(await matchedAs({ type, candidates, version, name }, 'three')).toEqual([LOG4J]);
  });
});
