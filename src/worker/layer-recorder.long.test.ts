import { randomBytes } from 'node:crypto';
import { expect, it, vi } from 'vitest';
import { digestOf } from '../database/testing/packages.ts';
import { memoryStore } from '../database/testing/memory-store.ts';
import { type SystemPackage } from '../model/feature.ts';
import { DETECTORS } from './detectors/index.ts';
import type { LayerEntry } from './layer/layer-contents.ts';
import { packContents } from './layer/packed-contents.ts';
import { chainKey } from './layer/chain-key.ts';
import { createLayerRecorder } from './layer-recorder.ts';
import { loggedDigest } from './logged/logged-databases.ts';

const PACKAGES: readonly SystemPackage[] = ['bash', 'libc6'].map((name) => {
  const version = '1';
  return { type: 'deb', name, version, arch: 'amd64', source: { name, version } };
});

function contentsOf(entries: readonly LayerEntry[]): Uint8Array {
  return packContents({ whiteouts: [], opaque: [], entries, outside: 0 });
}

it('bounds cached databases with logs together with the recent states', async () => {
  const store = await memoryStore();
  const { record } = createLayerRecorder({ store, detectors: DETECTORS });
  const path = 'var/lib/rpm/rpmdb.sqlite';
  const [database, log] = [digestOf('d'), digestOf('e')];
  const base = {
    name: 'base',
    engineVersion: 1,
    parent: null,
    digest: digestOf('b'),
    contents: contentsOf([
      { kind: 'file', path, facts: { content: database, diagnostics: [] } },
      { kind: 'file', path: `${path}-wal`, facts: { content: log, diagnostics: [] } },
    ]),
  };
  const reads = vi.spyOn(store.layers, 'chain');
  const isCached = async (engineVersion: number, message: string): Promise<boolean> => {
    const diagnostics = [{ code: 'package-database-unreadable', message, where: path }] as const;
    const together: LayerEntry = { kind: 'file', path, facts: { packages: PACKAGES, diagnostics } };
    const digest = loggedDigest({ detector: 'rpm', path, database, log });
    await store.layers.keepContents(digest, engineVersion, contentsOf([together]));
    const stored = await record({ ...base, engineVersion });
    if (!('id' in stored)) throw new Error('nothing is left to be read');
    const empty = { engineVersion, digest: digestOf('c'), contents: contentsOf([]), isLast: true };
    await record({ ...empty, name: 'beside', parent: null });
    reads.mockClear();
    const chain = chainKey(undefined, { digest: base.digest, engineVersion });
    await record({ ...empty, name: 'above', parent: { ...stored, chain } });
    return reads.mock.calls.length === 0;
  };
  expect(await isCached(1, 'x')).toBe(true);
  // The bytes are random, so that the package stays above 4 MiB when compressed.
  expect(await isCached(2, randomBytes(4.2 * 1024 * 1024).toString('base64'))).toBe(false);
  await store.close();
});
