import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomOf } from '../fuzz/random.ts';
import { carryOut, untilFeedIsThere } from './carried-work.ts';
import { startCluster } from './cluster.ts';
import { playFaults } from './fault-player.ts';
import { type FeedVersions, makeFeedVersions } from './feed-versions.ts';
import { countBases, type ImageWork, makeImages } from './image-work.ts';
import { judge } from './judge.ts';
import { runQuietly } from './quiet-run.ts';
import { createTally } from './retrying-client.ts';

export type FaultRunOptions = {
  /** How long faults are played. */
  readonly seconds: number;
  /** All that is chosen at random depends on it alone. */
  readonly seed: number;
  readonly images: number;
  /** Versions of the feed that follow the first one. */
  readonly versions: number;
  /** The arguments of Node up to the command of Clair. */
  readonly program: readonly string[];
  /** Whether the logs stay even when nothing was wrong. */
  readonly isCached: boolean;
  /** Told what happens. */
  readonly say: (what: string) => void;
};

export type FaultRun = {
  readonly failures: readonly string[];
  /** What happened how often. */
  readonly counts: ReadonlyMap<string, number>;
  /** Of what the tables hold at the end. */
  readonly digest: string;
  /** Where the logs are, if they were kept. */
  readonly folder: string;
};

/** What the clients submit, and what comes out meanwhile. */
export type Matter = { readonly work: ImageWork; readonly feed: FeedVersions; readonly folder: string };

/**
 * Does the same work twice: on one instance in peace, and then on three behind nginx and on one PostgreSQL, of which all
 * are killed and started again and all connections disturbed at random. Compares what came out.
 */
export async function runFaults(options: FaultRunOptions): Promise<FaultRun> {
  const { seconds, seed, images, versions, program, isCached, say } = options;
  const folder = mkdtempSync(join(tmpdir(), 'clair-faults-'));
  const work = await makeImages(images, randomOf(seed, 70));
  const feed = makeFeedVersions(versions, countBases(images), randomOf(seed, 71));
  const matter: Matter = { work, feed, folder };
  const expected = await runQuietly(matter, options);
  say('done in peace');

  const failures: string[] = [];
  const wrong = (what: string): void => {
    failures.push(what);
    say(`WRONG: ${what}`);
  };
  const tally = createTally();
  const cluster = await startCluster(matter, options, { tally, wrong });
  try {
    const { url, files } = cluster;
    await untilFeedIsThere({ url, seed, tally });
    say('the faults begin');
    const duration = seconds * 1000;
    await Promise.all([
      playFaults({ ...cluster, seed, duration, tally, say }),
      carryOut({ url, work, feed, files, seed, duration, tally, wrong }).catch((error: unknown) =>
        wrong(error instanceof Error ? error.message : String(error)),
      ),
    ]);
    say('the faults are over');
    const digest = await judge(cluster, { work, program, expected, tally, wrong });
    return { failures, counts: tally.counts, digest, folder };
  } finally {
    await cluster.close();
    if (failures.length === 0 && !isCached) rmSync(folder, { recursive: true, force: true });
  }
}
