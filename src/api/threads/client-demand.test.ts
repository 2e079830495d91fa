import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { afterEach, expect, it } from 'vitest';
import { clientDemand } from './client-demand.ts';

const { port1, port2 } = new MessageChannel();
afterEach(() => port1.close());

it('waits for one request per message, and fails with the remedy for slow clients', async () => {
  const wanted = clientDemand(port2, { messageBytes: 256 * 1024, maxPause: 20 });
  const received = once(port2, 'message');
  port1.postMessage('more');
  await received;
  await wanted();
  const waiting = wanted();
  port1.postMessage('more');
  await waiting;
  await expect(wanted()).rejects.toMatchObject({
    code: 'answer/read-too-slow',
    message: 'the client read less than 256 KiB of a long response in 0.02 seconds',
    remedy: expect.stringContaining('26 KB'),
  });
});
