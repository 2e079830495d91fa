import { afterEach, beforeEach, expect, it } from 'vitest';
import { knowLayer, publish } from '../../test/fixtures/known-layers.ts';
import { advisory, deb } from '../../test/fixtures/packages.ts';
import { newLayer } from '../../test/fixtures/stores.ts';
import { openStore } from '../database/open-store.ts';
import type { Store } from '../database/store.ts';
import type { Layer, PackageChange } from '../model/layer.ts';
import type { Package } from '../model/package.ts';
import { layerGraph } from './layer-graph.ts';

let store: Store;
beforeEach(async () => {
  store = await openStore({ type: 'memory' });
});
afterEach(() => store.close());

/** A layer that replaces packages by others. */
async function replacing(
  name: string,
  parent: Layer,
  from: readonly Package[],
  to: readonly Package[],
): Promise<Layer> {
  const depth = parent.depth + 1;
  const changeOf =
    (change: 1 | -1) =>
    (of: Package): PackageChange => ({ package: of, namespace: 'debian:12', originDepth: depth, change });
  return await store.layers.insert(newLayer(name, parent, [...from.map(changeOf(-1)), ...to.map(changeOf(1))]));
}

it('tells of each layer what it brings and repairs, and nothing of what stays through an upgrade', async () => {
  const base = await knowLayer(store, 'base', [deb('a', '1')]);
  const more = await knowLayer(store, 'more', [deb('b', '1')], base);
  const upgraded = await replacing('upgraded', more, [deb('a', '1')], [deb('a', '2')]);
  const removed = await replacing('removed', upgraded, [deb('b', '1')], []);
  await publish(store, [
    advisory('CVE-1', { package: 'a', fixed: '2' }),
    advisory('CVE-2', { package: 'a', fixed: '3', severity: 'High' }),
    advisory('CVE-3', { package: 'a', introduced: '2' }),
    advisory('CVE-4', { package: 'b' }),
  ]);
  const layers = [base, more, upgraded, removed];
  const facts = layers.map(({ digest }, index) => ({
    digest,
    diffId: digest,
    createdBy: `step ${index}`,
    ...(index > 0 && { size: index }),
  }));
  const image = { kind: 'oci', reference: 'r', digest: base.digest, platform: 'linux/amd64', layers: facts };
  const graph = await layerGraph(store, image, layers);
  const words = (
    findings: readonly { readonly vulnerability: string; readonly version: string }[],
  ): readonly string[] => findings.map(({ vulnerability, version }) => `${vulnerability} ${version}`).toSorted();
  expect(graph.map(({ createdBy, size }) => [createdBy, size])).toEqual([
    ['step 0', null],
    ['step 1', 1],
    ['step 2', 2],
    ['step 3', 3],
  ]);
  expect(
    graph.map(({ added, removed: gone }) => [added.map(({ name }) => name), gone.map(({ name }) => name)]),
  ).toEqual([
    [['a'], []],
    [['b'], []],
    [['a'], ['a']],
    [[], ['b']],
  ]);
  expect(graph.map(({ brings, repairs }) => [words(brings), words(repairs)])).toEqual([
    [['CVE-1 1', 'CVE-2 1'], []],
    [['CVE-4 1'], []],
    [['CVE-3 2'], ['CVE-1 1']],
    [[], ['CVE-4 1']],
  ]);
  expect(graph[0]?.brings.find(({ vulnerability }) => vulnerability === 'CVE-2')).toEqual({
    vulnerability: 'CVE-2',
    package: 'a',
    version: '1',
    severity: 'High',
    status: 'fixed',
    fixedIn: '3',
  });
  expect(await layerGraph(store, { ...image, layers: [] }, [])).toEqual([]);
});
