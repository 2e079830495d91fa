import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';

/** A proxy in front of a server; all its connections share one slow link. */
export type LimitedProxy = {
  /** `127.0.0.1:PORT` */
  readonly domain: string;
  /** Returns the number of bytes that the server has sent since the last call. */
  readonly takeBytes: () => number;
  readonly close: () => Promise<void>;
};

/**
 * Starts a proxy.
 *
 * @param target `HOST:PORT`
 * @param bytesPerSecond the total rate of all responses
 */
export async function startLimitedProxy(target: string, bytesPerSecond: number): Promise<LimitedProxy> {
  const [host = '', port] = target.split(':');
  const sockets = new Set<Socket>();
  let bytes = 0;
  /** The time at which the link will have sent all bytes received so far, in milliseconds. */
  let free = 0;

  async function* limited(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      const now = performance.now();
      free = Math.max(free, now) + (chunk.length / bytesPerSecond) * 1000;
      if (free > now) await setTimeout(free - now);
      yield chunk;
    }
  }

  const server = createServer((client) => {
    const upstream = connect({ host, port: Number(port) });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    }
    client.pipe(upstream);
    void pipeline(upstream, limited, client).catch(() => client.destroy());
    client.on('close', () => upstream.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    domain: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    takeBytes() {
      const taken = bytes;
      bytes = 0;
      return taken;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
