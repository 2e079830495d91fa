import { createReadStream, createWriteStream, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import Database from 'better-sqlite3';
import { DecompressStream } from 'zstd-napi';
import { composeClair } from '../src/compose/clair.ts';
import { FETCHERS } from '../src/updater/fetchers/index.ts';
import { sharedPath } from '../test/fixtures/shared-data.ts';
import { type Figure, FigureUnavailable, type Run, timed, type Work } from './figure.ts';
import { isTiny } from './size.ts';
import { writeTinyFeed } from './tiny-feeds.ts';

/** A feed whose real data is beside the repository. */
type LargeFeed = {
  readonly title: string;
  readonly feed: string;
  readonly path: string;
};

const DEBIAN: LargeFeed = {
  title: 'the Debian tracker',
  feed: 'debian',
  path: 'feeds/debian/debian-tracker-derived.json.zst',
};

const UBUNTU: LargeFeed = {
  title: 'the Ubuntu CVE tracker, 33,126 files',
  feed: 'ubuntu',
  path: 'feeds/ubuntu/ubuntu-cve-tracker-2020-04.tar.zst',
};

const OPENSUSE: LargeFeed = {
  title: 'the OVAL of openSUSE Leap 15.3, 62 MB',
  feed: 'opensuse',
  path: 'feeds/suse/opensuse.leap.15.3-patch.xml.zst',
};

const ALMALINUX: LargeFeed = {
  title: 'the OSV of AlmaLinux, 5,680 files',
  feed: 'almalinux',
  path: 'feeds/almalinux/almalinux-osv.tar.zst',
};

const AIM_MEGABYTES = 400;

/** The binary logarithm of the window size of `zstd --long=27`, which compressed the copies. */
const WINDOW_LOG = 27;

const PAIRS = 2;

export const debianImport: Figure = importOf(DEBIAN);
export const ubuntuImport: Figure = importOf(UBUNTU);
export const opensuseImport: Figure = importOf(OPENSUSE);
export const almalinuxImport: Figure = importOf(ALMALINUX);

export const debianReimport: Figure = reimportOf(DEBIAN);
export const ubuntuReimport: Figure = reimportOf(UBUNTU);
export const opensuseReimport: Figure = reimportOf(OPENSUSE);
export const almalinuxReimport: Figure = reimportOf(ALMALINUX);

/** Returns the figure of a first import; storing should take no longer than parsing. */
function importOf(feed: LargeFeed): Figure {
  return {
    title: `import of ${feed.title} into an empty database`,
    against: 'parsing it alone',
    aim: 0.5,
    aimMegabytes: AIM_MEGABYTES,
    pairs: PAIRS,
    prepare: (folder) => writePlainFeed(folder, feed),
    subject: (folder) => importFeed(folder, 'subject.db', feed),
    reference: (folder) => parse(folder, feed),
  };
}

function reimportOf(feed: LargeFeed): Figure {
  return {
    title: `import of ${feed.title}, unchanged`,
    against: 'its first import',
    aimMegabytes: AIM_MEGABYTES,
    pairs: PAIRS,
    async prepare(folder) {
      await writePlainFeed(folder, feed);
      await importFeed(folder, 'model.db', feed);
    },
    subject: (folder) => importFeed(folder, 'model.db', feed),
    reference: (folder) => importFeed(folder, 'subject.db', feed),
  };
}

/**
 * Decompresses the copy, because its compression needs a window of 128 MB, unlike the compression of the upstream file.
 */
async function writePlainFeed(folder: string, { feed, path }: LargeFeed): Promise<void> {
  if (isTiny()) {
    writeTinyFeed(feed, plainFeedIn(folder));
    return;
  }
  const copy = sharedPath(path);
  if (!existsSync(copy)) throw new FigureUnavailable(`${copy} not found`);
  const decompressor = new DecompressStream({ windowLogMax: WINDOW_LOG });
  await pipeline(createReadStream(copy), decompressor, createWriteStream(plainFeedIn(folder)));
}

function plainFeedIn(folder: string): string {
  return join(folder, 'feed');
}

/** Reports the size of the database after SQLite has written everything into its file. */
async function importFeed(folder: string, name: string, { feed }: LargeFeed): Promise<Run> {
  const database = join(folder, name);
  const clair = await composeClair({ type: 'sqlite', path: database });
  const run = await timed(async (): Promise<Work> => {
    const result = await clair.updater.update(feed, { from: plainFeedIn(folder) });
    if (result.kind !== 'updated') throw new Error('a local file has no unchanged response');
    const { added, changed, withdrawn, unchanged } = result.counts;
    const count = added + changed + withdrawn + unchanged;
    return { what: `${unchanged} of ${count} advisories unchanged`, amount: { count, unit: 'records' } };
  });
  await clair.close();
  return { ...run, what: `${run.what}; ${sizeOf(database)}` };
}

function sizeOf(path: string): string {
  const database = new Database(path, { readonly: true });
  const ranges = database.prepare<[], number>('SELECT COUNT(*) FROM affected').pluck().get() ?? 0;
  database.close();
  const megabytes = statSync(path).size / 1e6;
  const perRanges = (megabytes / ranges) * 100_000;
  return `${ranges} ranges in ${megabytes.toFixed(1)} MB, ${perRanges.toFixed(1)} MB per 100,000 ranges`;
}

/** Counts advisories by identifier, as the import does, because parts of one advisory arrive separately. */
async function parse(folder: string, { feed }: LargeFeed): Promise<Run> {
  const fetcher = FETCHERS.find(({ id }) => id === feed);
  return await timed(async (): Promise<Work> => {
    const outcome = await fetcher?.fetch({ http: { get: noNetwork }, from: plainFeedIn(folder) });
    if (outcome?.kind !== 'advisories') throw new Error(`${feed} returned no advisories`);
    const ids = new Set<string>();
    let ranges = 0;
    for await (const { id, affected } of outcome.advisories) {
      ids.add(id);
      ranges += affected.length;
    }
    return { what: `${ranges} ranges`, amount: { count: ids.size, unit: 'records' } };
  });
}

function noNetwork(): never {
  throw new Error('this bench sends no HTTP requests');
}
