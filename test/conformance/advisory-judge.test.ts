import { expect, it } from 'vitest';
import { composeClair } from '../../src/compose/clair.ts';
import type { Store } from '../../src/database/contracts/store.ts';
import type { AffectedPackage } from '../../src/model/advisories/advisory.ts';
import type { LocatedFeature } from '../../src/model/layer.ts';
import type { Match } from '../../src/model/report/match.ts';
import { type SystemPackageType } from '../../src/model/feature.ts';
import { advisoryJudge } from '../../src/report/changes/advisory-judge.ts';
import { groupedBy } from '../../src/report/writing/grouped.ts';
import { describeShared, sharedPath } from '../fixtures/shared-data.ts';
import { newDatabase, newLayer } from '../../src/database/testing/stores.ts';

const FEEDS: readonly (readonly [feed: string, path: string, kind: SystemPackageType])[] = [
  ['debian', 'feeds/debian/debian-tracker-derived.json.zst', 'deb'],
  ['alpine', 'feeds/alpine/alpine-secdb-yaml.tar.zst', 'apk'],
  ['almalinux', 'feeds/almalinux/almalinux-osv.tar.zst', 'rpm'],
];

/**
 * Clair matches earlier versions of an advisory in the program, because the index contains only the current version.
 */
describeShared(
  'real advisories, matched one by one',
  FEEDS.map(([, path]) => path),
  () => {
    it.each(FEEDS)(
      'of %s match the same packages in the program as in the index, for versions at the fixes',
      async (feed, path, kind) => {
        const clair = await composeClair(newDatabase());
        try {
          await clair.updater.update(feed, { from: sharedPath(path) });
          const { layers, matches } = clair.store;
          const installed = await someInstalled(clair.store, feed, kind);
          const changes = installed.map((each) => ({ ...each, change: 1 as const }));
          const layer = await layers.insert(newLayer('layer', null, changes));
          const judge = advisoryJudge(await layers.features(layer.id), [new Set()], new Set());
          const found: Match[] = [];
          await clair.store.feedSnapshot(async ({ advisories }) => {
            for await (const { advisory } of advisories(feed)) found.push(...judge(feed, advisory));
          });
          expect(found.length).toBeGreaterThan(installed.length);
          expect(inAnyOrder(found)).toEqual(inAnyOrder(await matches.ofLayer(layer.id)));
        } finally {
          await clair.close();
        }
      },
      240_000,
    );
  },
);

const MAX_PACKAGES = 1000;

/**
 * Returns packages of the release with the most advisories, each at a fixed version from the middle of its advisories.
 */
async function someInstalled(
  { feedSnapshot }: Store,
  feed: string,
  type: SystemPackageType,
): Promise<readonly LocatedFeature[]> {
  const all: AffectedPackage[] = [];
  await feedSnapshot(async ({ advisories }) => {
    for await (const { advisory } of advisories(feed)) all.push(...advisory.affected);
  });
  const [ofRelease = []] = [...groupedBy(all, ({ namespace }) => namespace).values()].toSorted(
    (one, other) => other.length - one.length,
  );
  const byName = groupedBy(
    ofRelease.filter(({ fixed, role }) => fixed !== undefined && role === undefined),
    ({ package: name }) => name,
  );
  return [...byName.values()].slice(0, MAX_PACKAGES).map((of): LocatedFeature => {
    const { package: name, fixed: version = '', module, archs, namespace } = of[Math.floor(of.length / 2)] ?? of[0];
    const label = module === undefined ? {} : { module: `${module}:1:c` };
    const arch = archs?.[0] ?? 'x86_64';
    return {
      feature: { type, name, version, arch, source: { name, version }, ...label },
      path: '',
      namespace,
      originDepth: 0,
    };
  });
}

function inAnyOrder(matches: readonly Match[]): readonly string[] {
  return matches.map((match) => JSON.stringify(match)).toSorted();
}
