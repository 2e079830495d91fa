import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import type { Store } from '../../../contracts/store.ts';
import { copyDatabase } from '../../../database-copy.ts';
import { openEngine, storeOn } from '../../../open-store.ts';
import { advisory, deb } from '../../../testing/packages.ts';
import { knowLayer, publish } from '../../../testing/store-content.ts';
import { migratedPostgresSource, newLayer, NO_CONTENTS } from '../../../testing/stores.ts';
import type { FeatureChange, Layer } from '../../../../model/layer.ts';
import type { Engine } from '../../engine.ts';
import { openPostgres } from '../engine.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function open(source: string, layersPerPartition: number): Promise<{ engine: Engine; store: Store }> {
  const engine = await openPostgres(source, { layersPerPartition });
  closing.push(() => engine.close());
  return { engine, store: storeOn(engine) };
}

/** Returns a connection to the schema of the source. */
async function connection(source: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: source });
  closing.push(() => client.end());
  await client.connect();
  await client.query(`SET search_path TO ${new URL(source).searchParams.get('search_path')}`);
  return client;
}

/** Makes the next layer get this id. */
async function startAt(engine: Engine, id: number): Promise<void> {
  await engine.transaction((queries) =>
    queries.get("SELECT setval(pg_get_serial_sequence('layer', 'id'), ?, false)", [id]),
  );
}

