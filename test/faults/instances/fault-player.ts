import { setTimeout } from 'node:timers/promises';
import { type Random, randomOf } from '../fuzz/random.ts';
import type { PostgresServer } from '../../../src/database/testing/postgres-server.ts';
import type { CuttingProxy } from './cutting-proxy.ts';
import type { Instance } from './instance.ts';
import type { Tally } from './retrying-client.ts';

export type FaultPlayerOptions = {
  readonly seed: number;
  readonly instances: readonly Instance[];
  readonly postgres: Pick<PostgresServer, 'kill' | 'start'>;
  readonly databaseProxies: readonly CuttingProxy[];
  readonly clientProxy: CuttingProxy;
  /** The duration of the faults in milliseconds. */
  readonly duration: number;
  readonly tally: Tally;
  readonly say: (what: string) => void;
};

/** Plays random faults of three kinds concurrently. At the end all processes run and no proxy breaks connections. */
export async function playFaults(options: FaultPlayerOptions): Promise<void> {
  const { seed, instances, postgres, databaseProxies, clientProxy, duration, tally, say } = options;
  const end = Date.now() + duration;

  async function repeat(
    lane: number,
    [shortest, longest]: Pauses,
    play: (random: Random) => Promise<void>,
  ): Promise<void> {
    const random = randomOf(seed, lane);
    for (;;) {
      const pause = shortest + random.below(longest - shortest);
      if (Date.now() + pause > end) return;
      await setTimeout(pause);
      await play(random);
    }
  }

  await Promise.all([
    repeat(1, [2000, 8000], async (random) => {
      const instance = random.pick(instances);
      const milliseconds = random.below(MAX_FAULT_MS);
      tell(`kill -9 of ${instance.name}`, `${milliseconds} ms`);
      await instance.kill();
      await setTimeout(milliseconds);
      await instance.start();
    }),
    repeat(2, [5000, 20_000], async (random) => {
      const milliseconds = random.below(MAX_FAULT_MS);
      tell('kill -9 of PostgreSQL', `${milliseconds} ms`);
      await postgres.kill();
      await setTimeout(milliseconds);
      await postgres.start();
    }),
    repeat(3, [500, 5000], async (random) => {
      const proxy = random.pick([clientProxy, ...databaseProxies]);
      const [how, milliseconds] = [random.pick(WAYS), random.below(MAX_FAULT_MS)];
      const whose =
        proxy === clientProxy ? 'clients' : `${instances[databaseProxies.indexOf(proxy)]?.name} to PostgreSQL`;
      tell(`${how} of ${whose}`, `${milliseconds} ms`);
      disturb(proxy, how, { milliseconds, bytes: random.below(20_000) });
    }),
  ]);
  clientProxy.calm();
  for (const proxy of databaseProxies) proxy.calm();

  function tell(what: string, detail: string): void {
    tally.count(what);
    say(`${what}, ${detail}`);
  }
}

type Pauses = readonly [shortest: number, longest: number];

const MAX_FAULT_MS = 5000;

const WAYS = ['cut', 'cut within an answer', 'half-closed near', 'half-closed far', 'delayed', 'refused'] as const;

function disturb(
  proxy: CuttingProxy,
  how: (typeof WAYS)[number],
  { milliseconds, bytes }: { readonly milliseconds: number; readonly bytes: number },
): void {
  switch (how) {
    case 'cut':
      proxy.cut();
      break;
    case 'cut within an answer':
      proxy.cutWithin(bytes);
      break;
    case 'half-closed near':
      proxy.halfClose('near', milliseconds);
      break;
    case 'half-closed far':
      proxy.halfClose('far', milliseconds);
      break;
    case 'delayed':
      proxy.delay(milliseconds);
      break;
    case 'refused':
      proxy.refuse(milliseconds);
      break;
  }
}
