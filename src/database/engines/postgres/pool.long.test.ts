import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { openPostgres } from './engine.ts';

/** Returns a protocol message, which consists of the type, the length (including the length field) and the content. */
function message(type: string, ...content: readonly (string | number)[]): Buffer {
  const body = Buffer.concat(content.map((each) => (typeof each === 'number' ? int32(each) : Buffer.from(each))));
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** AuthenticationOk, ReadyForQuery and ErrorResponse (postgresql.org/docs/current/protocol-message-formats.html). */
const READY_BUT_ENDING = Buffer.concat([
  message('R', 0),
  message('Z', 'I'),
  message('E', 'SFATAL\0', 'VFATAL\0', 'C57P01\0', 'Mterminating connection\0', '\0'),
]);

it('survives a server that closes a connection as soon as it is ready', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(READY_BUT_ENDING));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  try {
    const source = `postgres://clair@127.0.0.1:${(server.address() as AddressInfo).port}/clair?sslmode=disable`;
    await expect(openPostgres(source, { patience: 0 })).rejects.toMatchObject({ code: 'database/unavailable' });
  } finally {
    server.close();
  }
});
