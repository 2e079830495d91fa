import { setTimeout } from 'node:timers/promises';
import type { Engine } from '../../../src/database/engines/engine.ts';
import { randomOf } from '../fuzz/random.ts';
import { type FeedProgress, runClients, submitLayers } from './clients.ts';
import { type FeedVersions, markerOf } from './feed-versions.ts';
import type { FileServer } from './file-server.ts';
import type { ImageWork } from './image-work.ts';
import { createRetryingClient, type RetryingClient, type Tally } from './retrying-client.ts';

/** The workload, the same with and without faults. */
export type WorkToCarry = {
  readonly url: string;
  readonly work: ImageWork;
  readonly feed: FeedVersions;
  readonly files: FileServer;
  readonly seed: number;
  /** The duration of the workload in milliseconds; 0 means as fast as possible. */
  readonly duration: number;
  readonly tally: Tally;
  readonly wrong: (what: string) => void;
};

/** The time limit of each step: longer than the leases of a killed instance. */
const PATIENCE_MS = 240_000;

const POLL_MS = 250;

/**
 * Submits all images while the versions of the feed appear, each after the import of the previous version. The first
 * version must be imported beforehand; the bases are submitted before the second version.
 */
export async function carryOut(options: WorkToCarry): Promise<void> {
  const { url, work, feed, files, seed, duration, tally } = options;
  const progress: FeedProgress = { published: 0, applied: 0 };
  const client = createRetryingClient(url, randomOf(seed, 50), tally);
  const start = Date.now();

  async function bringOutFeeds(): Promise<void> {
    for (let version = 1; version < feed.length; version += 1) {
      await setTimeout(Math.max(0, start + (version / (feed.length - 1)) * duration - Date.now()));
      progress.published = version;
      files.publish(version);
      await untilKnown(markerOf(version), client, start + duration + PATIENCE_MS);
      progress.applied = version;
      tally.count('versions of the feed');
    }
  }

  await submitLayers(work.bases, client, { ...options, inEnvelopes: true });
  await Promise.all([bringOutFeeds(), runClients({ ...options, feed: progress })]);
}

/** Waits until the first version of the feed is imported. */
export async function untilFeedIsThere({
  url,
  seed,
  tally,
}: Pick<WorkToCarry, 'url' | 'seed' | 'tally'>): Promise<void> {
  await untilKnown('CVE-2099-10001', createRetryingClient(url, randomOf(seed, 51), tally), Date.now() + PATIENCE_MS);
}

/**
 * Waits until all changes are planned and all notifications are read. Returns how many changes and notifications did
 * not finish in time; an empty list if all finished.
 */
export async function untilAllIsTold({ read }: Pick<Engine, 'read'>): Promise<readonly string[]> {
  for (const deadline = Date.now() + PATIENCE_MS; ; await setTimeout(POLL_MS)) {
    const row = await read.get<{ unread: number; unplanned: number }>(SELECT_LEFT);
    if (row?.unread === 0 && row.unplanned === 0) return [];
    if (Date.now() > deadline) return [`${row?.unplanned} changes not planned, ${row?.unread} notifications not read`];
  }
}

const SELECT_LEFT = `
SELECT
  (SELECT COUNT(*) FROM notification WHERE read_at IS NULL) AS unread,
  (SELECT COUNT(*) FROM change_log WHERE id > (SELECT CAST(value AS BIGINT) FROM flag WHERE name = 'notifier/cursor'))
    AS unplanned`;

async function untilKnown(id: string, client: RetryingClient, deadline: number): Promise<void> {
  for (;;) {
    const { status } = await client.request('GET', `/v1/namespaces/debian:12/vulnerabilities/${id}`, {
      expected: [200, 404],
    });
    if (status === 200) return;
    if (Date.now() > deadline) throw new Error(`${id} of the feed was not imported in time`);
    await setTimeout(POLL_MS);
  }
}
