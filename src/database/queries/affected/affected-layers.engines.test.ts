import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advisory, deb } from '../../testing/packages.ts';
import { ENGINES, newLayer } from '../../testing/stores.ts';
import type { AffectedPackage } from '../../../model/advisories/advisory.ts';
import type { Layer } from '../../../model/layer.ts';
import { type SystemPackage } from '../../../model/feature.ts';
import { openStore } from '../../open-store.ts';
import type { Store } from '../../contracts/store.ts';

describe.each(ENGINES)('the layers affected by an advisory that is not stored, on %s', (_, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
    const base = await layer('a-1', null, deb('a', '1'));
    await layer('inherits', base);
    await layer('a-2', base, deb('a', '2'));
    await layer('a-3', null, deb('a', '3'));
    await layer('a-1-b-1', null, deb('a', '1'), deb('b', '1'));
  });
  afterEach(async () => {
    await store.close();
  });

  const layer = async (name: string, parent: Layer | null, ...packages: readonly SystemPackage[]): Promise<Layer> =>
    await store.layers.insert(
      newLayer(
        name,
        parent,
        packages.map((of) => ({
          feature: of,
          path: '',
          namespace: 'debian:12',
          originDepth: parent === null ? 0 : 1,
          change: 1,
        })),
      ),
    );

  type Said = Partial<AffectedPackage> & { readonly package: string };
  const layersOf = async (affected: readonly Said[], except: readonly Said[] = [], limit = 10): Promise<string[]> => {
    const query = { affected: advisory('CVE-1', ...affected).affected, except: advisory('CVE-1', ...except).affected };
    const names: string[] = [];
    for (let after = 0; ; ) {
      const page = await store.matches.affectedLayers(query, { after, limit });
      names.push(...page.map(({ name }) => name));
      const end = page.at(-1);
      if (end === undefined || page.length < limit) return names;
      after = end.id;
    }
  };

  it.each<[string, Said[], string[]]>([
    ['no fixed version', [{ package: 'a' }], ['a-1', 'a-2', 'a-3', 'a-1-b-1']],
    ['versions below the fix', [{ package: 'a', fixed: '3' }], ['a-1', 'a-2', 'a-1-b-1']],
    ['versions from the introduction on', [{ package: 'a', introduced: '2' }], ['a-2', 'a-3']],
    ['versions up to the last affected one', [{ package: 'a', lastAffected: '2' }], ['a-1', 'a-2', 'a-1-b-1']],
    ['several ranges', [{ package: 'a', introduced: '3' }, { package: 'b' }], ['a-3', 'a-1-b-1']],
    ['another namespace', [{ package: 'a', namespace: 'debian:13' }], []],
    ['a package in no layer', [{ package: 'c' }], []],
    ['a source package of the same name', [{ package: 'a', role: 'source' }], []],
    ['another architecture', [{ package: 'a', archs: ['arm64'] }], []],
    ['another module', [{ package: 'a', module: 'm:1' }], []],
    ['an undecided range', [{ package: 'a', status: 'undetermined' }], []],
    ['a bound that is not a valid version', [{ package: 'a', fixed: 'no version' }], ['a-1', 'a-2', 'a-3', 'a-1-b-1']],
  ])('%s', async (_what, affected, expected) => {
    expect(await layersOf(affected)).toEqual(expected);
    expect(await layersOf(affected, [], 1)).toEqual(expected);
  });

  it.each<[string, Said[], Said[], string[]]>([
    ['the same range', [{ package: 'a' }], [{ package: 'a' }], []],
    ['a range below a fix', [{ package: 'a' }], [{ package: 'a', fixed: '3' }], ['a-3']],
    [
      'a part of the range',
      [{ package: 'a' }],
      [{ package: 'a', introduced: '2', fixed: '3' }],
      ['a-1', 'a-3', 'a-1-b-1'],
    ],
    ['a lower fix', [{ package: 'a', fixed: '3' }], [{ package: 'a', fixed: '2' }], ['a-2']],
    ['another package of the same layer', [{ package: 'b' }], [{ package: 'a' }], []],
    ['a range for one architecture', [{ package: 'a' }], [{ package: 'a', archs: ['amd64'] }], []],
    [
      'an undecided range, which affects none',
      [{ package: 'b' }],
      [{ package: 'b', status: 'undetermined' }],
      ['a-1-b-1'],
    ],
  ])('exclude the layers of %s', async (_what, affected, except, expected) => {
    expect(await layersOf(affected, except)).toEqual(expected);
    expect(await layersOf(affected, except, 1)).toEqual(expected);
  });
});
