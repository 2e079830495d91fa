import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advisory, deb } from '../../database/testing/packages.ts';
import { newLayer } from '../../database/testing/stores.ts';
import { orderedAdvisories } from '../../database/queries/vulnerabilities/advisory-order.ts';
import { memoryStore } from '../../database/testing/memory-store.ts';
import type { Store } from '../../database/contracts/store.ts';
import type { Advisory } from '../../model/advisories/advisory.ts';
import type { Layer } from '../../model/layer.ts';
import { DIAGNOSTICS } from '../../model/report/diagnostic.ts';
import type { RepositoryCpes } from '../../model/repository-cpes.ts';
import type { RecordDiagnostics } from '../../model/feed.ts';
import { layerDiagnostics } from './layer-diagnostics.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const UPDATED = Date.parse('2026-01-02T03:04:05Z');

let store: Store;
let layer: Layer;
beforeEach(async () => {
  store = await memoryStore();
  layer = await store.layers.insert(newLayer('layer', null, []));
});
afterEach(() => store.close());

async function update(
  recordDiagnostics: RecordDiagnostics = { count: 0, examples: [] },
  advisories: readonly Advisory[] = [advisory('CVE-1', { package: 'a' })],
  repositories: RepositoryCpes = new Map(),
): Promise<void> {
  await store.vulnerabilities.update({
    feed: 'debian',
    scheme: 'dpkg',
    fetcherVersion: 1,
    advisories: orderedAdvisories(advisories),
    repositories,
    etag: null,
    lastModified: null,
    recordDiagnostics,
    at: UPDATED,
  });
}

const PLACE = { path: '', namespace: 'debian:12', originDepth: 0, change: 1 } as const;

const diagnostics = async (days: number): Promise<readonly string[]> =>
  (await layerDiagnostics(store, layer, UPDATED + days * DAY_MS)).map(({ code, message }) => `${code}: ${message}`);

