import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/** The first port that Linux assigns by default to outgoing connections and to servers that listen on port 0. */
const FIRST_ASSIGNED_PORT = 32_768;
const FIRST_PORT = 20_000;
const MAX_TRIES = 100;

/**
 * Returns a free port of 127.0.0.1, which a restarted server can use again. The system does not assign ports of this
 * range by itself, so no other test and no outgoing connection takes the port while the server is down.
 *
 * @throws Error if none of 100 random ports is free
 */
export async function freePort(): Promise<number> {
  const [server, port] = await openServer();
  await closed(server);
  return port;
}

/**
 * Returns different free ports, as `freePort` does.
 *
 * @throws Error as `freePort`
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const opened: [Server, number][] = [];
  while (opened.length < count) opened.push(await openServer());
  await Promise.all(opened.map(([server]) => closed(server)));
  return opened.map(([, port]) => port);
}

async function openServer(): Promise<[Server, number]> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const port = randomInt(FIRST_PORT, FIRST_ASSIGNED_PORT);
    const server = createServer();
    try {
      await once(server.listen(port, '127.0.0.1'), 'listening');
      return [server, port];
    } catch {
      // Another process uses the port.
    }
  }
  throw new Error(`none of ${MAX_TRIES} random ports is free`);
}

async function closed(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
