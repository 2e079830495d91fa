import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { HttpClient } from '../../../src/bytes/http/client.ts';
import type { Store } from '../../../src/database/contracts/store.ts';
import { ENRICHERS } from '../../../src/updater/enrichers/index.ts';
import { FETCHERS } from '../../../src/updater/fetchers/index.ts';
import { createUpdater, type Updater } from '../../../src/updater/updater.ts';
import type { UpdateResult } from '../../../src/updater/update-result.ts';
import { type ArchiveMembers, FEED_FILES, type FeedFiles } from './feed-files.ts';

/** The result of the import of a feed. */
export type FeedOutcome = { readonly feed: string; readonly outcome: UpdateResult | FailedUpdate };

type FailedUpdate = { readonly kind: 'failed'; readonly error: string };

/**
 * Imports every feed of `feed-files.ts` from the files below `feeds`, one feed after the other. The result includes
 * failed feeds.
 *
 * @param folder a folder for the extracted files, which the function removes at the end
 */
export async function importFeeds(store: Store, feeds: string, folder: string): Promise<readonly FeedOutcome[]> {
  const { now } = store;
  const updater = createUpdater({ store, fetchers: FETCHERS, enrichers: ENRICHERS, http: NO_NETWORK, now });
  const outcomes: FeedOutcome[] = [];
  try {
    for (const each of FEED_FILES) {
      const from = join(folder, each.feed);
      gatherFiles(each, feeds, folder, from);
      outcomes.push({ feed: each.feed, outcome: await outcomeOf(updater, each.feed, from) });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return outcomes;
}

async function outcomeOf(updater: Updater, feed: string, from: string): Promise<FeedOutcome['outcome']> {
  try {
    return await updater.update(feed, { from });
  } catch (error) {
    return { kind: 'failed', error: String(error) };
  }
}

function gatherFiles({ feed, files, members }: FeedFiles, feeds: string, folder: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const file of files) cpSync(join(feeds, file), join(to, basename(file)));
  for (const each of members) {
    const unpacked = unpackedArchive(join(feeds, each.archive), join(folder, 'archives'));
    const found = readdirSync(unpacked, { recursive: true, encoding: 'utf8' }).filter((path) => each.wanted.test(path));
    if (found.length === 0) throw new Error(`${each.archive} has no file that matches ${each.wanted} for ${feed}`);
    for (const path of found) cpSync(join(unpacked, path), join(to, basename(unpacked), memberPath(path, each)));
  }
}

function memberPath(path: string, { renamed }: ArchiveMembers): string {
  return renamed === undefined ? path : join(dirname(path), basename(path).replace(/^.*$/, renamed));
}

/** Extracts an archive once and returns the folder with its members. */
function unpackedArchive(archive: string, folder: string): string {
  const target = join(folder, basename(archive, '.tar.zst'));
  if (mkdirSync(target, { recursive: true }) !== undefined) {
    execFileSync('tar', ['-C', target, '--use-compress-program=zstd --long=27', '-xf', archive]);
  }
  return target;
}

const NO_NETWORK: Pick<HttpClient, 'get'> = {
  get: async (url) => {
    throw new Error(`unexpected request of ${url}: this script uses local files only`);
  },
};
