import { type DatabaseOptions, openEngine, openStore } from '../../src/database/open-store.ts';
import type { Store } from '../../src/database/contracts/store.ts';
import { writeLayers } from './layer-rows.ts';
import { layerTree, type TreeLayer } from './layer-tree.ts';
import { madeAdvisories } from './made-advisories.ts';
import { nameOfCopy } from './multiplied-layers.ts';
import type { World } from './world.ts';

/** The stored databases of one engine. */
export type Shelf = {
  readonly name: 'sqlite' | 'postgres';
  readonly optionsOf: (database: string) => Exclude<DatabaseOptions, { type: 'memory' }>;
  readonly exists: (database: string) => Promise<boolean>;
  readonly create: (database: string) => Promise<void>;
  readonly remove: (database: string) => Promise<void>;
  readonly copy: (from: string, to: string) => Promise<void>;
  /** Runs `write`, which writes all layers of a database, in the way that is fastest for the engine. */
  readonly load: <T>(database: string, write: () => Promise<T>) => Promise<T>;
  /** Copies the layers of a database, as `multiplyLayers` describes; absent if the engine cannot. */
  readonly multiply?: (database: string, by: { readonly shared: number; readonly times: number }) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** A built database and the inputs of its queries. */
export type Built = {
  readonly layers: number;
  readonly images: number;
  readonly imagesOnFirst: number;
  readonly milliseconds: number;
  /** The names of the topmost layers of images that were never patched, and of up-to-date images. */
  readonly samples: Readonly<Record<Patching, readonly string[]>>;
};

export type Patching = 'unpatched' | 'patched';

/** How up to date the first two base layers are; the images on these two base layers are queried. */
const SAMPLED: readonly Patching[] = ['unpatched', 'patched'];

const SAMPLES = 400;

/** The number of layers from which larger databases are multiplied, where possible. */
const MOST_MADE = 1_000_000;

/** The version of the rows, incremented when the same input would produce different rows. */
const FORM = 4;

const FLAG = 'scale/built';

/** Reports progress, because a build takes minutes. */
export type Progress = (what: string) => void;

/**
 * Returns databases of the given numbers of layers. Builds the missing databases: first a database with all
 * vulnerabilities, then copies of that database with layers. Databases of several million layers are multiplied from a
 * database of 1,000,000 if the engine can.
 */
export async function builtDatabases(
  shelf: Shelf,
  world: World,
  { sizes, distributions, progress }: { sizes: readonly number[]; distributions: number; progress: Progress },
): Promise<ReadonlyMap<number, Built>> {
  const all = new Map<number, Built>();
  for (const size of sizes) all.set(size, await builtDatabase(shelf, world, { size, distributions, progress }));
  return all;
}

async function builtDatabase(
  shelf: Shelf,
  world: World,
  { size, distributions, progress }: { size: number; distributions: number; progress: Progress },
): Promise<Built> {
  const database = databaseOf(size, distributions);
  const known = await knownDatabase<Built>(shelf, database);
  if (known !== undefined) return known;
  const times = size / MOST_MADE;
  if (shelf.multiply !== undefined && times > 1 && Number.isInteger(times)) {
    const original = await builtDatabase(shelf, world, { size: MOST_MADE, distributions, progress });
    const write = async (): Promise<Built> => {
      const start = performance.now();
      await shelf.multiply?.(database, { shared: SAMPLED.length, times });
      progress(`${shelf.name}: ${size} layers in ${secondsSince(start)}`);
      return { ...multiplied(original, times), milliseconds: performance.now() - start };
    };
    return await rebuild(shelf, database, write, databaseOf(MOST_MADE, distributions));
  }
  const feeds = `feeds_${distributions}`;
  if ((await knownDatabase(shelf, feeds)) === undefined) {
    await rebuild(shelf, feeds, () => writeFeeds(shelf.optionsOf(feeds), world, distributions, progress));
  }
  const write = async (): Promise<Built> => {
    const start = performance.now();
    const tree = await shelf.load(database, () => writeTree(shelf.optionsOf(database), world, size, progress));
    progress(`${shelf.name}: ${size} layers with indexes in ${secondsSince(start)}`);
    return { ...tree, milliseconds: performance.now() - start };
  };
  return await rebuild(shelf, database, write, feeds);
}

function multiplied({ layers, images, imagesOnFirst, samples }: Built, times: number): Omit<Built, 'milliseconds'> {
  const some = (names: readonly string[]): readonly string[] => names.map((name, at) => nameOfCopy(name, at % times));
  return {
    layers: layers * times,
    images: images * times,
    imagesOnFirst: imagesOnFirst * times,
    samples: { unpatched: some(samples.unpatched), patched: some(samples.patched) },
  };
}

/** Returns the name of the database with `size` layers. */
export function databaseOf(size: number, distributions: number): string {
  return `layers_${size}_${distributions}`;
}

async function knownDatabase<Facts>(shelf: Shelf, database: string): Promise<Facts | undefined> {
  if (!(await shelf.exists(database))) return undefined;
  return await withStore(shelf.optionsOf(database), async ({ flags }) => {
    const text = await flags.get(FLAG);
    const known: { form: number; facts: Facts } | undefined = text === undefined ? undefined : JSON.parse(text);
    return known?.form === FORM ? known.facts : undefined;
  });
}

async function rebuild<Facts>(
  shelf: Shelf,
  database: string,
  write: () => Promise<Facts>,
  from?: string,
): Promise<Facts> {
  await shelf.remove(database);
  if (from === undefined) await shelf.create(database);
  else await shelf.copy(from, database);
  // The copy of another database also has its facts, which an interrupted build must not leave.
  await withStore(shelf.optionsOf(database), ({ flags }) => flags.set(FLAG, JSON.stringify({})));
  const facts = await write();
  await withStore(shelf.optionsOf(database), async ({ flags, sizes }) => {
    await flags.set(FLAG, JSON.stringify({ form: FORM, facts }));
    if (shelf.name === 'postgres') await sizes.compact();
  });
  return facts;
}

async function writeFeeds(
  options: DatabaseOptions,
  { facts }: World,
  distributions: number,
  progress: Progress,
): Promise<object> {
  await withStore(options, async (store) => {
    for (let number = 0; number < distributions; number += 1) {
      const feed = number === 0 ? 'debian' : `copy-${number}`;
      const start = performance.now();
      await store.vulnerabilities.update({
        feed,
        scheme: 'dpkg',
        fetcherVersion: 1,
        advisories: madeAdvisories(facts, feed),
        etag: null,
        lastModified: null,
        recordDiagnostics: { count: 0, examples: [] },
        at: Date.now(),
      });
      progress(`${options.type}: ${facts.length} vulnerabilities of ${feed} in ${secondsSince(start)}`);
    }
    // Only changes after this point are counted.
    await store.notifications.cursor();
  });
  return {};
}

async function writeTree(
  options: DatabaseOptions,
  { bases }: World,
  size: number,
  progress: Progress,
): Promise<Omit<Built, 'milliseconds'>> {
  const engine = await openEngine(options);
  const start = performance.now();
  const leaves = SAMPLED.map((): string[] => []);
  let images = 0;
  function* noted(): Generator<TreeLayer> {
    for (const each of layerTree(bases, size)) {
      if (each.image !== undefined) {
        images += 1;
        leaves[each.base]?.push(each.layer.name);
      }
      yield each;
    }
  }
  try {
    await writeLayers(engine, noted(), {
      done(count) {
        if (count % 100_000 === 0) progress(`${options.type}: ${count} layers in ${secondsSince(start)}`);
      },
    });
    const [unpatched = [], patched = []] = leaves;
    const samples = { unpatched: spread(unpatched), patched: spread(patched) };
    return { layers: size, images, imagesOnFirst: unpatched.length, samples };
  } finally {
    await engine.close();
  }
}

function spread(names: readonly string[]): readonly string[] {
  const count = Math.min(SAMPLES, names.length);
  return Array.from({ length: count }, (_, at) => names[Math.floor((at * names.length) / count)] ?? '');
}

async function withStore<T>(options: DatabaseOptions, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(options);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

function secondsSince(start: number): string {
  return `${((performance.now() - start) / 1000).toFixed(0)} s`;
}
