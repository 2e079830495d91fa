import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildLayer } from './testing/image-builder.ts';
import { ENGINES } from '../database/testing/stores.ts';
import type { ByteStream } from '../bytes/byte-stream.ts';
import { openStore } from '../database/open-store.ts';
import type { Store } from '../database/contracts/store.ts';
import { ClairError } from '../errors.ts';
import { type Digest, digestOfHex } from '../model/digest.ts';
import type { Layer } from '../model/layer.ts';
import { DETECTORS } from './detectors/index.ts';
import { createLayerReader } from './layer/layer-reader.ts';
import { createSingleFlight, type SharedTask } from './single-flight.ts';
import type { ImageSource } from './sources/image-source.ts';
import { createLocalWorker } from './testing/local-worker.ts';
import type { Worker } from './worker.ts';

const INSTANCES = 3;

describe.each(ENGINES)('several instances on %s', (engine, options) => {
  let stores: Store[];
  /** The database clock. */
  let time: number;
  beforeEach(async () => {
    time = 0;
    const database = options();
    const open = async (): Promise<Store> => await openStore(database, { time: () => time });
    const first = await open();
    const others = Array.from({ length: INSTANCES - 1 }, async () => (engine === 'memory' ? first : await open()));
    stores = [first, ...(await Promise.all(others))];
  });
  afterEach(async () => {
    await Promise.all([...new Set(stores)].map((store) => store.close()));
  });

  describe('analyse layers', () => {
    let workers: Worker[];
    let opened: string[];
    beforeEach(() => {
      opened = [];
      const reader = { ...createLayerReader(DETECTORS), ahead: 4 };
      workers = stores.map((store) => createLocalWorker({ store, detectors: DETECTORS, reader }));
    });
    const workerOf = (at: number): Worker => workers[at % workers.length]!;

    const opening = (where: string, tar: Uint8Array) => async (): Promise<ByteStream> => {
      opened.push(where);
      return slowly(tar);
    };

    function imageOf(tars: readonly Uint8Array[]): ImageSource {
      const digest = sha256(Buffer.concat(tars));
      const layers = tars.map((tar) => {
        const diffId = sha256(tar);
        return { source: { where: diffId, diffId, open: opening(diffId, tar) }, digest: diffId, diffId, createdBy: '' };
      });
      return { kind: 'oci', reference: 'x', target: 'oci:/x', digest, platform: '', layers, close: async () => {} };
    }

    it('with the same name, submitted several times to every instance, by reading one of them', async () => {
      const tar = await buildLayer(MEMBERS);
      const submissions = Array.from({ length: 3 * INSTANCES }, async (_none, at): Promise<Layer> => {
        const source = { where: `${at}`, open: opening(`${at}`, tar) };
        return await workerOf(at).analyzeLayer({ name: 'one', parent: null, source });
      });
      const layers = await Promise.all(submissions);
      expect(opened).toHaveLength(1);
      expect(new Set(layers.map(({ id }) => id)).size).toBe(1);
      expect(await stores[1]!.layers.features(layers[0]!.id)).toHaveLength(1);
    });

    it('of overlapping images, in any order, by reading each once', async () => {
      const tars = await Promise.all(
        ['a', 'b', 'c', 'd'].map(async (name) => await buildLayer({ ...MEMBERS, [`etc/${name}`]: name })),
      );
      const orders = [tars, tars.toReversed(), [...tars.slice(2), ...tars.slice(0, 2)], tars, tars.toReversed(), tars];
      const analyses = await Promise.all(orders.map((order, at) => workerOf(at).analyzeImage(imageOf(order))));
      expect(opened.toSorted()).toEqual(tars.map(sha256).toSorted());
      expect(analyses.map((layers) => layers.map(({ digest }) => digest))).toEqual(
        orders.map((order) => order.map(sha256)),
      );
    });

    it("from another submission's bytes when the first bytes are broken", async () => {
      const tar = await buildLayer(MEMBERS);
      const sources = [Buffer.from('<html>'), Buffer.from('<html>'), tar, tar];
      const outcomes = await Promise.allSettled(
        sources.map(async (bytes, at) => {
          await setTimeout(5 * at);
          const source = { where: `${at}`, open: opening(`${at}`, bytes) };
          return await workerOf(at).analyzeLayer({ name: 'one', parent: null, source });
        }),
      );
      const codes = outcomes.map((outcome) =>
        outcome.status === 'fulfilled' ? outcome.value.name : outcome.reason.code,
      );
      expect(codes.slice(2)).toEqual(['one', 'one']);
      // A submission after the first success needs no bytes.
      for (const code of codes.slice(0, 2)) expect(['one', 'bytes/corrupt']).toContain(code);
      expect(opened.filter((where) => where === '2' || where === '3')).toHaveLength(1);
    });
  });

  describe('share work', () => {
    let begun: string[];
    let done: string[];
    let result: string | undefined;
    beforeEach(() => {
      begun = [];
      done = [];
      result = undefined;
    });

    const task = (by: string, work: () => Promise<unknown>, signal?: AbortSignal): SharedTask<string> => ({
      find: async () => result,
      async work() {
        begun.push(by);
        await work();
        done.push(by);
        return (result = by);
      },
      ...(signal && { signal }),
    });
    const timing = { ttl: 10_000, firstPause: 5, longestPause: 20 };
    const shared = (at: number, more: object = {}) =>
      createSingleFlight({ store: stores[at]!, timing: { ...timing, ...more } });

    it('and take over when the lease of a dead instance expires', async () => {
      await stores[0]!.locks.acquire('x', 'the dead', 10_000);
      const waiting = shared(1).once(
        'x',
        task('next', async () => undefined),
      );
      await setTimeout(100);
      expect(done).toEqual([]);
      time += 10_000;
      expect(await waiting).toBe('next');
    });

    it('without a connection for each waiting caller', async () => {
      await stores[0]!.locks.acquire('x', 'another', 10_000);
      const waiting = Array.from({ length: 60 }, () =>
        createSingleFlight({ store: stores[1]!, timing }).once(
          'x',
          task('one of them', async () => undefined),
        ),
      );
      await setTimeout(50);
      expect(await stores[1]!.flags.get('y')).toBeUndefined();
      await stores[1]!.flags.set('y', 'written');
      await stores[0]!.locks.release('x', 'another');
      expect(new Set(await Promise.all(waiting))).toEqual(new Set(['one of them']));
      expect(done).toHaveLength(1);
    });

    it.each([0, 1])('and take over from an aborted caller of instance %d', async (at) => {
      const first = shared(0);
      const stop = new AbortController();
      const stopped = first.once(
        'x',
        task('first', () => aborted(stop.signal), stop.signal),
      );
      await vi.waitFor(() => expect(begun).toEqual(['first']));
      const waiting = (at === 0 ? first : shared(at)).once(
        'x',
        task('second', async () => undefined),
      );
      await setTimeout(20);
      stop.abort(new ClairError('request/timeout', 'too long'));
      await expect(stopped).rejects.toMatchObject({ code: 'request/timeout' });
      expect(await waiting).toBe('second');
    });

    it.each([0, 1])('and let a waiting caller of instance %d abort', async (at) => {
      const first = shared(0);
      let finish = (): void => undefined;
      const finished = new Promise<void>((resolve) => {
        finish = resolve;
      });
      const going = first.once(
        'x',
        task('first', () => finished),
      );
      await vi.waitFor(() => expect(begun).toEqual(['first']));
      const stop = new AbortController();
      const waiting = (at === 0 ? first : shared(at)).once(
        'x',
        task('second', async () => undefined, stop.signal),
      );
      await setTimeout(20);
      stop.abort(new ClairError('request/timeout', 'too long'));
      await expect(waiting).rejects.toMatchObject({ code: 'request/timeout' });
      finish();
      expect(await going).toBe('first');
      expect(done).toEqual(['first']);
    });

    it('but stop waiting for a lease holder after the maximum wait', async () => {
      await stores[0]!.locks.acquire('x', 'another', 10_000);
      const waiting = shared(1, { patience: 50 }).once(
        'x',
        task('next', async () => undefined),
      );
      expect(await waiting).toBe('next');
    });
  });
});

const MEMBERS = {
  'etc/os-release': 'ID=debian\nVERSION_ID=12\n',
  'var/lib/dpkg/status': 'Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n',
};

function sha256(bytes: Uint8Array): Digest {
  return digestOfHex(createHash('sha256').update(bytes).digest('hex'));
}

/** Yields the bytes slowly, which leaves time for other submissions. */
async function* slowly(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  await setTimeout(100);
  yield bytes;
}

async function aborted(signal: AbortSignal): Promise<never> {
  signal.throwIfAborted();
  return await new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}
