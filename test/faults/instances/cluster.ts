import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../../../src/database/testing/free-port.ts';
import { KILLABLE, type PostgresServer, startPostgres } from '../../../src/database/testing/postgres-server.ts';
import { randomOf } from '../fuzz/random.ts';
import { type CuttingProxy, startCuttingProxy } from './cutting-proxy.ts';
import type { FaultRunOptions, Matter } from './fault-run.ts';
import { type FileServer, startFileServer } from './file-server.ts';
import { createInstance, type Instance } from './instance.ts';
import { instanceConfig } from './instance-config.ts';
import { startNginx } from './nginx.ts';
import { type NotifiedReader, startNotifiedReader } from './notified-reader.ts';
import { createRetryingClient, type Tally } from './retrying-client.ts';

/** Three instances on one PostgreSQL behind nginx, with proxies between all processes that can break connections. */
export type Cluster = {
  /** The address for clients: a proxy in front of nginx. */
  readonly url: string;
  readonly postgres: PostgresServer;
  readonly instances: readonly Instance[];
  readonly databaseProxies: readonly CuttingProxy[];
  readonly clientProxy: CuttingProxy;
  readonly files: FileServer;
  readonly reader: NotifiedReader;
  readonly close: () => Promise<void>;
};

const INSTANCES = 3;

/** Starts the cluster; the instances start together. */
export async function startCluster(
  { work, feed, folder }: Matter,
  { program, seed }: Pick<FaultRunOptions, 'program' | 'seed'>,
  { tally, wrong }: { readonly tally: Tally; readonly wrong: (what: string) => void },
): Promise<Cluster> {
  const closings: (() => Promise<unknown> | void)[] = [];
  async function close(): Promise<void> {
    for (const end of closings.toReversed()) await end();
  }
  /** Registers `end`, which `close` calls in the reverse order of the starts. */
  function closing<T>(started: T, end: () => Promise<unknown> | void): T {
    closings.push(end);
    return started;
  }

  try {
    const own = join(folder, 'cluster');
    mkdirSync(own);
    const postgres = await startPostgres({ settings: KILLABLE });
    closing(postgres, async () => {
      await postgres.stop();
      postgres.remove();
    });
    const files = await startFileServer(work.files, feed);
    closing(files, files.close);
    const [entry = 0, ...behind] = await freePorts(INSTANCES + 1);
    const nginx = await startNginx(own, entry, behind);
    closing(nginx, nginx.stop);
    const clientProxy = await startCuttingProxy(nginx.port);
    closing(clientProxy, clientProxy.close);
    const url = `http://127.0.0.1:${clientProxy.port}`;
    const client = createRetryingClient(url, randomOf(seed, 60), tally);
    const reader = await startNotifiedReader(client, randomOf(seed, 61), wrong);
    closing(reader, reader.close);
    const databaseProxies: CuttingProxy[] = [];
    const instances: Instance[] = [];
    for (const [at, port] of behind.entries()) {
      const proxy = await startCuttingProxy(Number(new URL(postgres.source).port));
      databaseProxies.push(closing(proxy, proxy.close));
      const source = new URL(postgres.source);
      source.port = String(proxy.port);
      source.searchParams.set('sslmode', 'disable');
      const database = { type: 'postgres', source: source.href };
      const { endpoint } = reader.receiver;
      const config = instanceConfig({ database, feedUrl: files.feedUrl, endpoint, feedInterval: '3s' });
      const instance = createInstance({ name: `instance-${at + 1}`, program, folder: own, port, config });
      instances.push(closing(instance, instance.kill));
    }
    await Promise.all(instances.map((instance) => instance.start()));
    return { url, postgres, instances, databaseProxies, clientProxy, files, reader, close };
  } catch (error) {
    await close();
    throw error;
  }
}
