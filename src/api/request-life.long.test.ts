import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { fastify } from 'fastify';
import { afterEach, expect, it, vi } from 'vitest';
import { limitAnswers, limitTime } from './request-life.ts';

afterEach(() => {
  vi.useRealTimers();
});

it('leaves no timer for a client that disconnects before its response', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const server = fastify();
  limitTime(server, 60_000);
  limitAnswers(server, 60_000);
  const timers: number[] = [];
  server.get('/', async (_request, { raw }) => {
    timers.push(vi.getTimerCount());
    const gone = once(raw, 'close');
    client.destroy();
    await gone;
    return 'too late';
  });
  const sent = new Promise<void>((resolve) => {
    // Registered after the hook under test.
    server.addHook('onSend', async () => resolve());
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  const client = connect((server.server.address() as AddressInfo).port, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nhost: clair\r\n\r\n');
  await sent;
  timers.push(vi.getTimerCount());
  await server.close();
  expect(timers).toEqual([1, 0]);
});
