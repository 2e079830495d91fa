import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { stringify } from 'yaml';
import { scheduleDone, type ServerProcess, startClair, startServer, updateOnce } from './api/clair-process.ts';
import { copyFeedDatabase, feedPaths } from './api/feed-database.ts';
import { LARGE_LAYER } from './api/large-layer.ts';
import { sendDuring, sendRequests } from './api/requests.ts';
import type { Figure, Run } from './figure.ts';
import { sized } from './size.ts';

const STABLE_READ = `/v1/layers/${LARGE_LAYER}?vulnerabilities`;
const FIRST_READ = `/v1/layers/${LARGE_LAYER}/vulnerabilities?minimumPriority=Unknown`;

const WARM_UP = sized(500, 8);

const REQUESTS = sized(3000, 16);

/** The request rate during updates, as a fraction of the highest rate. */
const LOAD = 0.5;

const SECONDS_OF_IDLE_LOAD = sized(15, 1);

/** The number of pairs is low, because each run starts a server and some runs import all feeds. */
const PAIRS = 3;

export const readsOfStableGeneration: Figure = readsOf('stable', STABLE_READ);
export const readsOfFirstGeneration: Figure = readsOf('first', FIRST_READ);

export const readsDuringUpdate: Figure = readsDuring('clair update in another process', async (folder, measure) => {
  const database = join(folder, 'subject.db');
  return await withServer(folder, ['--no-updates'], async ({ url }) =>
    measure(url, updateOnce(configIn(folder), database)),
  );
});

export const readsDuringSchedule: Figure = readsDuring('an update in the server process', async (folder, measure) => {
  return await withServer(folder, ['--config', configIn(folder)], async ({ url }) =>
    measure(url, scheduleDone(logIn(folder), feedPaths().size)),
  );
});

function readsOf(generation: string, address: string): Figure {
  return {
    title: `reads of a layer with 400 packages and its vulnerabilities, ${generation} generation`,
    against: 'a constant response of the same size from Fastify alone, without ETag or log',
    aim: 0.25,
    pairs: PAIRS,
    async prepare(folder) {
      await copyFeedDatabase('all', join(folder, 'model.db'));
      const server = await startClair(['--no-updates'], { database: join(folder, 'model.db'), log: logIn(folder) });
      writeFileSync(join(folder, 'answer'), await (await fetch(`${server.url}${address}`)).text());
      await server.stop();
    },
    async subject(folder) {
      const server = await startClair(['--no-updates'], { database: join(folder, 'model.db'), log: logIn(folder) });
      return await timeReads(server, address);
    },
    async reference(folder) {
      const program = fileURLToPath(new URL('api/constant-server.ts', import.meta.url));
      return await timeReads(
        await startServer(['--import', 'tsx', program, join(folder, 'answer')], logIn(folder)),
        address,
      );
    },
  };
}

async function timeReads({ url, stop }: ServerProcess, address: string): Promise<Run> {
  try {
    await sendRequests({ url: `${url}${address}`, amount: WARM_UP });
    const start = performance.now();
    const { latency, throughput } = await sendRequests({ url: `${url}${address}`, amount: REQUESTS });
    return {
      milliseconds: performance.now() - start,
      what: `p50 ${latency.p50} ms, p99 ${latency.p99} ms, ${(throughput.average / 1e6).toFixed(0)} MB/s`,
      amount: { count: REQUESTS, unit: 'requests' },
    };
  } finally {
    await stop();
  }
}

type DuringUpdate = (url: string, update: Promise<void>) => Promise<Run>;

/**
 * Measures the p99 latency at a fixed request rate. The database contains all feeds except Debian, which the update
 * imports.
 */
function readsDuring(title: string, subject: (folder: string, measure: DuringUpdate) => Promise<Run>): Figure {
  return {
    title: `p99 of reads of a layer with 400 packages during ${title}: all feeds, one of them new`,
    against: 'the idle server at the same rate',
    aim: 0.5,
    pairs: PAIRS,
    async prepare(folder) {
      const feeds = feedPaths();
      const addresses = Object.fromEntries([...feeds].map(([feed, path]) => [feed, pathToFileURL(path).href]));
      const cache = join(folder, 'cache');
      const updater = { interval: '24h', feeds: [...feeds.keys()], addresses, cache };
      writeFileSync(configIn(folder), stringify({ updater }));
      await withServer(folder, ['--no-updates'], async ({ url }) => {
        const { requests } = await sendRequests({ url: `${url}${STABLE_READ}`, duration: sized(3, 1) });
        writeFileSync(join(folder, 'rate'), String(Math.ceil(requests.average * LOAD)));
      });
    },
    subject: async (folder) =>
      await subject(folder, async (url, update) => {
        const rate = rateIn(folder);
        return tailOf(await sendDuring({ url: `${url}${STABLE_READ}`, overallRate: rate }, update), rate);
      }),
    reference: async (folder) =>
      await withServer(folder, ['--no-updates'], async ({ url }) => {
        const rate = rateIn(folder);
        const load = { url: `${url}${STABLE_READ}`, overallRate: rate, duration: SECONDS_OF_IDLE_LOAD };
        return tailOf(await sendRequests(load), rate);
      }),
  };
}

function tailOf({ latency, duration }: Awaited<ReturnType<typeof sendRequests>>, rate: number): Run {
  const shares = [
    ['p50', latency.p50],
    ['p75', latency.p75],
    ['p90', latency.p90],
    ['p97.5', latency.p97_5],
    ['p99', latency.p99],
    ['p99.9', latency.p99_9],
    ['max', latency.max],
  ];
  const histogram = shares.map(([share, milliseconds]) => `${share} ${milliseconds}`).join(', ');
  const what = `the p99 at ${rate} requests a second for ${duration.toFixed(0)} s; in ms: ${histogram}`;
  return { milliseconds: latency.p99, what };
}

async function withServer<T>(
  folder: string,
  args: readonly string[],
  use: (server: ServerProcess) => Promise<T>,
): Promise<T> {
  const database = join(folder, 'subject.db');
  await copyFeedDatabase('without-debian', database);
  writeFileSync(logIn(folder), '');
  const server = await startClair(args, { database, log: logIn(folder) });
  try {
    await sendRequests({ url: `${server.url}${STABLE_READ}`, amount: WARM_UP });
    return await use(server);
  } finally {
    await server.stop();
  }
}

function rateIn(folder: string): number {
  return Number(readFileSync(join(folder, 'rate'), 'utf8'));
}

function configIn(folder: string): string {
  return join(folder, 'clair.yaml');
}

function logIn(folder: string): string {
  return join(folder, 'server.log');
}
