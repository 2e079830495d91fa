import { expect, it } from 'vitest';
import { digestOf } from '../database/testing/packages.ts';
import { memoryStore } from '../database/testing/memory-store.ts';
import { type SystemPackage } from '../model/feature.ts';
import { DETECTORS } from './detectors/index.ts';
import { exactPaths } from './detectors/path-pattern.ts';
import type { LayerEntry } from './layer/layer-contents.ts';
import { linkedDigest } from './layer/layer-layout.ts';
import { packContents } from './layer/packed-contents.ts';
import { createLayerRecorder } from './layer-recorder.ts';

const PACKAGES: readonly SystemPackage[] = ['bash', 'libc6'].map((name) => {
  const version = '1';
  return { type: 'deb', name, version, arch: 'amd64', source: { name, version } };
});
const TARGETS = exactPaths('opt/status').map((wants) => ({ wants, detector: 'dpkg', as: 'var/lib/dpkg/status' }));

function contentsOf(entries: readonly LayerEntry[]): Uint8Array {
  return packContents({ whiteouts: [], opaque: [], entries, outside: 0 });
}

it('computes the additions of a layer from its parent, not from a more complete reading of the same contents', async () => {
  const store = await memoryStore();
  const { record } = createLayerRecorder({ store, detectors: DETECTORS });
  const link: LayerEntry = { kind: 'symlink', path: 'var/lib/dpkg/status', target: '/opt/status' };
  const file: LayerEntry = { kind: 'file', path: 'opt/status', facts: { packages: PACKAGES, diagnostics: [] } };
  const base = { engineVersion: 1, parent: null, digest: digestOf('base'), contents: contentsOf([link]) };
  const poor = await record({ ...base, name: 'poor', isLast: true });
  await store.layers.keepContents(linkedDigest(base.digest, TARGETS), 1, contentsOf([link, file]));
  const rich = await record({ ...base, name: 'rich', targets: TARGETS, isLast: true });
  if (!('id' in poor) || !('id' in rich)) throw new Error('nothing can be read again');
  const namesAt = async (id: number): Promise<readonly string[]> =>
    (await store.layers.features(id)).map((each) => each.feature.name).toSorted();
  expect([await namesAt(poor.id), await namesAt(rich.id)]).toEqual([[], ['bash', 'libc6']]);

  const top = { engineVersion: 1, digest: digestOf('top'), contents: contentsOf([]), isLast: true };
  for (const parent of [poor, rich]) {
    const told = await record({ ...top, name: `top of ${parent.name}`, parent });
    if (!('id' in told)) throw new Error('nothing can be read again');
    expect([parent.name, await namesAt(told.id)]).toEqual([parent.name, ['bash', 'libc6']]);
  }
  await store.close();
});
