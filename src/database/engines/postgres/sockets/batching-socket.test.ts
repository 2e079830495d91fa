import { once } from 'node:events';
import { createServer } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { BatchingSocket } from './batching-socket.ts';

it('sends what is written in one tick together', async () => {
  const received: string[] = [];
  const server = createServer((peer) => peer.on('data', (data) => received.push(String(data)))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const socket = new BatchingSocket();
  socket.connect(address.port, '127.0.0.1');
  await once(socket, 'connect');
  const sent: number[] = [];
  for (const text of ['one ', 'other']) {
    socket.cork();
    socket.write(text);
    socket.uncork();
    sent.push(socket.writableLength);
  }
  await setImmediate();
  expect({ sent, rest: socket.writableLength }).toEqual({ sent: [4, 9], rest: 0 });
  socket.end();
  await once(socket, 'close');
  expect(received.join('')).toBe('one other');
  server.close();
});
