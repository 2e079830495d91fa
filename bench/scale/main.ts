/**
 * Measures how response times grow with the number of layers, and compares them with the usual way to match versions.
 * Keeps the built databases in a folder for the next run.
 *
 *     npm run bench:scale
 *     npm run bench:scale -- --layers 1000,10000 --engine sqlite --folder /tmp/clair-scale
 */
import { rmSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { stderr, stdout, version } from 'node:process';
import { parseArgs } from 'node:util';
import { openEngine, openStore } from '../../src/database/open-store.ts';
import { FigureUnavailable } from '../figure.ts';
import { type AskedVulnerabilities, askedVulnerabilities } from './asked-vulnerabilities.ts';
import { changeFeeds, editVulnerabilities, insertLayers } from './changes.ts';
import { builtDatabases, databaseOf, type Shelf } from './databases.ts';
import { postgresShelf } from './postgres-shelf.ts';
import { askBackward, askForward, type OpenDatabase, PATCHINGS } from './questions.ts';
import { ratioLines, resultLines } from './result-lines.ts';
import { sqliteShelf } from './sqlite-shelf.ts';
import { createTimings } from './timings.ts';
import { readWorld, type World } from './world.ts';

/** The fraction of the queries of each database that only warm up code and caches, and are not counted. */
const WARM_UP_SHARE = 0.2;

const WRITES = 0.25;

const { values: options } = parseArgs({
  options: {
    layers: { type: 'string', default: '1000,10000,100000,1000000' },
    engine: { type: 'string', default: 'sqlite,postgres' },
    /** Number of distributions, with 30,477 vulnerabilities each. */
    distributions: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '300' },
    folder: { type: 'string', default: join(tmpdir(), 'clair-scale') },
    packages: { type: 'string' },
    remove: { type: 'boolean', default: false },
  },
});
const sizes = numbersIn('layers', options.layers, 10_000_000).toSorted((a, b) => a - b);
const [rounds = 0] = numbersIn('rounds', options.rounds, 100_000);
const [distributions = 0] = numbersIn('distributions', options.distributions, 100);
const shelves: Readonly<Record<string, () => Promise<Shelf>>> = {
  sqlite: async () => sqliteShelf(options.folder),
  postgres: () => postgresShelf(options.folder),
};
const engines = options.engine.split(',');
const unknown = engines.filter((name) => !(name in shelves));
if (unknown.length > 0) throw new Error(`unknown engine ${unknown.join(', ')}; choose sqlite or postgres`);

/** The medians of reports in milliseconds by engine, then by query and number of layers. */
const reports: Record<string, Record<string, number>> = {};

try {
  const world = await readWorld(options.packages);
  const asked = askedVulnerabilities(world);
  const gigabytes = (totalmem() / 1024 ** 3).toFixed(0);
  stdout.write(`Node ${version}, ${availableParallelism()} processors, ${gigabytes} GB; ${rounds} rounds\n`);
  for (const name of engines) await measureEngine(name, world, asked);
  for (const line of ratioLines(reports)) stdout.write(`${line}\n`);
} catch (error) {
  if (!(error instanceof FigureUnavailable)) throw error;
  stdout.write(`SKIPPED: growth with the number of layers\n  ${error.message}\n`);
} finally {
  if (options.remove) rmSync(options.folder, { recursive: true, force: true });
}

async function measureEngine(name: string, world: World, asked: AskedVulnerabilities): Promise<void> {
  const shelf = await shelves[name]?.();
  if (shelf === undefined) return;
  try {
    const progress = (what: string): void => void stderr.write(`${what}\n`);
    const built = await builtDatabases(shelf, world, { sizes, distributions, progress });
    const databases: OpenDatabase[] = [];
    try {
      for (const [size, facts] of built) {
        const address = shelf.optionsOf(databaseOf(size, distributions));
        databases.push({ size, built: facts, store: await openStore(address), engine: await openEngine(address) });
      }
      stdout.write(`\n${name}\n`);
      const { lines, medians } = await measure(databases, world, asked);
      reports[name] = medians;
      for (const line of lines) stdout.write(`${line}\n`);
    } finally {
      for (const { store, engine } of databases) {
        await store.close();
        await engine.close();
      }
    }
  } finally {
    await shelf.close();
  }
}

async function measure(
  databases: readonly OpenDatabase[],
  world: World,
  asked: AskedVulnerabilities,
): Promise<{ readonly lines: readonly string[]; readonly medians: Record<string, number> }> {
  const timings = createTimings();
  const writes = Math.ceil(rounds * WRITES);
  const [changed] = asked.onBase;
  if (changed === undefined) throw new Error('no vulnerability affects a package of the base');
  const warmUp = createTimings();
  await askForward(databases, Math.ceil(rounds * WARM_UP_SHARE), warmUp);
  await askForward(databases, rounds, timings);
  await askBackward(databases, asked, Math.ceil(rounds * WARM_UP_SHARE), warmUp);
  const introducing = await askBackward(databases, asked, rounds, timings);
  await insertLayers(databases, world, writes, warmUp);
  await insertLayers(databases, world, writes, timings);
  await editVulnerabilities(databases, world, { asked: changed, rounds: writes, timings: warmUp });
  await editVulnerabilities(databases, world, { asked: changed, rounds: writes, timings });
  await changeFeeds(databases, world, { asked: changed, rounds: writes, timings });
  const tables = new Map<number, Awaited<ReturnType<OpenDatabase['store']['sizes']['tables']>>>();
  for (const { size, store } of databases) tables.set(size, await store.sizes.tables());
  const medians: Record<string, number> = {};
  for (const patching of PATCHINGS) {
    for (const { size } of databases) {
      medians[`report, ${patching} image, ${size} layers`] = timings.percentile(`report, ${patching} image`, size, 0.5);
    }
  }
  return { lines: resultLines({ databases, timings, introducing, tables }), medians };
}

function numbersIn(option: string, text: string, most: number): readonly number[] {
  return text.split(',').map((each) => {
    const number = Number(each);
    if (Number.isInteger(number) && number > 0 && number <= most) return number;
    throw new Error(`--${option} takes integers from 1 to ${most}, not ${each}`);
  });
}
