/**
 * Tests reports on a library that belongs to a distribution package. The release of the distribution reaches its end of
 * life after the image was stored.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { publish } from '../../../database/testing/store-content.ts';
import { advisory } from '../../../database/testing/packages.ts';
import { NO_CONTENTS } from '../../../database/testing/stores.ts';
import type { Store } from '../../../database/contracts/store.ts';
import { memoryStore } from '../../../database/testing/memory-store.ts';
import type { Layer } from '../../../model/layer.ts';
import type { Report } from '../../../model/report/report.ts';
import { DETECTORS } from '../../../worker/detectors/index.ts';
import { elfFile } from '../../../worker/detectors/libraries/executables/testing/elf-file.ts';
import { file, layeredImage } from '../../../worker/testing/layered-image.ts';
import { createLocalWorker } from '../../../worker/testing/local-worker.ts';
import { touchedImages } from '../../affected/touched-images.ts';
import { explanationOf } from '../../explanation/stored-explanation.ts';
import { reportImage } from '../image-report.ts';

const METADATA = 'usr/lib/python3/dist-packages/x-1.dist-info/METADATA';
const IMAGE = layeredImage([
  file('etc/os-release', 'ID=debian\nVERSION_ID=11\n'),
  file(
    'var/lib/dpkg/status',
    'Package: python3-x\nStatus: install ok installed\nVersion: 1\nArchitecture: all\nSource: x\n',
  ),
  file('var/lib/dpkg/info/python3-x.list', `/${METADATA}\n/usr/bin/tool\n`),
  file(METADATA, 'Metadata-Version: 2.1\nName: x\nVersion: 1\n'),
  file('usr/bin/tool', elfFile([{ name: '.gopclntab', content: Buffer.alloc(64) }])),
]);
const IMAGE_FACTS = { kind: 'oci', reference: 'r', digest: IMAGE.digest, platform: 'linux/amd64', layers: [] };

/** The last day of the long-term support of Debian 11. */
const LAST_DAY = Date.parse('2026-08-31T12:00:00Z');
const NEXT_DAY = Date.parse('2026-09-01T00:00:00Z');

let now = LAST_DAY;
let store: Store;
let layers: readonly Layer[];
beforeEach(async () => {
  now = LAST_DAY;
  store = await memoryStore({ time: () => now });
  await publish(store, [advisory('CVE-1', { package: 'x', namespace: 'debian:11', fixed: '1' })], LAST_DAY);
  const other = { feed: 'osv', scheme: 'pep440' } as const;
  await publish(store, [advisory('CVE-1', { package: 'x', namespace: 'pypi', fixed: '2' })], LAST_DAY, other);
  layers = await createLocalWorker({ store, detectors: DETECTORS }).analyzeImage(IMAGE);
  const image = { digest: IMAGE.digest, reference: 'r', target: 'oci:r', platform: 'p', leaf: layers[0]?.id ?? 0 };
  await store.images.record({ ...NO_CONTENTS, ...image, scannedAt: now });
});
afterEach(async () => await store.close());

async function report(): Promise<Report> {
  return await reportImage(store, IMAGE_FACTS, layers, now);
}

type Seen = {
  readonly findings: readonly (readonly string[])[];
  readonly codes: readonly string[];
  readonly rest: object;
};

async function seen(): Promise<Seen> {
  const { findings, diagnostics, ...others } = await report();
  const explanation = await explanationOf(store, 'CVE-1', { report: { findings, diagnostics, ...others }, layers });
  const { images } = await touchedImages(store, new Set(['CVE-1']), 10);
  const introducing = await store.matches.introducingLayers(['CVE-1'], { after: 0, limit: 10 });
  const affected = [{ ...advisory('CVE-1', { package: 'x', namespace: 'pypi' }).affected[0] }] as never;
  const unstored = await store.matches.affectedLayers({ affected }, { after: 0, limit: 10 });
  const counted = images.flatMap(({ packages }) => packages.flatMap(({ paths }) => paths));
  return {
    findings: findings.map(({ id, package: name, paths }) => [id, name, ...paths]),
    codes: diagnostics.map(({ code }) => code).filter((code) => /owner-not-covered|binary/.test(code)),
    rest: {
      verdict: explanation.verdict,
      images: images.length,
      counted,
      layers: [introducing.length, unstored.length],
      namespaces: [...(await store.layers.namespaces(layers[0]?.id ?? 0)).keys()].toSorted(),
    },
  };
}

describe('a library that a package of an ending release owns', () => {
  it('is matched with the advisories of the release until the last day of its support, and with its own advisories from the next day on', async () => {
    expect(await seen()).toEqual({
      findings: [],
      codes: ['owned-binary-unidentified'],
      rest: { verdict: 'not-affected', images: 0, counted: [], layers: [0, 0], namespaces: ['debian:11'] },
    });
    now = NEXT_DAY;
    expect(await seen()).toEqual({
      findings: [['CVE-1', 'x', METADATA]],
      codes: ['binary-unidentified', 'owner-not-covered'],
      rest: { verdict: 'affected', images: 1, counted: [METADATA], layers: [1, 1], namespaces: ['debian:11', 'pypi'] },
    });
  });

  it('keeps the diagnostics of its files while no feed covers the release', async () => {
    await publish(store, [advisory('CVE-2', { package: 'x', namespace: 'debian:12' })], LAST_DAY);
    expect((await seen()).codes).toEqual(['binary-unidentified', 'owner-not-covered']);
  });

  it('changes no advisory when the support ends, so there is no notification', async () => {
    const version = await store.version();
    now = NEXT_DAY;
    await report();
    expect(await store.version()).toBe(version);
  });
});
