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
  readonly seconds: number;
  readonly seed: number;
  readonly images: number;
  readonly versions: number;
  /** The Node arguments up to the Clair command. */
  readonly program: readonly string[];
  /** Whether to keep the logs after a successful run. */
  readonly isCached: boolean;
  readonly say: (what: string) => void;
};

export type FaultRun = {
  readonly failures: readonly string[];
  readonly counts: ReadonlyMap<string, number>;
  readonly digest: string;
  /** The folder of the logs, if they were kept. */
  readonly folder: string;
};

/** The submitted images and the published feed versions. */
export type Matter = { readonly work: ImageWork; readonly feed: FeedVersions; readonly folder: string };

/**
 * Runs the same workload twice: on one instance without faults, and on three instances behind nginx on one PostgreSQL
 * with random kills, restarts and broken connections. Compares the results.
 */
export async function runFaults(options: FaultRunOptions): Promise<FaultRun> {
  const { seconds, seed, images, versions, program, isCached, say } = options;
  const folder = mkdtempSync(join(tmpdir(), 'clair-faults-'));
  const work = await makeImages(images, randomOf(seed, 70));
  const feed = makeFeedVersions(versions, countBases(images), randomOf(seed, 71));
  const matter: Matter = { work, feed, folder };
  const expected = await runQuietly(matter, options);
  say('finished without faults');

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
    say('faults start');
    const duration = seconds * 1000;
    await Promise.all([
      playFaults({ ...cluster, seed, duration, tally, say }),
      carryOut({ url, work, feed, files, seed, duration, tally, wrong }).catch((error: unknown) =>
        wrong(error instanceof Error ? error.message : String(error)),
      ),
    ]);
    say('faults end');
    const digest = await judge(cluster, { work, program, expected, tally, wrong });
    return { failures, counts: tally.counts, digest, folder };
  } finally {
    await cluster.close();
    if (failures.length === 0 && !isCached) rmSync(folder, { recursive: true, force: true });
  }
}
