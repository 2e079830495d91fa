import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Forwards bytes between clients and a local port until `cut` breaks the connections. */
export type CuttingProxy = {
  readonly port: number;
  /** Resets all open connections. Returns their number. */
  readonly cut: () => number;
  /** Resets the connection whose response bytes exceed the next `bytes` response bytes of all connections. */
  readonly cutWithin: (bytes: number) => void;
  readonly cutsWithin: () => number;
  /**
   * Closes all connections to one side. The other side does not detect the closed connections, and the bytes that it
   * sends are lost. Closes the connections to the other side after `milliseconds`. Returns the number of connections.
   */
  readonly halfClose: (side: Side, milliseconds: number) => number;
  readonly delay: (milliseconds: number) => void;
  /** Resets all connections, and for `milliseconds` each new connection. */
  readonly refuse: (milliseconds: number) => void;
  readonly calm: () => void;
  readonly close: () => Promise<void>;
};

/** The client or the server. */
export type Side = 'near' | 'far';

/** Starts a proxy in front of a port. */
export async function startCuttingProxy(target: number): Promise<CuttingProxy> {
  const pairs = new Set<Pair>();
  let refusesUntil = 0;
  let holds = 0;
  let budget = Number.POSITIVE_INFINITY;
  let cutsWithin = 0;

  function end(pair: Pair): void {
    pairs.delete(pair);
    pair.near.resetAndDestroy();
    pair.far.resetAndDestroy();
  }

  function handOn(pair: Pair, from: Side, to: Side): void {
    const [source, sink] = [pair[from], pair[to]];
    source.on('data', (bytes: Buffer) => {
      if (pair.isHalfClosed) return;
      if (from === 'far') budget -= bytes.length;
      if (budget < 0) {
        budget = Number.POSITIVE_INFINITY;
        cutsWithin += 1;
        // Half of the chunk is sent before the connection ends.
        sink.write(bytes.subarray(0, bytes.length / 2), () => end(pair));
        return;
      }
      if (sink.write(bytes)) return;
      source.pause();
      sink.once('drain', () => {
        if (holds === 0) source.resume();
      });
    });
    source.on('end', () => {
      if (!pair.isHalfClosed) sink.end();
    });
    // A peer that resets its connection causes this error; the event `close` follows, and closes both connections.
    source.on('error', () => undefined);
    source.on('close', () => {
      pairs.delete(pair);
      if (!pair.isHalfClosed) sink.destroy();
    });
  }

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    if (refusesUntil > Date.now()) {
      near.on('error', () => undefined);
      near.resetAndDestroy();
      return;
    }
    const far = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const pair: Pair = { near, far, isHalfClosed: false };
    pairs.add(pair);
    handOn(pair, 'near', 'far');
    handOn(pair, 'far', 'near');
    if (holds > 0) hold(pair);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      const all = [...pairs];
      for (const pair of all) end(pair);
      return all.length;
    },
    cutWithin(bytes) {
      budget = bytes;
    },
    cutsWithin: () => cutsWithin,
    halfClose(side, milliseconds) {
      const all = [...pairs].filter(({ isHalfClosed }) => !isHalfClosed);
      for (const pair of all) {
        pair.isHalfClosed = true;
        pair[side].end();
        setTimeout(() => end(pair), milliseconds);
      }
      return all.length;
    },
    delay(milliseconds) {
      holds += 1;
      for (const pair of pairs) hold(pair);
      setTimeout(() => {
        holds -= 1;
        if (holds > 0) return;
        for (const { near, far } of pairs) {
          near.resume();
          far.resume();
        }
      }, milliseconds);
    },
    refuse(milliseconds) {
      refusesUntil = Date.now() + milliseconds;
      for (const pair of pairs) end(pair);
    },
    calm() {
      refusesUntil = 0;
      budget = Number.POSITIVE_INFINITY;
    },
    async close() {
      server.close();
      for (const pair of pairs) end(pair);
      await once(server, 'close');
    },
  };
}

type Pair = { readonly near: Socket; readonly far: Socket; isHalfClosed: boolean };

function hold({ near, far }: Pair): void {
  near.pause();
  far.pause();
}
