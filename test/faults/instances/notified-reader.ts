import { setTimeout } from 'node:timers/promises';
import { type NotifiedReceiver, startReceiver } from '../../fixtures/notified-receiver.ts';
import type { Random } from '../fuzz/random.ts';
import type { RetryingClient } from './retrying-client.ts';

/** A receiver that rejects some notifications at first, and reads the accepted notifications through the API. */
export type NotifiedReader = {
  readonly receiver: NotifiedReceiver;
  readonly read: ReadonlySet<string>;
  readonly close: () => Promise<void>;
};

const POLL_MS = 200;

/** One in this many notifications is rejected the first time. */
const REFUSED = 6;

/** Starts the receiver. @param wrong called for each wrong response */
export async function startNotifiedReader(
  client: RetryingClient,
  random: Random,
  wrong: (what: string) => void,
): Promise<NotifiedReader> {
  const receiver = await startReceiver((response, _request, attempt) => {
    const status = attempt === 1 && random.below(REFUSED) === 0 ? random.pick([500, 503]) : 200;
    response.writeHead(status).end();
  });
  const read = new Set<string>();
  const tried = new Set<string>();
  const stop = new AbortController();

  async function readTaken(): Promise<void> {
    for (const name of receiver.taken) {
      if (tried.has(name)) continue;
      tried.add(name);
      try {
        await client.request('GET', `/v1/notifications/${name}?limit=10`, { expected: [200] });
        await client.request('DELETE', `/v1/notifications/${name}`, { expected: [200] });
        read.add(name);
      } catch (error) {
        wrong(error instanceof Error ? error.message : String(error));
      }
    }
  }

  const reading = (async () => {
    while (!stop.signal.aborted) {
      await readTaken();
      await setTimeout(POLL_MS);
    }
  })();
  return {
    receiver,
    read,
    async close() {
      stop.abort();
      await reading;
      await receiver.close();
    },
  };
}
