import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { inChunks, tarOf } from '../bytes/testing/tar-builder.ts';
import { memoryStore } from '../database/testing/memory-store.ts';
import type { Store } from '../database/contracts/store.ts';
import { digestOfHex } from '../model/digest.ts';
import type { Layer } from '../model/layer.ts';
import { DETECTORS } from './detectors/index.ts';
import type { LayerLayout } from './layer/layer-layout.ts';
import { createLocalWorker } from './testing/local-worker.ts';
import type { Worker } from './worker.ts';

/** An archive that is an image in both layouts. */
const TAR = tarOf(
  { name: 'etc/os-release', content: 'ID=debian\nVERSION_ID=12\n' },
  { name: 'rootfs/etc/os-release', content: 'ID=debian\nVERSION_ID=11\n' },
);
const DIFF_ID = digestOfHex(createHash('sha256').update(TAR).digest('hex'));

let store: Store;
let worker: Worker;
let opened: string[];

beforeEach(async () => {
  store = await memoryStore();
  worker = createLocalWorker({ store, detectors: DETECTORS });
  opened = [];
});

afterEach(async () => {
  await store.close();
});

async function analyze(name: string, parent: Layer | null, layout?: LayerLayout): Promise<Layer> {
  const open = async (): Promise<AsyncGenerator<Uint8Array>> => {
    opened.push(name);
    return inChunks(TAR);
  };
  const source = { where: name, open, diffId: DIFF_ID };
  return await worker.analyzeLayer({ name, parent, source, ...(layout && { layout }) });
}

it('reads the same bytes again for another layout and stores both results', async () => {
  const docker = await analyze('docker', null);
  const aci = await analyze('aci', null, 'aci');
  expect(opened).toEqual(['docker', 'aci']);
  const known = [await analyze('docker again', null, 'docker'), await analyze('aci again', null, 'aci')];
  expect(opened).toEqual(['docker', 'aci']);
  const namespaces = [docker, aci, ...known].map(({ distribution }) => distribution?.namespace);
  expect(namespaces).toEqual(['debian:12', 'debian:11', 'debian:12', 'debian:11']);
});

it("applies a layer to its parent's contents in the parent's layout", async () => {
  const aci = await analyze('aci', null, 'aci');
  const empty = { where: 'empty', open: async () => inChunks(Buffer.alloc(0)) };
  const top = await worker.analyzeLayer({ name: 'top', parent: aci, source: empty });
  expect(top.distribution?.namespace).toBe('debian:11');
  const back = await analyze('docker', top);
  expect(back.distribution?.namespace).toBe('debian:12');
});
