import { FOUND_ORDERS } from '../contracts/found-names.ts';
import { IMAGE_ORDERS } from '../contracts/image-counts.ts';
import type { Store } from '../contracts/store.ts';
import { advisory, deb, digestOf } from './packages.ts';
import { newLayer, openNames } from './stores.ts';

/** The store calls about layers and images, and their reports, as `PLANNED_OPERATIONS` lists them. */
export const IMAGE_OPERATIONS: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  // Layer 7996 has many packages with paths, like libraries.
  'matches.ofLayer': ({ matches }) => matches.ofLayer(7996),
  'matches.undecided': ({ matches }) => matches.undecided(804),
  'matches.verdicts': ({ matches }) => matches.verdicts(804),
  'matches.later': ({ matches }) => matches.later(7996, ['deb']),
  'matches.imports': ({ matches }) => matches.imports(['CVE-77', 'CVE-78'], 'debian:12'),
  'matches.introducingLayers': ({ matches }) => matches.introducingLayers(['CVE-77'], { after: 0, limit: 100 }),
  'matches.affectedLayers': ({ matches }) => matches.affectedLayers({ affected: AFFECTED }, { after: 0, limit: 100 }),
  'matches.affectedLayers except': ({ matches }) =>
    matches.affectedLayers({ affected: AFFECTED, except: EXCEPT }, { after: 0, limit: 100 }),
  'matches.affectedFeatures': ({ matches }) => matches.affectedFeatures({ affected: AFFECTED, except: EXCEPT }),
  'matches.affectedImages': ({ matches }) => matches.affectedImages(['CVE-WIDE'], { after: undefined, limit: 100 }),
  'matches.imagesAffectedBy': ({ matches }) => matches.imagesAffectedBy(AFFECTED, { after: undefined, limit: 100 }),
  'layers.find': ({ layers }) => layers.find('layer-804'),
  'layers.find current': ({ layers }) => layers.find('layer-804', 1),
  'layers.findCurrent': ({ layers }) => layers.findCurrent('layer-804', 1),
  'layers.get': ({ layers }) => layers.get(804),
  'layers.chain': ({ layers }) => layers.chain(804),
  'layers.features': ({ layers }) => layers.features(1204),
  'layers.files': ({ layers }) => layers.files(1204),
  'layers.programs': ({ layers }) => layers.programs(804),
  'layers.statements': ({ layers }) => layers.statements(804),
  'layers.programIds': ({ layers }) => layers.programIds(804),
  'layers.namespaces': ({ layers }) => layers.namespaces(804),
  'layers.changes': ({ layers }) => layers.changes(804),
  'layers.changeCounts': ({ layers }) => layers.changeCounts(804),
  'layers.contents': ({ layers }) => layers.contents(digestOf('a'), 1),
  'layers.keepContents': ({ layers }) => layers.keepContents(digestOf('b'), 1, Buffer.from('{}')),
  'layers.diffIdOf': ({ layers }) => layers.diffIdOf(digestOf('a')),
  'layers.noteBlob': ({ layers }) => layers.noteBlob(digestOf('b'), digestOf('a')),
  'layers.insert': async ({ layers }) => {
    const parent = (await layers.get(804)) ?? null;
    const changes = ['package-1', 'package-2', 'new'].map((name) => ({
      feature: { ...deb(name, '1'), arch: 'amd64' },
      path: '',
      namespace: 'debian:12',
      originDepth: 4,
      change: 1 as const,
    }));
    const [owned, owning] = [deb('package-1', '1'), { feature: deb('package-2', '1'), namespace: 'debian:12' }];
    const owners = [{ feature: owned, path: 'usr/lib/x', namespace: 'debian:12', owner: owning }];
    const programs = [
      { path: 'usr/bin/a', program: { os: 'linux', arch: 'amd64', functions: Buffer.from('a') } },
      { path: 'usr/bin/b', program: null },
    ];
    return await layers.insert({ ...newLayer('new', parent, changes), owners, programs });
  },
  'layers.remove': ({ layers }) => layers.remove('layer-801'),
  'layers.noteUse': ({ layers }) => layers.noteUse([804, 805], AT),
  'layers.countOutdated': ({ layers }) => layers.countOutdated(2),
  'images.find': ({ images }) => images.find('sha256:7'),
  'images.topmostAmong': ({ images }) => images.topmostAmong(['layer-4', 'layer-8']),
  'images.record': ({ images }) =>
    images.record({
      digest: 'sha256:7',
      reference: 'r',
      target: 't',
      platform: 'p',
      leaf: 8,
      scannedAt: AT,
      layers: [IMAGE_LAYER, IMAGE_LAYER],
      baseDigest: null,
      commands: [],
    }),
  'images.whole': ({ images }) => images.whole('sha256:7'),
  'images.ofReference': ({ images }) => images.ofReference('r-7', 100),
  'images.current': ({ images }) => images.current({ reference: 'r-7', platform: 'p', at: 1007 }),
  'images.first': ({ images }) => images.first({ reference: 'r-7', platform: 'p' }),
  'images.remove': ({ images }) => images.remove('sha256:7'),
  'images.outdated': ({ images }) => images.outdated(2, { after: '', limit: 100 }),
  'counts.revisions': ({ counts }) => counts.revisions(),
  'counts.notCounted': ({ counts }) => counts.notCounted(20),
  'counts.marks': ({ counts }) => counts.marks({ after: undefined, limit: 100 }),
  'counts.find': ({ counts }) => counts.find('sha256:7'),
  'counts.write': ({ counts }) => counts.write([7, 8, 9].map((id) => ({ ...COUNTED, id }))),
  'counts.whole': ({ counts }) => counts.whole(),
  'counts.noteWhole': ({ counts }) => counts.noteWhole(MARK, 0),
  'counts.list': async ({ counts }) => {
    for (const order of IMAGE_ORDERS) {
      const page = { order, limit: 100, maxLooked: 1000 };
      await counts.list({ ...page, filters: {}, after: undefined });
      await counts.list({ ...page, filters: { severity: 'High' }, after: undefined });
      await counts.list({ ...page, filters: ALL_FILTERS, after: undefined });
      await counts.list({ ...page, filters: { reference: 'r-7' }, after: undefined });
    }
  },
  'counts.total': async ({ counts }) => {
    await counts.total({}, 1000);
    await counts.total(ALL_FILTERS, 1000);
  },
  'counts.overview': ({ counts }) => counts.overview(1000),
  'foundNames.vulnerabilities': async ({ foundNames }) => {
    for (const order of FOUND_ORDERS) {
      const page = { order, limit: 100, maxLooked: 1000, after: undefined };
      await foundNames.vulnerabilities({ ...page, filters: {} });
      await foundNames.vulnerabilities({ ...page, filters: { severity: 'High', exploited: true, search: 'cve-' } });
    }
  },
  'foundNames.total': ({ foundNames: { total } }) => total({}, 1000),
  'foundNames.imagesOf': ({ foundNames }) => foundNames.imagesOf(['cve-77', 'none']),
  'foundNames.removeLost': ({ foundNames }) => foundNames.removeLost(),
  together: ({ together }) => together(async ({ feeds }) => await feeds.all()),
  // The caches of a report have other statements than single reads.
  'together about a layer': ({ together }) =>
    together(async ({ layers, matches, enrichments, feeds }) => {
      const layer = await layers.findCurrent('layer-804', 1);
      if (layer === undefined) throw new Error('the layer is missing');
      await matches.verdicts(layer.id);
      await enrichments.ofCves(['CVE-1', 'CVE-2', 'CVE-none']);
      await feeds.covering('debian:12');
      await feeds.all();
    }),
};

const MARK = { countedAt: 1, revision: 1, images: null, basis: 'b', validUntil: null };

const COUNTED = { generation: 0, counts: null, names: openNames('CVE-7', 'CVE-NEW'), rules: 0, mark: MARK };

const ALL_FILTERS = {
  search: 'R-',
  severity: 'High',
  distribution: 'debian:12',
  fixable: true,
  fixableHigh: true,
  exploited: true,
  incomplete: true,
  feeds: 'stale',
} as const;

const AT = 1_800_000_000_000;

const IMAGE_LAYER = { digest: digestOf('a'), diffId: digestOf('a'), createdBy: 'RUN', size: 1 };

const AFFECTED = advisory('CVE', { package: 'line-100', namespace: 'debian:1' }).affected;
const EXCEPT = advisory('CVE', { package: 'line-100', namespace: 'debian:1', fixed: '1' }).affected;
