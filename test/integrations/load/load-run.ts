import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { hexOf } from '../../../src/worker/testing/image-builder.ts';
import { openPostgres } from '../../../src/database/engines/postgres/engine.ts';
import { freePort } from '../../../src/database/testing/free-port.ts';
import { createInstance, type Instance } from '../../faults/instances/instance.ts';
import { untilNothingIsHeld } from '../../faults/instances/leases.ts';
import { runClair } from '../../fixtures/clair-process.ts';
import { DEMO_FEED } from '../../fixtures/demo-image.ts';
import type { Transport } from '../clair-v4/transport.ts';
import { createBalancer } from './balanced-requests.ts';
import { harborJob, type JobEnd } from './harbor-jobs.ts';
import { buildLoadImages } from './load-images.ts';
import { quayWork } from './quay-work.ts';
import { type Download, startSlowRegistry } from './slow-registry.ts';

export type LoadOptions = {
  /** The number of concurrent Harbor jobs, and the number of images that the jobs scan. */
  readonly jobs: number;
  readonly images: number;
  /** The number of manifests that Quay indexes; their layers are also layers of Harbor images. */
  readonly manifests: number;
  /** The number of manifests that Quay indexes at a time. */
  readonly quayWorkers: number;
  /**
   * The times at which an instance is killed, in milliseconds after all scans were accepted; the instances take turns.
   */
  readonly kills: readonly number[];
  /** The minimum and maximum duration of a download, in milliseconds. */
  readonly download: readonly [shortest: number, longest: number];
  /** The reading threads of an instance, each of which downloads one layer at a time. */
  readonly threads: number;
  readonly isTimed: boolean;
  /** The Node arguments up to the Clair command, and the address of an empty database that no other test uses. */
  readonly program: readonly string[];
  readonly source: string;
};

export type LoadResult = {
  readonly ends: readonly JobEnd[];
  /** The number of attempts for each manifest, or its error. */
  readonly manifests: readonly (number | string)[];
  readonly downloads: readonly Download[];
  /** The number of requests with a login that was no longer valid. */
  readonly refused: number;
  /** The times of the kills, in milliseconds since 1970. */
  readonly kills: readonly number[];
  /** The duration of each request for the metadata, in milliseconds. */
  readonly metadata: readonly number[];
  /**
   * Scans, logins and leases that wrongly remain in the database after the run, and abnormal exits of the instances.
   */
  readonly left: readonly string[];
  /** Errors in the logs of the instances. */
  readonly logged: readonly string[];
  readonly milliseconds: number;
};

const METADATA_PAUSE_MS = 50;

/** The time from a kill until the instance starts again, in milliseconds. */
const DOWN_MS = 1000;

