import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Hands bytes on between whoever connects and a port of this machine, until it is told to do otherwise. */
export type CuttingProxy = {
  readonly port: number;
  /** Ends all connections that there are, with a reset. Gives how many. */
  readonly cut: () => number;
  /** Ends the connection over which so many more bytes have come back, in the middle of them. */
  readonly cutWithin: (bytes: number) => void;
  /** How many connections ended so. */
  readonly cutsWithin: () => number;
  /**
   * Says on all connections to one side that nothing more comes, and tells the other side nothing of it, whose bytes are
   * lost; after so many milliseconds they end. Gives how many.
   */
  readonly halfClose: (side: Side, milliseconds: number) => number;
  /** Holds all bytes back for so many milliseconds. */
  readonly delay: (milliseconds: number) => void;
  /** Ends all connections, and for so many milliseconds each new one at once. */
  readonly refuse: (milliseconds: number) => void;
  /** Hands on all from now on. */
  readonly calm: () => void;
  readonly close: () => Promise<void>;
};

/** Whoever connects, or what is connected to. */
export type Side = 'near' | 'far';

/** Starts it in front of a port. */
export async function startCuttingProxy(target: number): Promise<CuttingProxy> {
  const pairs = new Set<Pair>();
  let refusesUntil = 0;
  /** How many of those who hold all bytes back are not done. */
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
        // Half of it goes out before the end.
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
    // Errors are those of the other end; the pair is closed behind them.
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