/** Creates a role with permissions in the schema of a database, and returns the address of the database for the role. */
async function addressOfRole(source: string, permissions: readonly string[]): Promise<string> {
  const owner = await connection(source);
  const [role, schema] = [`role_${randomBytes(8).toString('hex')}`, new URL(source).searchParams.get('search_path')];
  const grants = permissions.map((permission) => `GRANT ${permission} IN SCHEMA ${schema} TO ${role};`).join('\n');
  await owner.query(`
CREATE ROLE ${role} LOGIN PASSWORD '${role}';
GRANT USAGE ON SCHEMA ${schema} TO ${role};
${grants}`);
  closing.push(() => owner.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`));
  return Object.assign(new URL(source), { username: role, password: role }).href;
}

/** Returns the upper bounds of the partitions in order. Fails if there is a gap between two partitions. */
async function boundsOf(engine: Engine): Promise<readonly number[]> {
  const rows = await engine.read.all<{ bounds: string }>(`
SELECT pg_get_expr(relpartbound, oid) AS bounds FROM pg_class JOIN pg_inherits ON inhrelid = oid
WHERE inhparent = 'layer_feature'::regclass`);
  const pairs = rows
    .map(({ bounds }) => /^FOR VALUES FROM \('?(\w+)'?\) TO \('(\d+)'\)$/.exec(bounds)!.slice(1))
    .toSorted(([, one], [, other]) => Number(one) - Number(other));
  expect(pairs.map(([from]) => from)).toEqual(['MINVALUE', ...pairs.slice(0, -1).map(([, to]) => to)]);
  return pairs.map(([, to]) => Number(to));
}

const SOME = [deb('tool', '1'), deb('other', '1')];

describe('partitions of layer_feature', () => {
  it('are created before a layer needs them', async () => {
    const { engine, store } = await open(migratedPostgresSource(), 20);
    await startAt(engine, 3_999_990);
    const bounds: [number, number | undefined][] = [];
    const known: Layer[] = [];
    for (let at = 0; at < 50; at += 1) {
      const layer = await knowLayer(store, `layer ${at}`, SOME);
      known.push(layer);
      bounds.push([layer.id, (await boundsOf(engine)).at(-1)]);
    }
    for (const [id, bound] of bounds) expect(bound).toBeGreaterThan(id + 2);
    // Failed attempts would leave gaps between the ids.
    expect(known.map(({ id }) => id)).toEqual(known.map((_, at) => 3_999_990 + at));
    expect(await boundsOf(engine)).toEqual([4_000_000, 4_000_020, 4_000_040, 4_000_060]);
    for (const { id } of known) expect(await store.layers.changes(id)).toHaveLength(2);
  });

  it('count as one table for its size, and are vacuumed', async () => {
    const { engine, store } = await open(migratedPostgresSource(), 20);
    await startAt(engine, 3_999_999);
    for (let at = 0; at < 3; at += 1) await knowLayer(store, `layer ${at}`, SOME);
    const sizes = `SELECT SUM(pg_total_relation_size(inhrelid))::bigint AS bytes FROM pg_inherits WHERE inhparent = 'layer_feature'::regclass`;
    const bytes = await engine.bytesOf('layer_feature');
    expect(await engine.read.get(sizes)).toEqual({ bytes });
    expect(bytes).toBeGreaterThan(100_000);
    expect(await engine.bytesOf('feature')).toBeGreaterThan(50_000);
    await store.sizes.compact();
    const pages =
      "SELECT MIN(reltuples)::int AS rows FROM pg_class WHERE relname IN ('layer_feature_1', 'layer_feature_from_4000000') AND relnamespace = current_schema()::regnamespace";
    expect(await engine.read.get(pages)).toEqual({ rows: 2 });
  });

  it('are created once by several instances whose layers have no partition', async () => {
    const source = migratedPostgresSource();
    const instances = [await open(source, 1000), await open(source, 1000)];
    const stores = instances.map(({ store }) => store);
    for (const [at, store] of stores.entries()) await knowLayer(store, `first ${at}`, SOME);
    await startAt(instances[0]!.engine, 4_000_500);
    const names = Array.from({ length: 24 }, (_, at) => `layer ${at}`);
    // Different packages, so that transactions also insert packages.
    const layers = await Promise.all(
      names.map((name, at) => knowLayer(stores[at % 2]!, name, [...SOME, deb(name, '1')])),
    );
    for (const { id } of layers) expect(await stores[0]!.layers.changes(id)).toHaveLength(3);
    expect(await boundsOf(instances[0]!.engine)).toEqual([4_000_000, 4_001_000]);
  });

  it('are created at the latest when a layer needs them, if a lock prevented an earlier creation', async () => {
    const source = migratedPostgresSource();
    const { engine, store } = await open(source, 1000);
    await startAt(engine, 3_999_950);
    const other = await connection(source);
    await other.query('BEGIN; UPDATE layer SET last_used_on = 1 WHERE id = 0');
    // Each failed attempt waits for a second, so there is one attempt before the layer that needs the partition.
    const before = await knowLayer(store, 'before', SOME);
    expect(await boundsOf(engine)).toEqual([4_000_000]);
    await startAt(engine, 4_000_001);
    const inserted = knowLayer(store, 'after', SOME, before);
    await waitingFor(engine, 'extend_layer_feature');
    await other.query('COMMIT');
    expect((await inserted).id).toBeGreaterThan(4_000_000);
    expect(await boundsOf(engine)).toEqual([4_000_000, 4_001_000]);
  });

  it('are created again after a promotion of a standby that lacks the last partition', async () => {
    const source = migratedPostgresSource();
    const { engine, store } = await open(source, 1000);
    await startAt(engine, 3_999_950);
    await knowLayer(store, 'before', SOME);
    expect(await boundsOf(engine)).toEqual([4_000_000, 4_001_000]);
    await (await connection(source)).query('DROP TABLE layer_feature_from_4000000');
    await startAt(engine, 4_000_001);
    const { id } = await knowLayer(store, 'after', SOME);
    expect(await store.layers.changes(id)).toHaveLength(2);
  });

  it('are created for a role that cannot create tables', async () => {
    const source = migratedPostgresSource();
    const address = await addressOfRole(source, [
      'SELECT, INSERT, UPDATE, DELETE ON ALL TABLES',
      'USAGE, UPDATE ON ALL SEQUENCES',
    ]);
    const { engine, store } = await open(address, 20);
    await startAt(engine, 4_000_015);
    for (let at = 0; at < 10; at += 1) await knowLayer(store, `layer ${at}`, SOME);
    expect(await boundsOf(engine)).toEqual([4_000_000, 4_000_020, 4_000_040]);
    await expect((await connection(address)).query('DROP TABLE layer_feature_from_4000000')).rejects.toThrow(/owner/);
  });

  it('are created after an administrator dropped or detached other partitions', async () => {
    const source = migratedPostgresSource();
    const { engine, store } = await open(source, 20);
    await startAt(engine, 4_000_000);
    for (let at = 0; at < 30; at += 1) await knowLayer(store, `layer ${at}`, SOME);
    expect(await boundsOf(engine)).toEqual([4_000_000, 4_000_020, 4_000_040]);
    const administrator = await connection(source);
    await administrator.query('DROP TABLE layer_feature_from_4000000');
    await startAt(engine, 4_000_050);
    expect(await store.layers.changes((await knowLayer(store, 'after a drop', SOME)).id)).toHaveLength(2);
    await administrator.query('ALTER TABLE layer_feature DETACH PARTITION layer_feature_from_4000040');
    expect(await store.layers.changes((await knowLayer(store, 'after a detachment', SOME)).id)).toHaveLength(2);
  });

  it('can be read by a role that can read the whole table', async () => {
    const source = migratedPostgresSource();
    const address = await addressOfRole(source, ['SELECT ON ALL TABLES']);
    const { engine, store } = await open(source, 20);
    await startAt(engine, 4_000_000);
    await knowLayer(store, 'layer', SOME);
    const reader = await connection(address);
    expect((await reader.query('SELECT 1 FROM layer_feature_from_4000000')).rowCount).toBe(2);
    await expect(reader.query('DELETE FROM layer_feature_from_4000000')).rejects.toThrow(/permission denied/);
  });

  it('cover the given ids of a copied database, in one partition after the first', async () => {
    const from = await openEngine({ type: 'memory' });
    closing.push(() => from.close());
    const memory = storeOn(from);
    const early = await knowLayer(memory, 'early', SOME);
    const columns = 'engine_version, digest, depth, content_sets, diagnostics, created_at';
    await from.transaction(({ run }) =>
      run(`INSERT INTO layer (id, name, ${columns}) SELECT 4000099, 'empty', ${columns} FROM layer`),
    );
    const late = await knowLayer(memory, 'late', SOME);
    const { engine, store } = await open(migratedPostgresSource(), 20);
    await copyDatabase({ from, to: engine });
    expect(await boundsOf(engine)).toEqual([4_000_000, 4_000_120]);
    for (const id of [early.id, late.id]) expect(await store.layers.changes(id)).toHaveLength(2);
  });

  it('return the same pages, reports and images as SQLite, also after layers are removed', async () => {
    const { engine, store: divided } = await open(migratedPostgresSource(), 20);
    await startAt(engine, 3_999_985);
    const memory = storeOn(await openEngine({ type: 'memory' }));
    closing.push(() => memory.close());
    const stores = [memory, divided];
    const layers = await Promise.all(stores.map((store) => randomLayers(store, randomNumbers(7))));
    const fixed = randomNumbers(8);
    const advisories = NAMES.map((name, at) =>
      advisory(name, { package: `package-${at}`, ...(at % 3 > 0 && { fixed: `${fixed(5)}` }) }),
    );
    for (const store of stores) await publish(store, advisories);
    expect(await boundsOf(engine)).toEqual([4_000_000, 4_000_020, 4_000_040, 4_000_060]);
    const whole = await contentOf(memory);
    expect(await contentOf(divided)).toEqual(whole);
    expect(whole.pages.flat().length).toBeGreaterThan(50);

    for (const store of stores) await store.layers.remove('layer 1');
    const bound = Date.now() + 20 * DAY;
    for (const [at, store] of stores.entries()) {
      const used = layers[at]!.filter((_, place) => place % 20 > 5).map(({ id }) => id);
      await store.layers.noteUse(used, bound + DAY);
    }
    const removals = await Promise.all(
      stores.map(async ({ retention }) => await retention.apply(await retention.plan({ layers: bound }))),
    );
    expect(removals[1]).toEqual(removals[0]);
    expect(removals[0]!.layer).toBeGreaterThan(0);
    const rest = await contentOf(memory);
    expect(await contentOf(divided)).toEqual(rest);
    expect(rest.reports.length).toBeLessThan(whole.reports.length);
  });
});

const DAY = 86_400_000;

/** Waits until a connection waits for a lock in a call of a function. */
async function waitingFor({ read }: Engine, name: string): Promise<void> {
  const waiting = `
SELECT 1 FROM pg_stat_activity
WHERE wait_event_type = 'Lock' AND query LIKE '%' || ? || '%' AND datname = current_database()`;
  while ((await read.get(waiting, [name])) === undefined) await setTimeout(5);
}

const NAMES = Array.from({ length: 8 }, (_, at) => `CVE-${at}`);

const LAYERS = 55;

/** Stores layers that add and remove random packages, on random parents; every third layer has an image. */
async function randomLayers(store: Store, random: (below: number) => number): Promise<readonly Layer[]> {
  const stored: { layer: Layer; installed: readonly FeatureChange[] }[] = [];
  const keyOf = ({ feature, path }: FeatureChange): string => `${feature.name} ${feature.version} ${path}`;
  for (let at = 0; at < LAYERS; at += 1) {
    const below = random(4) === 0 ? undefined : stored[random(stored.length + 1)];
    const originDepth = below === undefined ? 0 : below.layer.depth + 1;
    const installed = new Map(below?.installed.map((each) => [keyOf(each), each]));
    const removed = [...installed.values()].filter(() => random(3) === 0);
    const added = new Map(
      Array.from({ length: random(6) }, (): [string, FeatureChange] => {
        const feature = deb(`package-${random(NAMES.length)}`, `${random(5)}`);
        const path = random(4) === 0 ? `srv/${random(2)}` : '';
        const change = { feature, path, namespace: 'debian:12', originDepth, change: 1 } as const;
        return [keyOf(change), change];
      }),
    );
    for (const key of installed.keys()) added.delete(key);
    const changes = [...added.values(), ...removed.map((each) => ({ ...each, originDepth, change: -1 as const }))];
    const layer = await store.layers.insert(newLayer(`layer ${at}`, below?.layer ?? null, changes));
    for (const each of removed) installed.delete(keyOf(each));
    stored.push({ layer, installed: [...installed.values(), ...added.values()] });
    const digest = `sha256:${at.toString(16).padStart(64, '0')}` as const;
    const image = { digest, reference: `r:${at}`, target: 't', platform: 'linux/amd64', scannedAt: 0 };
    if (at % 3 === 0) await store.images.record({ ...NO_CONTENTS, ...image, leaf: layer.id });
  }
  return stored.map(({ layer }) => layer);
}

/** Returns what queries return for all layers and vulnerabilities, without ids. */
async function contentOf(
  store: Store,
): Promise<{ readonly pages: readonly (readonly string[])[]; readonly reports: readonly unknown[] }> {
  const pages: (readonly string[])[] = [];
  for (const name of NAMES) {
    for (let after = 0, isLast = false; !isLast; ) {
      const page = await store.matches.introducingLayers([name], { after, limit: 7 });
      pages.push(page.map((layer) => layer.name));
      after = page.at(-1)?.id ?? after;
      isLast = page.length < 7;
    }
    const affected = [{ namespace: 'debian:12', package: 'package-1', severity: 'Low', status: 'open' }] as const;
    const layers = await store.matches.affectedLayers({ affected }, { after: 0, limit: 1000 });
    const { images } = await store.matches.affectedImages([name], { after: undefined, limit: 1000 });
    pages.push(
      layers.map((layer) => layer.name),
      images.map(({ digest }) => digest),
    );
  }
  const reports: unknown[] = [];
  for (let at = 0; at < LAYERS; at += 1) {
    const layer = await store.layers.find(`layer ${at}`);
    if (layer === undefined) continue;
    const matches = await store.matches.ofLayer(layer.id);
    const changes = await store.layers.changes(layer.id);
    reports.push([layer.name, await store.layers.features(layer.id), changes, matches]);
  }
  return { pages, reports };
}

function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7f_ff_ff_ff;
    return (state >> 8) % below;
  };
}
