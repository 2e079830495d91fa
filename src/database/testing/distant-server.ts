import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A server between a client and the database server. */
export type DistantServer = {
  readonly port: number;
  /** Starts to delay the responses and to count. */
  readonly begin: () => void;
  /** Returns how often the client waited for a response since `begin`. */
  readonly trips: () => number;
  readonly close: () => void;
};

/** The network latency in milliseconds; the latency is longer than the pauses between statements. */
const DELAY_MS = 100;

/**
 * Starts a server that delays the responses of the database server and counts the round trips.
 *
 * @param port the port of the database server
 */
export async function distantServer(port: number): Promise<DistantServer> {
  let trips = 0;
  let isWaiting = false;
  let delay = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const upstream = connect(port, '127.0.0.1');
    for (const each of [socket, upstream])
      sockets.add(each.on('error', () => undefined).on('close', () => upstream.destroy()));
    socket.on('data', (bytes) => {
      if (!isWaiting) trips += 1;
      isWaiting = true;
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      setTimeout(() => {
        isWaiting = false;
        socket.write(bytes);
      }, delay);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    port: address.port,
    begin() {
      [trips, isWaiting, delay] = [0, false, DELAY_MS];
    },
    trips: () => trips,
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
