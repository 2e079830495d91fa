import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { orderedAdvisories } from '../../src/database/queries/vulnerabilities/advisory-order.ts';
import type { NewLayer } from '../../src/database/contracts/layers.ts';
import type { Store } from '../../src/database/contracts/store.ts';
import type { Advisory } from '../../src/model/advisories/advisory.ts';
import { createPlanner } from '../../src/notifier/planner.ts';
import type { AskedVulnerability } from './asked-vulnerabilities.ts';
import { layerTree } from './layer-tree.ts';
import { madeAdvisory } from './made-advisories.ts';
import { inTurn, type OpenDatabase } from './questions.ts';
import type { Timings } from './timings.ts';
import type { World } from './world.ts';

/** The number of layers in the tree from which the inserted layers are copied. */
const TREE = 400;

/** Inserts layers on top of indexed images, as the worker does, and removes them after the measurement. */
export async function insertLayers(
  databases: readonly OpenDatabase[],
  { bases }: World,
  rounds: number,
  timings: Timings,
): Promise<void> {
  const changing = [...layerTree(bases, TREE)]
    .filter(({ depth, layer }) => depth > 1 && layer.changes.length > 0)
    .map(({ layer, contents }) => ({ ...layer, contents: gzipSync(contents) }));
  const made: { readonly store: Store; readonly name: string }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const { size, built, store } of inTurn(databases, round)) {
      const names = built.samples.unpatched;
      const parent = await store.layers.find(names[round % names.length] ?? '');
      const layer = changing[round % changing.length];
      if (parent === undefined || layer === undefined) throw new Error('the database has no layers to copy');
      const name = `bench ${randomUUID()}`;
      const digest = `sha256:${randomUUID().replaceAll('-', '').repeat(2)}` as const;
      const changes = layer.changes.map((each) => ({ ...each, originDepth: parent.depth + 1 }));
      const newLayer: NewLayer = { ...layer, name, digest, changes, parent };
      await timings.time('insert a layer', size, () => store.layers.insert(newLayer));
      made.push({ store, name });
    }
  }
  for (const { store, name } of made) await store.layers.remove(name);
}

/** Adds manual vulnerabilities of packages of the base, as the API does, and removes them after the measurement. */
export async function editVulnerabilities(
  databases: readonly OpenDatabase[],
  world: World,
  { asked, rounds, timings }: { asked: AskedVulnerability; rounds: number; timings: Timings },
): Promise<void> {
  const affected = advisoryOf(asked, world).affected.filter(({ namespace }) => namespace === world.release.namespace);
  const made: { readonly store: Store; readonly name: string }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const { size, store } of inTurn(databases, round)) {
      const name = `BENCH-${randomUUID()}`;
      const change = (): Advisory => ({ id: name, link: '', description: 'A weak default.', affected });
      await timings.time('add a manual vulnerability', size, () => store.manual.edit({ name, at: Date.now(), change }));
      made.push({ store, name });
    }
  }
  for (const { store, name } of made) await store.manual.edit({ name, at: Date.now(), change: () => undefined });
  for (const { store } of databases) await plan(store);
}

/**
 * Makes a feed change a vulnerability of all images on the first base, and then revert the change. Measures the whole
 * transaction of an update and the notifier's search of all layers. Each change creates one notification.
 */
export async function changeFeeds(
  databases: readonly OpenDatabase[],
  world: World,
  { asked, rounds, timings }: { asked: AskedVulnerability; rounds: number; timings: Timings },
): Promise<void> {
  const open = advisoryOf(asked, world);
  const gone = { ...open, affected: open.affected.filter(({ namespace }) => namespace !== world.release.namespace) };
  // The last change restores the original state.
  for (let round = 0; round < 2 * rounds; round += 1) {
    for (const { size, store } of inTurn(databases, round)) {
      await timings.time('apply a change', size, () => updateOf(store, round % 2 === 0 ? gone : open));
      const planned = await timings.time('plan its notification', size, () => plan(store));
      if (planned !== 1) throw new Error(`${size} layers: one change created ${planned} notifications`);
    }
  }
}

function advisoryOf({ at }: AskedVulnerability, { facts }: World): Advisory {
  const told = facts[at];
  if (told === undefined) throw new Error('the vulnerability does not exist');
  return madeAdvisory(told, at, 'debian');
}

async function updateOf(store: Store, advisory: Advisory): Promise<void> {
  await store.vulnerabilities.update({
    feed: 'debian',
    scheme: 'dpkg',
    fetcherVersion: 1,
    advisories: orderedAdvisories([advisory]),
    scope: 'changed',
    etag: null,
    lastModified: null,
    recordDiagnostics: { count: 0, examples: [] },
    at: Date.now(),
  });
}

async function plan(store: Store): Promise<number> {
  const planner = createPlanner({ store, owner: 'bench', now: Date.now, newName: randomUUID });
  return await planner.plan(new AbortController().signal);
}
