import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { cutConnections } from './cut-connections.ts';

it('closes the connections to the server whose clients ended while they were frozen', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  const proxy = await cutConnections(address.port);
  const client = connect(proxy.port, '127.0.0.1');
  const [accepted] = (await once(server, 'connection')) as [Socket];
  client.write('before');
  await once(accepted, 'data');
  proxy.freeze();
  client.destroy();
  // The proxy notices the end before it forwards the bytes of another client.
  const next = connect(proxy.port, '127.0.0.1');
  const [other] = (await once(server, 'connection')) as [Socket];
  next.write('after');
  await once(other, 'data');
  const ended = once(accepted, 'close');
  await proxy.close();
  await ended;
  expect(accepted.destroyed).toBe(true);
  server.close();
});
