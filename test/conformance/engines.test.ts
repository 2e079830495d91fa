import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fileBytes } from '../../src/bytes/file-bytes.ts';
import { type Clair, composeClair } from '../../src/compose/clair.ts';
import type { Layer } from '../../src/model/layer.ts';
import { openImage, parseTarget } from '../../src/worker/sources/target.ts';
import { runsWith } from '../fixtures/run-count.ts';
import { describeShared, sharedPath } from '../fixtures/shared-data.ts';
import { ENGINES } from '../../src/database/testing/stores.ts';

/**
 * Real feeds of several formats and version schemes, except feeds that take minutes and test nothing new in the
 * database.
 */
const FEEDS: readonly (readonly [source: string, path: string])[] = [
  ['debian', 'feeds/debian/debian-tracker-derived.json.zst'],
  ['alpine', 'feeds/alpine/alpine-secdb-yaml.tar.zst'],
  ['almalinux', 'feeds/almalinux/almalinux-osv.tar.zst'],
  ['photon', 'feeds/photon/com.vmware.phsa-photon3.xml.zst'],
];

/** The feed to import twice; a small feed, because a second import takes as long as the first. */
const AGAIN = 'photon';

const ARCHIVES = ['images/debian-dbonly/bullseye-4layers.docker-archive.tar.xz', 'images/peers/alpine-310.tar.gz'];

const LAYERS = [
  'images/almalinux/almalinux-9-docker-aarch64-micro.tar.xz',
  'images/alpine/alpine-minirootfs-3.9.6-x86_64.tar.gz',
  'images/debian-dbonly/trixie.layer.tar.xz',
];

const [[, inMemory], ...OTHERS] = ENGINES as [(typeof ENGINES)[number], ...typeof ENGINES];

/**
 * The other conformance tests use the in-memory engine. These tests check that the other engines return the same
 * results for real feeds and images.
 */
describeShared(
  'real feeds and images on every engine',
  [...FEEDS.map(([, path]) => path), ...ARCHIVES, ...LAYERS],
  () => {
    let reference: Readonly<Record<string, unknown>>;
    const opened: Clair[] = [];
    async function said(options: ReturnType<typeof inMemory>): Promise<Readonly<Record<string, unknown>>> {
      const clair = await composeClair(options);
      opened.push(clair);
      return { ...(await feedsOn(clair)), ...(await imagesOn(clair)) };
    }
    beforeAll(async () => {
      reference = await said(inMemory());
    }, 240_000);
    afterAll(async () => {
      for (const clair of opened) await clair.close();
    });

    it('return results', () => {
      expect(reference).toMatchObject({ 'debian added': 30_478, [`matches of ${LAYERS[1]}`]: expect.any(String) });
      expect(Object.keys(reference).filter((name) => name.startsWith('matches of '))).toHaveLength(8);
    });

    // The in-memory engine also uses SQLite.
    it.each(runsWith(OTHERS, OTHERS.slice(-1)))(
      'are the same on %s',
      async (_, options) => expect(await said(options())).toEqual(reference),
      240_000,
    );
  },
);

/**
 * Returns the counts of each update (two updates for one feed), and a digest of all stored data of each feed.
 */
async function feedsOn({ updater, store }: Clair): Promise<Readonly<Record<string, unknown>>> {
  const said: Record<string, unknown> = {};
  for (const [source, path] of FEEDS) {
    for (const time of source === AGAIN ? (['added', 'unchanged'] as const) : (['added'] as const)) {
      const result = await updater.update(source, { from: sharedPath(path) });
      said[`${source} ${time}`] = result.kind === 'updated' ? result.counts[time] : result.kind;
    }
    const hash = createHash('sha256');
    await store.feedSnapshot(async ({ advisories }) => {
      for await (const { advisory, contentHash } of advisories(source)) {
        hash.update(JSON.stringify(advisory)).update(contentHash);
      }
    });
    said[`${source} stored`] = hash.digest('hex');
  }
  return said;
}

async function imagesOn({ worker, store }: Clair): Promise<Readonly<Record<string, unknown>>> {
  const layers: (readonly [string, Layer])[] = [];
  for (const name of ARCHIVES) {
    const image = await openImage(parseTarget(`docker-archive:${sharedPath(name)}`));
    try {
      for (const [at, layer] of (await worker.analyzeImage(image)).entries()) layers.push([`${name} ${at}`, layer]);
    } finally {
      await image.close();
    }
  }
  for (const name of LAYERS) {
    const path = sharedPath(name);
    const source = { where: path, open: async () => fileBytes(path) };
    layers.push([name, await worker.analyzeLayer({ name, parent: null, source })]);
  }
  const said: Record<string, unknown> = {};
  for (const [name, { id }] of layers) {
    said[`packages of ${name}`] = digestOf(await store.layers.features(id));
    said[`changes of ${name}`] = digestOf(await store.layers.changes(id));
    said[`matches of ${name}`] = digestOf(await store.matches.ofLayer(id));
    said[`undecided of ${name}`] = digestOf(await store.matches.undecided(id));
  }
  const [first] = await store.matches.ofLayer(layers[3]?.[1].id ?? 0);
  const name = first?.vulnerability.name ?? '';
  const page = { after: 0, limit: 100 };
  said[`layers with ${name}`] = (await store.matches.introducingLayers([name], page)).map((layer) => layer.name);
  return said;
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
