import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { memoryStore } from '../../../src/database/testing/memory-store.ts';
import type { Store } from '../../../src/database/contracts/store.ts';
import { orderedAdvisories } from '../../../src/database/queries/vulnerabilities/advisory-order.ts';
import { advisory } from '../../../src/database/testing/packages.ts';
import type { AffectedPackage } from '../../../src/model/advisories/advisory.ts';
import { isSystemPackage } from '../../../src/model/feature.ts';
import type { SchemeId } from '../../../src/versions/index.ts';
import { DETECTORS } from '../../../src/worker/detectors/index.ts';
import { openImage, parseTarget } from '../../../src/worker/sources/target.ts';
import { createLocalWorker } from '../../../src/worker/testing/local-worker.ts';
import { feedImages } from './feed-images.ts';
import { packagesOfFeeds } from './feed-packages.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-feed-packages-'));
afterAll(() => rmSync(folder, { recursive: true }));

let store: Store;
beforeEach(async () => {
  store = await memoryStore();
});
afterEach(() => store.close());

async function importFeed(
  feed: string,
  scheme: SchemeId,
  affected: readonly (Partial<AffectedPackage> & Pick<AffectedPackage, 'namespace' | 'package'>)[],
): Promise<void> {
  const advisories = affected.map((each, index) => advisory(`CVE-2000-${10_000 + index}`, each));
  const state = {
    fetcherVersion: 1,
    etag: null,
    lastModified: null,
    recordDiagnostics: { count: 0, examples: [] },
    at: 1,
  };
  await store.vulnerabilities.update({ feed, scheme, advisories: orderedAdvisories(advisories), ...state });
}

it('selects every name of a namespace once, in a version at or just below a bound', async () => {
  const fixes = ['1-1', '2-1', '3-1'];
  await importFeed(
    'debian',
    'dpkg',
    ['bash', 'curl', 'zlib'].flatMap((name) =>
      fixes.map((fixed) => ({ namespace: 'debian:12', package: name, fixed })),
    ),
  );
  const [found, ...others] = await packagesOfFeeds(store, ['debian']);
  expect(others).toEqual([]);
  expect(found).toMatchObject({ namespace: 'debian:12', scheme: 'dpkg' });
  expect(found?.packages.map(({ source }) => source.name)).toEqual(['bash', 'curl', 'zlib']);
  for (const { version } of found?.packages ?? []) expect(fixes).toContain(version.replace(/~$/, ''));
});

it('selects the same names and versions for any order of the advisories', async () => {
  const affected = Array.from({ length: 300 }, (_, index) => ({
    namespace: 'debian:12',
    package: `p${index % 100}`,
    fixed: `${Math.floor(index / 100)}-1`,
  }));
  await importFeed('one', 'dpkg', affected);
  await importFeed('other', 'dpkg', affected.toReversed());
  const [one] = await packagesOfFeeds(store, ['one']);
  const [other] = await packagesOfFeeds(store, ['other']);
  expect(one?.packages).toHaveLength(60);
  expect(other).toEqual(one);
});

it.each<[SchemeId, string, Partial<AffectedPackage>]>([
  ['dpkg', 'debian:12', {}],
  ['dpkg', 'debian:unstable', {}],
  ['apk', 'alpine:v3.18', {}],
  ['apk', 'alpine:edge', {}],
  ['apk', 'wolfi', {}],
  ['rpm', 'rhel:8', { module: 'nodejs:18', archs: ['aarch64'] }],
  ['rpm', 'oracle:9', { role: 'source' }],
  ['rpm', 'centos:7', {}],
  ['rpm', 'opensuse-tumbleweed', {}],
])('builds an image of %s that Clair recognises as %s, with its packages', async (scheme, namespace, limits) => {
  const names = ['a', 'b', 'c'];
  const fixed = scheme === 'apk' ? '1.2-r3' : '1:1.2-3';
  await importFeed(
    'feed',
    scheme,
    names.map((name) => ({ namespace, package: name, fixed, ...limits })),
  );
  const expected = (await packagesOfFeeds(store, ['feed']))[0]?.packages ?? [];
  const [built] = await feedImages(store, ['feed'], folder);
  const image = await openImage(parseTarget(built?.target ?? ''));
  const layers = await createLocalWorker({ store, detectors: DETECTORS }).analyzeImage(image);
  await image.close();
  expect(layers).toHaveLength(2);
  expect(layers[1]?.distribution?.namespace).toBe(namespace);
  // The upper layer removes the first of the three packages.
  const installed = (await store.layers.features(layers[1]?.id ?? 0))
    .map((each) => each.feature)
    .filter(isSystemPackage);
  expect(installed.map(({ name, version, arch }) => ({ name, version, arch }))).toEqual(
    expected.slice(1).map(({ name, version, arch }) => ({ name, version, arch })),
  );
  const streams = installed.map(({ module }) => module?.split(':', 2).join(':'));
  expect(streams).toEqual(['b', 'c'].map(() => limits.module));
});
