import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { symbolSet, writeFunctions } from '../../../model/programs/compact-functions.ts';
import { nameHash } from '../../../model/programs/name-hash.ts';
import type { Program, ProgramChange } from '../../../model/programs/program.ts';
import type { Layer } from '../../../model/layer.ts';
import type { Store } from '../../contracts/store.ts';
import { openStore } from '../../open-store.ts';
import { ENGINES, newLayer } from '../../testing/stores.ts';

/** Returns a program with one function of the module example.org/one. */
function programWith(symbol: string): Program {
  const symbols = symbolSet(Float64Array.of(nameHash('example.org/one', symbol)));
  const modules = [{ path: 'example.org/one' }];
  const functions = writeFunctions({ modules, packages: ['example.org/one'], closureNames: [], symbols });
  return { os: 'linux', arch: 'amd64', functions };
}

describe.each(ENGINES)('the programs of layers, on %s', (_, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
  });
  afterEach(async () => {
    await store.close();
  });

  const insert = async (name: string, parent: Layer | null, ...programs: readonly ProgramChange[]): Promise<Layer> =>
    await store.layers.insert({ ...newLayer(name, parent, []), programs });
  /** Returns the path of each program, followed by the functions (A, B or both) of the program. */
  const programsAt = async ({ id }: Layer): Promise<readonly string[]> =>
    [...(await store.layers.programs(id))]
      .map(([path, { hasSymbol, unknown = '' }]) => {
        return `${path} ${['A', 'B'].filter((each) => hasSymbol('example.org/one', each)).join()}${unknown}`;
      })
      .toSorted();

  it('apply to the layers above until they change', async () => {
    const base = await insert(
      'base',
      null,
      { path: 'x', program: programWith('A') },
      { path: 'y', program: programWith('A') },
    );
    const same = await insert('same', base);
    const replaced = await insert('replaced', same, { path: 'x', program: programWith('B') });
    const unknown = { os: 'linux', arch: 'amd64', unknown: 'no function table was found' };
    const removed = await insert('removed', replaced, { path: 'x', program: null }, { path: 'y', program: unknown });
    expect(await programsAt(base)).toEqual(['x A', 'y A']);
    expect(await programsAt(same)).toEqual(['x A', 'y A']);
    expect(await programsAt(replaced)).toEqual(['x B', 'y A']);
    expect(await programsAt(removed)).toEqual(['y no function table was found']);
    expect([...(await store.layers.programIds(removed.id)).keys()]).toEqual(['y']);
    expect((await store.sizes.tables()).find(({ table }) => table === 'program')?.rows).toBe(3);
  });

  it('are removed with their layer', async () => {
    const base = await insert('base', null, { path: 'x', program: programWith('A') });
    await store.layers.remove('base');
    expect(await programsAt(base)).toEqual([]);
  });
});