describe('the diagnostics of a layer', () => {
  it('report a release whose feed was never downloaded, with the command', async () => {
    const expected =
      'namespace-without-data: No data for debian:12 (Debian 12) yet, so its packages were not checked: run `clair update --feed debian`, or scan with --update';
    expect(await diagnostics(0)).toEqual([expected]);
    await store.feeds.recordFailure('debian', UPDATED, 'no route');
    expect(await diagnostics(0)).toEqual([expected]);
  });

  it('report a release that its feed does not cover', async () => {
    await update(undefined, [advisory('CVE-1', { package: 'a', namespace: 'debian:13' })]);
    expect(await diagnostics(0)).toEqual([expect.stringMatching(/^namespace-without-data: No feed covers debian:12/)]);
  });

  it('report a release without a feed', async () => {
    const distribution = { id: 'plan9', version: '4', namespace: 'plan9:4', prettyName: 'Plan 9' };
    layer = await store.layers.insert({ ...newLayer('of plan9', null, []), distribution });
    expect(await diagnostics(0)).toEqual([
      'namespace-without-data: No feed covers plan9:4 (Plan 9), so its packages were not checked',
    ]);
  });

  it.each<[readonly string[], string | undefined]>([
    [[], undefined],
    [['listed'], undefined],
    [
      ['a', 'listed', 'b'],
      'The products of the repositories a, b are unknown, so advisories for these products were not matched',
    ],
    [
      ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
      'The products of the repositories a, b, c, d, e and 2 more are unknown, so advisories for these products were not matched',
    ],
  ])('for the repositories %j are: %s', async (contentSets, message) => {
    layer = await store.layers.insert({ ...newLayer('of repositories', null, []), contentSets });
    expect(await diagnostics(0)).toEqual([expect.stringMatching(/^namespace-without-data/)]);
    await update(undefined, undefined, new Map([['listed', ['cpe:/a:redhat:openshift:4.16']]]));
    expect(await diagnostics(0)).toEqual(message === undefined ? [] : [`content-set-unknown: ${message}`]);
  });

  it.each<[string, string, readonly unknown[]]>([
    ['debian:12', '2026-11-27', []],
    [
      'debian:12',
      '2028-07-01',
      [expect.stringMatching(/^release-end-of-life: Support for debian:12 \(Some 1\) ended on 2028-06-30/)],
    ],
    ['debian:11', '2026-08-31', []],
    ['debian:11', '2026-09-01', [expect.stringContaining('No Clair feed covers ELTS (until 2031-06-30).')]],
    ['ubuntu:16.04', '2026-11-27', []],
    ['alpine:v3.6', '2026-11-27', [expect.stringContaining('ended on 2019-05-01 (https://alpinelinux.org/releases/)')]],
    ['wolfi', '2026-11-27', []],
    ['unheard:1', '2026-11-27', []],
  ])('report for %s on %s whether its support has ended', async (namespace, day, told) => {
    const distribution = { id: 'some', version: '1', namespace, prettyName: 'Some 1' };
    layer = await store.layers.insert({ ...newLayer('of a release', null, []), distribution });
    const found = (await layerDiagnostics(store, layer, Date.parse(day))).filter(
      ({ code }) => code === 'release-end-of-life',
    );
    expect(found.map(({ code, message }) => `${code}: ${message}`)).toEqual(told);
  });

  it('name a release whose pretty name is its namespace only once', async () => {
    const distribution = { id: 'debian', version: '12', namespace: 'debian:12', prettyName: 'debian:12' };
    layer = await store.layers.insert({ ...newLayer('of a release', null, []), distribution });
    const found = await layerDiagnostics(store, layer, Date.parse('2028-07-01'));
    expect(found.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^Support for debian:12 ended on 2028-06-30/),
    );
  });

  it('report stale data with its age, the limit and the reason', async () => {
    await update();
    expect(await diagnostics(5)).toEqual([]);
    expect(await diagnostics(5.01)).toEqual([
      'feed-stale: debian is 5 days 14 minutes old, more than 5 days (updater.staleAfter); it was last updated on 2026-01-02T03:04:05.000Z',
    ]);
    await store.feeds.recordFailure('debian', UPDATED + DAY_MS, 'no route');
    expect(await diagnostics(6)).toEqual([expect.stringMatching(/05\.000Z; a later update failed: no route$/)]);
  });

  it.each(['debian', 'nvd', 'epss', 'kev'])('report a refused update of %s with the remedy', async (feed) => {
    await update();
    await store.feeds.recordFailure(feed, UPDATED, 'the feed shrank from 300 to 4 entries', { isRefused: true });
    const age = feed === 'debian' ? 'data from 2026-01-02T03:04:05.000Z' : 'older data';
    expect(await diagnostics(0)).toEqual([
      `feed-update-refused: the feed shrank from 300 to 4 entries. This report uses ${age}; newer advisories may be missing. If the smaller feed is correct, run \`clair update --feed ${feed} --allow-shrink\``,
    ]);
    expect(DIAGNOSTICS['feed-update-refused'].incomplete).toBe(true);
  });

  it('omit a refused update of a feed for other releases', async () => {
    await update();
    await store.feeds.recordFailure('alpine', UPDATED, 'shrank', { isRefused: true });
    expect(await diagnostics(0)).toEqual([]);
  });

  it('use the configured age of stale data', async () => {
    await update();
    await store.feeds.setStaleAfter('debian', DAY_MS);
    expect(await diagnostics(1)).toEqual([]);
    expect(await diagnostics(1.5)).toEqual([
      expect.stringContaining('is 1 day 12 hours old, more than 1 day (updater.staleAfter)'),
    ]);
  });

  it('report skipped entries, whichever packages they concern', async () => {
    await update({
      count: 3,
      skipped: 1,
      examples: [
        { kind: 'inexact', message: 'CVE-8 treated as affected, although it was skipped' },
        { kind: 'skipped', message: 'CVE-9 skipped' },
      ],
    });
    expect(await diagnostics(0)).toEqual([
      'feed-record-skipped: 1 entry of debian was skipped in whole or in part, for example: CVE-9 skipped',
    ]);
  });

  it('report inexact advisories only if they cause findings', async () => {
    layer = await store.layers.insert(newLayer('with a', null, [{ feature: deb('a', '1'), ...PLACE }]));
    const examples = [{ kind: 'inexact', message: 'CVE-8 treated as affected' }] as const;
    const recordDiagnostics = { count: 5, skipped: 0, examples };
    const elsewhere = [
      advisory('CVE-6', { package: 'b', status: 'unknown' }),
      advisory('CVE-7', { package: 'a', namespace: 'debian:13', status: 'unknown' }),
      advisory('CVE-8', { package: 'a', fixed: '1', status: 'unknown' }),
      advisory('CVE-9', { package: 'a', status: 'open' }),
    ];
    await update(recordDiagnostics, elsewhere);
    expect(await diagnostics(0)).toEqual([]);
    const here = advisory('CVE-2', { package: 'a', status: 'unknown' });
    await update(recordDiagnostics, [here, ...elsewhere]);
    expect(await diagnostics(0)).toEqual([
      'feed-record-inexact: 1 finding comes from debian advisories that Clair could read only in part and applied as broadly as possible: CVE-2 in a',
    ]);
    const others = ['CVE-3', 'CVE-4', 'CVE-5'].map((id) => advisory(id, { package: 'a', status: 'unknown' }));
    await update(recordDiagnostics, [here, ...others, ...elsewhere]);
    expect(await diagnostics(0)).toEqual([
      expect.stringMatching(/^feed-record-inexact: 4 findings come from .*: CVE-2 in a, CVE-3 in a, CVE-4 in a, …$/),
    ]);
  });

  it('count all recorded entries as skipped if the number of skipped entries is not stored', async () => {
    await update({ count: 2, examples: [] });
    expect(await diagnostics(0)).toEqual(['feed-record-skipped: 2 entries of debian were skipped in whole or in part']);
  });

  it('report a package without an epoch as undecided by the feed that has not decided', async () => {
    const feature = { ...deb('a', '1'), epoch: 'unknown' } as const;
    const change = { feature, path: '', namespace: 'debian:12', originDepth: 0, change: 1 } as const;
    layer = await store.layers.insert(newLayer('without an epoch', null, [change]));
    await update(undefined, [advisory('CVE-1', { package: 'a', status: 'under-investigation' })]);
    const message = 'debian has not decided yet whether 1 package is affected: CVE-1 in a';
    expect(await diagnostics(0)).toEqual([`feed-undecided: ${message}`]);
  });

  it('report undetermined packages', async () => {
    const changes = ['a', 'b'].map(
      (name) => ({ feature: deb(name, '1'), path: '', namespace: 'debian:12', originDepth: 0, change: 1 }) as const,
    );
    layer = await store.layers.insert(newLayer('with packages', null, changes));
    const ids = ['CVE-2', 'CVE-3', 'CVE-4'];
    await update(
      undefined,
      ids.map((id) => advisory(id, { package: 'b', status: 'undetermined' })),
    );
    const message = 'debian has not decided yet whether 1 package is affected: CVE-2 in b, CVE-3 in b, CVE-4 in b';
    expect(await diagnostics(0)).toEqual([`feed-undecided: ${message}`]);
    const more = [advisory('CVE-1', { package: 'a', status: 'under-investigation' })];
    await update(undefined, [...more, ...ids.map((id) => advisory(id, { package: 'b', status: 'undetermined' }))]);
    expect(await diagnostics(0)).toEqual([
      'feed-undecided: debian has not decided yet whether 2 packages are affected: CVE-1 in a, CVE-2 in b, CVE-3 in b, …',
    ]);
  });
});
