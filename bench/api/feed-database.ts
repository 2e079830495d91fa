import { createHash } from 'node:crypto';
import {
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { composeClair } from '../../src/compose/clair.ts';
import { sharedPath } from '../../test/fixtures/shared-data.ts';
import { FigureUnavailable } from '../figure.ts';
import { isTiny } from '../size.ts';
import { TINY_FEEDS, writeTinyFeed } from '../tiny-feeds.ts';
import { analyseLargeLayer, largeLayerFiles } from './large-layer.ts';

const FEEDS: ReadonlyMap<string, string> = new Map([
  ['debian', 'feeds/debian/debian-tracker-derived.json.zst'],
  ['ubuntu', 'feeds/ubuntu/ubuntu-cve-tracker-2020-04.tar.zst'],
  ['almalinux', 'feeds/almalinux/almalinux-osv.tar.zst'],
  ['alpine', 'feeds/alpine/alpine-secdb-json-regenerated.tar.zst'],
  ['azurelinux', 'feeds/azurelinux'],
  ['opensuse', 'feeds/suse'],
  ['photon', 'feeds/photon/com.vmware.phsa-photon3.xml.zst'],
  ['redhat', 'feeds/redhat/vex-claircore-testdata.tar.zst'],
  ['kev', 'feeds/enrichment/cisa-kev.tar.zst'],
  ['nvd', 'feeds/nvd'],
]);

/** Returns the data path of each feed; tiny feeds are generated. */
export function feedPaths(): ReadonlyMap<string, string> {
  if (!isTiny()) return new Map([...FEEDS].map(([source, path]) => [source, sharedPath(path)]));
  const folder = join(tmpdir(), 'clair-bench-tiny-feeds');
  return new Map(TINY_FEEDS.map((source) => [source, writeTinyFeed(source, join(folder, source))]));
}

/** The feed that an update imports during a measurement. The feed does not cover the measured layer. */
const NEW_FEED = 'debian';

export type FeedDatabase = 'all' | 'without-debian';

/**
 * Copies to `path` a database with all feeds, or all feeds except Debian, and a layer of 400 packages. Databases are
 * created once per version of code and feeds, and cached in the folder for temporary files.
 *
 * @throws FigureUnavailable when the real data is missing
 */
export async function copyFeedDatabase(which: FeedDatabase, path: string): Promise<void> {
  const missing = [...feedPaths().values(), ...largeLayerFiles()].filter((file) => !existsSync(file));
  if (missing.length > 0) throw new FigureUnavailable(`${missing.join(', ')} not found`);
  const folder = join(tmpdir(), `clair-bench-databases-${fingerprint()}`);
  if (!existsSync(join(folder, 'all.db'))) await makeDatabases(folder);
  copyFileSync(join(folder, `${which}.db`), path, constants.COPYFILE_FICLONE);
}

async function makeDatabases(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  if (!isTiny()) stdout.write('Importing all feeds into a database, which takes a minute …\n');
  const growing = join(folder, 'growing.db');
  await importInto(
    growing,
    [...feedPaths().keys()].filter((source) => source !== NEW_FEED),
  );
  const withoutDebian = join(folder, 'without-debian.db');
  copyFileSync(growing, withoutDebian);
  forgetAttempts(withoutDebian);
  await importInto(growing, [NEW_FEED]);
  renameSync(growing, join(folder, 'all.db'));
}

/** Resets the last attempt of every feed, so that the schedule updates all feeds. */
function forgetAttempts(path: string): void {
  const database = new Database(path);
  database.exec('UPDATE feed_state SET last_attempt = 0');
  database.close();
}

/**
 * Imports the feeds and analyses the large layer. Closing the database merges the write-ahead log into the database
 * file, so that a copy of this one file is complete.
 */
async function importInto(path: string, sources: readonly string[]): Promise<void> {
  const clair = await composeClair({ type: 'sqlite', path });
  try {
    const feeds = feedPaths();
    for (const source of sources) await clair.updater.update(source, { from: feeds.get(source) ?? '' });
    await analyseLargeLayer(clair);
  } finally {
    await clair.close();
  }
}

/** Returns a digest of the code that creates the database and of the sizes and times of the feeds. */
function fingerprint(): string {
  const hash = createHash('sha256');
  const folders = ['../../src/', './'].map((name) => fileURLToPath(new URL(name, import.meta.url)));
  for (const file of folders.flatMap(filesBelow)) hash.update(file).update(readFileSync(file));
  if (isTiny()) hash.update('tiny');
  else {
    for (const path of feedPaths().values()) {
      const { size, mtimeMs } = statSync(path);
      hash.update(`${path} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest('hex').slice(0, 16);
}

function filesBelow(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .toSorted();
}
