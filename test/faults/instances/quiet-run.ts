import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openSqlite } from '../../../src/database/engines/sqlite/engine.ts';
import { freePort } from '../../../src/database/testing/free-port.ts';
import { randomOf } from '../fuzz/random.ts';
import { carryOut, untilAllIsTold, untilFeedIsThere } from './carried-work.ts';
import type { FaultRunOptions, Matter } from './fault-run.ts';
import { startFileServer } from './file-server.ts';
import { type FinalReports, finalReports } from './final-reports.ts';
import { createInstance } from './instance.ts';
import { instanceConfig } from './instance-config.ts';
import { runHousekeeping } from './leases.ts';
import { startNotifiedReader } from './notified-reader.ts';
import { createRetryingClient, createTally } from './retrying-client.ts';
import { readContents, type TableContents } from './table-contents.ts';

/** The results without faults. */
export type QuietRun = { readonly contents: TableContents; readonly reports: FinalReports };

/** Runs all work on one instance with the embedded database. @throws Error when anything fails */
export async function runQuietly(
  { work, feed, folder }: Matter,
  { program, seed }: FaultRunOptions,
): Promise<QuietRun> {
  const wrong = (what: string): never => {
    throw new Error(`without any fault: ${what}`);
  };
  const own = join(folder, 'quiet');
  mkdirSync(own);
  const path = join(own, 'clair.db');
  const tally = createTally();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const files = await startFileServer(work.files, feed);
  const reader = await startNotifiedReader(
    createRetryingClient(url, randomOf(seed, 60), tally),
    randomOf(seed, 61),
    wrong,
  );
  const database = { type: 'sqlite', path };
  const { endpoint } = reader.receiver;
  const config = instanceConfig({ database, feedUrl: files.feedUrl, endpoint, feedInterval: '500ms' });
  const instance = createInstance({ name: 'quiet', program, folder: own, port, config });
  try {
    await instance.start();
    await untilFeedIsThere({ url, seed, tally });
    await carryOut({ url, work, feed, files, seed, duration: 0, tally, wrong });
    const engine = await openSqlite(path);
    try {
      for (const what of await untilAllIsTold(engine)) wrong(what);
      const reports = await finalReports(url, work);
      const ending = await instance.stop();
      if (ending !== undefined) wrong(ending);
      await runHousekeeping(program, path);
      return { reports, contents: await readContents(engine) };
    } finally {
      await engine.close();
    }
  } finally {
    await instance.kill();
    await reader.close();
    await files.close();
  }
}
