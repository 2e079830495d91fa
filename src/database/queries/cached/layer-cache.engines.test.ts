import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Layer } from '../../../model/layer.ts';
import type { Store } from '../../contracts/store.ts';
import type { Engine, Queries } from '../../engines/engine.ts';
import { openEngine, storeOn } from '../../open-store.ts';
import { advisory, deb } from '../../testing/packages.ts';
import { publish } from '../../testing/store-content.ts';
import { newLayer, newPostgresSource } from '../../testing/stores.ts';

describe('reads with cached parent layers', () => {
  let engine: Engine;
  let store: Store;
  beforeEach(async () => {
    engine = await openEngine({ type: 'postgres', source: newPostgresSource() });
    store = storeOn(engine);
  });
  afterEach(() => engine.close());

  let names = 0;

  /** Stores a layer above another layer with one package. */
  async function layerWith(name: string, parent: Layer | null = null): Promise<Layer> {
    names += 1;
    const originDepth = parent === null ? 0 : 1;
    const change = { feature: deb(name, '1'), path: '', namespace: 'debian:12', originDepth, change: 1 } as const;
    return await store.layers.insert(newLayer(`${names}`, parent, [change]));
  }

  async function packagesAt({ id }: Layer): Promise<readonly string[]> {
    return (await store.layers.features(id)).map(({ feature }) => feature.name);
  }

  it('read the packages of a parent layer only once', async () => {
    const base = await layerWith('below');
    const first = await layerWith('one', base);
    const second = await layerWith('other', base);
    expect(await packagesAt(first)).toEqual(['below', 'one']);
    await engine.transaction(({ run }) => run('DELETE FROM layer_feature WHERE layer = ?', [base.id]));
    expect(await packagesAt(second)).toEqual(['below', 'other']);
  });

  /** Returns a store that records the statements which it sends on one connection. */
  function recordingStore(): { readonly recording: Store; readonly statements: string[] } {
    const statements: string[] = [];
    return {
      statements,
      recording: storeOn({
        ...engine,
        together: <T>(work: (queries: Queries) => Promise<T>) =>
          engine.snapshot(async ({ all, get, ...queries }) =>
            work({
              ...queries,
              async all(statement, values) {
                statements.push(statement);
                return await all(statement, values);
              },
              async get(statement, values) {
                statements.push(statement);
                return await get(statement, values);
              },
            }),
          ),
      }),
    };
  }

  it('send one statement for a report on known packages and packages without advisories', async () => {
    const { recording, statements } = recordingStore();
    await publish(store, [advisory('CVE-2099-0001', { package: 'affected', namespace: 'debian:12' })], 1);
    const base = await layerWith('affected');
    const report = async ({ name, engineVersion }: Layer): Promise<object> =>
      await recording.together(async ({ matches, layers, enrichments, feeds }) => {
        const layer = await layers.findCurrent(name, engineVersion);
        if (layer === undefined) throw new Error('the layer is missing');
        const [{ matches: found }, features, chain, covering, states] = await Promise.all([
          matches.verdicts(layer.id),
          layers.features(layer.id),
          layers.chain(layer.id),
          feeds.covering('debian:12'),
          feeds.all(),
        ]);
        const cves = found.map(({ vulnerability }) => vulnerability.name);
        const { size } = await enrichments.ofCves(cves);
        return { cves, packages: features.length, layers: chain.length, covering, feeds: states.length, size };
      });
    const expected = { cves: ['CVE-2099-0001'], packages: 2, layers: 2, covering: ['debian'], feeds: 1, size: 0 };
    expect(await report(await layerWith('other', base))).toEqual(expected);
    expect(statements.length).toBeGreaterThan(1);
    statements.length = 0;
    expect(await report(await layerWith('new', base))).toEqual(expected);
    expect(statements).toHaveLength(1);
  });

  it('return the state of a feed after each write, even if the time of the last attempt stays the same', async () => {
    const { id } = await layerWith('a');
    const errors: (string | null | undefined)[] = [];
    for (const error of ['first', 'second']) {
      await store.feeds.recordFailure('debian', 1, error);
      const states = await store.together(async ({ layers, feeds }) => {
        await layers.features(id);
        return await feeds.all();
      });
      errors.push(states[0]?.error);
    }
    expect(errors).toEqual(['first', 'second']);
  });

  it('return packages in the order of the database, which differs from the order by code units', async () => {
    const plain = storeOn(engine, { caches: null });
    const { id } = await layerWith('\u{1F600}', await layerWith('\uFFEE'));
    const packages = await store.layers.features(id);
    expect(packages.map(({ feature }) => feature.name)).toEqual(['\uFFEE', '\u{1F600}']);
    expect(packages).toEqual(await plain.layers.features(id));
  });

  it('return a file that a search adds to a parent layer', async () => {
    await publish(store, [], 1);
    const base = await layerWith('a');
    const { id } = await layerWith('b', base);
    expect((await store.matches.verdicts(id)).matches).toEqual([]);
    const { fileRules } = store;
    const file = { type: 'file', name: 'etc/searched', version: 'present' } as const;
    const rule = { id: 'RULE-1', paths: [file.name], severity: 'Low', description: '', link: '' } as const;
    await fileRules.add({ ...rule, when: 'present' }, 1);
    for (let search = await fileRules.search(); search !== undefined; search = await fileRules.search()) {
      const layers = search.layers.map((each) => {
        const change = { feature: file, namespace: 'file', path: file.name, originDepth: 0, change: 1 } as const;
        return { id: each.id, createdAt: each.createdAt, changes: each.id === base.id ? [change] : [] };
      });
      const position = layers.at(-1)?.id ?? search.until;
      await fileRules.advance({ files: search.files.map((each) => each.id), from: search.position, position, layers });
      // A read during the search must not hide the file after the search.
      expect((await store.matches.verdicts(id)).matches).toEqual([]);
    }
    expect(await fileRules.finish(1)).toBe(1);
    expect((await store.matches.verdicts(id)).matches.map(({ vulnerability }) => vulnerability.name)).toEqual([
      rule.id,
    ]);
  });

  it('never return the packages of a parent layer of before a failover, even if the state of the data is the same', async () => {
    const lost = await layerWith('lost');
    expect(await packagesAt(await layerWith('top', lost))).toEqual(['lost', 'top']);
    await engine.transaction(async ({ run, get }) => {
      await run('DELETE FROM layer WHERE id = ?', [lost.id]);
      await get("SELECT setval(pg_get_serial_sequence('layer', 'id'), ?, false)", [lost.id]);
    });
    const added = await layerWith('new');
    expect(added.id).toBe(lost.id);
    const above = await layerWith('top', added);
    for (const read of ['first', 'second']) expect([read, ...(await packagesAt(above))]).toEqual([read, 'new', 'top']);
    expect(await packagesAt(added)).toEqual(['new']);
  });
});