/** Runs scans of Harbor and Quay on two Clair instances with one database, and kills an instance from time to time. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { source, program, threads } = options;
  const folder = mkdtempSync(join(tmpdir(), 'clair-load-'));
  const [shortest, longest] = options.download;
  let turn = 0;
  // The durations are the same in each run, and fast and slow downloads take turns.
  const registry = await startSlowRegistry(() => shortest + ((longest - shortest) * ((turn += 7) % 20)) / 20);
  const instances: Instance[] = [];
  try {
    for (const name of ['one', 'two']) {
      const config = {
        database: { type: 'postgres', source },
        worker: { allowedHosts: ['127.0.0.1'], threads },
        updater: { interval: 0 },
      };
      instances.push(createInstance({ name, program, folder, port: await freePort(), config }));
    }
    await instances[0]?.start();
    await runClair(['update', '--config', join(folder, 'one.yaml'), '--feed', 'debian', '--from', DEMO_FEED]);
    await instances[1]?.start();
    const result = await underLoad(options, registry, instances);
    const left = await leftInDatabase(options, instances);
    return { ...result, left, logged: instances.flatMap(({ name }) => errorsIn(join(folder, `${name}.log`))) };
  } finally {
    await Promise.all(instances.map((instance) => instance.kill()));
    await registry.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function underLoad(
  { jobs, images: count, manifests, quayWorkers, kills: times, isTimed }: LoadOptions,
  registry: Awaited<ReturnType<typeof startSlowRegistry>>,
  instances: readonly Instance[],
): Promise<Omit<LoadResult, 'left' | 'logged'>> {
  const built = await buildLoadImages(count);
  const digests = built.map((layers) => registry.image(layers));
  const send = createBalancer(instances.map(({ url }) => url));
  const harbor = (request: Parameters<typeof send>[0]): ReturnType<typeof send> =>
    send({ ...request, path: `/harbor${request.path}` });
  const quay: Transport = async (method, path, { headers = {}, body } = {}) => {
    const { body: text, ...answer } = await send({ method, path, headers, body });
    return { ...answer, text };
  };

  const start = performance.now();
  const progress = { accepted: 0, isOver: false };
  const kills: number[] = [];
  const metadata: number[] = [];

  async function kill(): Promise<void> {
    // The kills wait for all scan IDs, because a scan whose connection breaks before its ID arrives fails in Harbor.
    while (progress.accepted < jobs) await setTimeout(METADATA_PAUSE_MS);
    const begin = performance.now();
    for (const [at, time] of times.entries()) {
      await setTimeout(Math.max(0, begin + time - performance.now()));
      const instance = instances[at % instances.length];
      kills.push(Date.now());
      await instance?.kill();
      await setTimeout(DOWN_MS);
      await instance?.start();
    }
  }

  async function askMetadata(): Promise<void> {
    const accept = 'application/vnd.scanner.adapter.metadata+json; version=1.0';
    while (!progress.isOver) {
      const { status, milliseconds } = await harbor({ method: 'GET', path: '/api/v1/metadata', headers: { accept } });
      if (status !== 200) throw new Error(`metadata: ${status}`);
      metadata.push(milliseconds);
      await setTimeout(METADATA_PAUSE_MS);
    }
  }

  const waiting = Array.from({ length: manifests }, (_, at) => at);
  const indexed: (number | string)[] = [];
  async function quayWorker(): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      // Quay starts with the images that Harbor scans last.
      const layers = registry.layers(built[built.length - 1 - (next % built.length)] ?? []);
      const work = { registry, hash: `sha256:${hexOf(`manifest ${next}`)}`, layers };
      indexed.push(await quayWork(quay, work).catch(String));
    }
  }

  const asking = askMetadata();
  const [ends] = await Promise.all([
    Promise.all(
      Array.from({ length: jobs }, (_, at) =>
        harborJob(harbor, {
          registry,
          digest: digests[at % count] ?? '',
          isTimed,
          accepted: () => void (progress.accepted += 1),
        }),
      ),
    ),
    kill(),
    ...Array.from({ length: quayWorkers }, () => quayWorker()),
  ]);
  progress.isOver = true;
  await asking;
  const milliseconds = performance.now() - start;
  const refused = registry.refused();
  return { ends, manifests: indexed, downloads: registry.downloads, refused, kills, metadata, milliseconds };
}

/** Stops the instances. Returns the remaining scans, logins and leases, and the abnormal exits of the instances. */
async function leftInDatabase({ source }: LoadOptions, instances: readonly Instance[]): Promise<readonly string[]> {
  const engine = await openPostgres(source);
  try {
    const left: string[] = [];
    const rows = await engine.read.all<{ name: string; state: string }>(
      'SELECT name, state FROM submission WHERE finished_at IS NULL OR access IS NOT NULL',
      [],
    );
    left.push(...rows.map(({ name, state }) => `scan ${name} is ${state}`));
    for (const instance of instances) {
      const ending = await instance.stop();
      if (ending !== undefined) left.push(ending);
      left.push(...instance.ends);
    }
    return [...left, ...(await untilNothingIsHeld(engine))];
  } finally {
    await engine.close();
  }
}

const PINO_ERROR = 50;

/**
 * Returns the errors in a log, without errors about an unavailable database: a busy machine can delay PostgreSQL beyond
 * the time limit of a connection, and clients survive this failure.
 */
function errorsIn(log: string): readonly string[] {
  return readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{') && (JSON.parse(line) as { level: number }).level >= PINO_ERROR)
    .filter((line) => !line.includes('database/unavailable'));
}
