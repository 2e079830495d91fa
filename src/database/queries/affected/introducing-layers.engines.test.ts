import { afterEach, describe, expect, it } from 'vitest';
import { knowLayer, publish } from '../../testing/store-content.ts';
import { advisory, deb } from '../../testing/packages.ts';
import { ENGINES, newLayer } from '../../testing/stores.ts';
import { openStore } from '../../open-store.ts';
import type { Store } from '../../contracts/store.ts';

const LAYERS = 40;

/**
 * Some layers introduce none of the three packages of the source package `tool`, and some introduce more than one
 * package.
 */
const packagesOf = (at: number): readonly string[] =>
  ['tool', 'tool-data', 'libtool'].filter((_, number) => at % (number + 2) === 0);

/**
 * Returns whether a newer engine found no packages in a layer: true for a sequence of layers and for the last layer.
 */
const analysedAgain = (at: number): boolean => (at > 6 && at < 30) || at === LAYERS - 1;

describe.each(ENGINES)('the layers that introduce a vulnerability (%s)', (_, optionsOf) => {
  let store: Store;
  afterEach(() => store.close());

  it.each([1, 2, 7, LAYERS + 1])('are returned in pages of %i, each once and in order', async (limit) => {
    store = await openStore(optionsOf());
    const expected: string[] = [];
    for (let at = 0; at < LAYERS; at += 1) {
      const name = `layer-${at}`;
      // A feature at several paths is counted once for its layer.
      const paths = ['', 'app', 'srv'].slice(0, (at % 3) + 1);
      const changes = packagesOf(at).flatMap((each) =>
        paths.map((path) => ({
          feature: deb(each, '1.0', { name: 'tool' }),
          path,
          namespace: 'debian:12',
          originDepth: 0,
          change: 1 as const,
        })),
      );
      await store.layers.insert(newLayer(name, null, changes));
      if (changes.length > 0 && !analysedAgain(at)) expected.push(name);
    }
    for (let at = 0; at < LAYERS; at += 1) {
      if (analysedAgain(at)) await store.layers.insert({ ...newLayer(`layer-${at}`, null, []), engineVersion: 2 });
    }
    await publish(store, [advisory('CVE-1', { package: 'tool', fixed: '2.0' })]);

    const stored = await allPages((after) => store.matches.introducingLayers(['CVE-1'], { after, limit }), limit);
    expect(stored).toEqual(expected);
    const affected = [{ namespace: 'debian:12', package: 'tool', severity: 'Low', status: 'open' }] as const;
    const asked = await allPages((after) => store.matches.affectedLayers({ affected }, { after, limit }), limit);
    expect(asked).toEqual(expected);
  });

  it('are returned once for several vulnerabilities, in the same order, and the advisories are in the order of the names', async () => {
    store = await openStore(optionsOf());
    for (const [name, packages] of [
      ['both', ['a', 'b']],
      ['second', ['b']],
      ['first', ['a']],
    ] as const) {
      await knowLayer(
        store,
        name,
        packages.map((each) => deb(each, '1')),
      );
    }
    await publish(store, [advisory('CVE-1', { package: 'a' }), advisory('CVE-2', { package: 'b' })]);
    const names = ['CVE-2', 'CVE-none', '\0', 'CVE-1', 'CVE-2'];
    const layers = async (limit: number): Promise<readonly string[]> =>
      (await store.matches.introducingLayers(names, { after: 0, limit })).map(({ name }) => name);
    expect(await layers(10)).toEqual(['both', 'second', 'first']);
    expect(await layers(2)).toEqual(['both', 'second']);
    const records = await store.vulnerabilities.findAll(names);
    expect(records).toEqual([
      ...(await store.vulnerabilities.find('CVE-2')),
      ...(await store.vulnerabilities.find('CVE-1')),
    ]);
    expect(records).toHaveLength(2);
  });
});

async function allPages(
  read: (after: number) => Promise<readonly { readonly id: number; readonly name: string }[]>,
  limit: number,
): Promise<readonly string[]> {
  const names: string[] = [];
  for (let after = 0; ; ) {
    const page = await read(after);
    expect(page.length).toBeLessThanOrEqual(limit);
    names.push(...page.map(({ name }) => name));
    const end = page.at(-1);
    if (end === undefined || page.length < limit) return names;
    after = end.id;
  }
}
