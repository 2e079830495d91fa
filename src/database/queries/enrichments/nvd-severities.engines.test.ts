import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advisory, deb } from '../../testing/packages.ts';
import { ENGINES, newLayer } from '../../testing/stores.ts';
import type { Advisory } from '../../../model/advisories/advisory.ts';
import type { CvssScore } from '../../../model/enrichment.ts';
import { orderedAdvisories } from '../vulnerabilities/advisory-order.ts';
import { openStore } from '../../open-store.ts';
import type { Store } from '../../contracts/store.ts';
import type { UpdateCounts } from '../../contracts/vulnerabilities.ts';

const STATE = {
  fetcherVersion: 1,
  etag: null,
  lastModified: null,
  recordDiagnostics: { count: 0, examples: [] },
  at: 1,
};

function scored(score: number, more: Partial<CvssScore> = {}): CvssScore {
  const said = { version: '3.1', vector: 'v', source: 'nvd', type: 'primary' } as const;
  return { ...said, score, accessVector: 'network', complexity: 'low', ...more };
}

describe.each(ENGINES)('the NVD severities on %s', (_, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
  });
  afterEach(async () => {
    await store.close();
  });

  async function publish(...advisories: readonly Advisory[]): Promise<UpdateCounts> {
    return await store.vulnerabilities.update({
      feed: 'debian',
      scheme: 'dpkg',
      advisories: orderedAdvisories(advisories.toSorted((a, b) => (a.id < b.id ? -1 : 1))),
      ...STATE,
    });
  }

  async function score(scores: Readonly<Record<string, number | readonly CvssScore[] | null>>, at = 1): Promise<void> {
    const enrichments = Object.entries(scores).map(([cve, of]) => ({
      cve,
      value: of === null ? null : JSON.stringify(typeof of === 'number' ? [scored(of)] : of),
    }));
    await store.enrichments.update({ ...STATE, feed: 'nvd', kind: 'cvss', scope: 'changed', enrichments, at });
  }

  async function scoreFirst(): Promise<void> {
    await store.enrichments.update({ ...STATE, feed: 'nvd', kind: 'cvss', enrichments: [] });
  }

  async function matched(): Promise<readonly (readonly [string, string, string])[]> {
    const changes = [{ feature: deb('a', '1'), path: '', namespace: 'debian:12', originDepth: 0, change: 1 } as const];
    const layer = (await store.layers.find('layer')) ?? (await store.layers.insert(newLayer('layer', null, changes)));
    const matches = await store.matches.ofLayer(layer.id);
    return matches.map(({ vulnerability: { name }, severity, severityFrom }) => [name, severity, severityFrom]);
  }

  const unrated = (id: string, ...aliases: string[]): Advisory => ({
    ...advisory(id, { package: 'a', severity: 'Unknown' }),
    ...(aliases.length > 0 && { aliases }),
  });

  it('rate only advisories that the feed does not rate, with the worst severity of their CVEs', async () => {
    await publish(
      unrated('CVE-2099-0001'),
      unrated('CVE-2099-0002'),
      advisory('CVE-2099-0003', { package: 'a', severity: 'Negligible' }),
      advisory('CVE-2099-0004', { package: 'a', severity: 'Low', severityFrom: 'cvss' }),
      unrated('DSA-1', 'CVE-2099-0002', 'CVE-2099-0005', 'CVE-2099-0006'),
      unrated('DSA-2', 'DSA-OTHER'),
    );
    await score({
      'CVE-2099-0001': 5,
      'CVE-2099-0003': 9.8,
      'CVE-2099-0004': 9.8,
      'CVE-2099-0005': 9.8,
      'CVE-2099-0006': 7,
    });
    expect(await matched()).toEqual([
      ['DSA-1', 'Critical', 'nvd'],
      ['CVE-2099-0001', 'Medium', 'nvd'],
      ['CVE-2099-0004', 'Low', 'cvss'],
      ['CVE-2099-0003', 'Negligible', 'feed'],
      ['CVE-2099-0002', 'Unknown', 'feed'],
      ['DSA-2', 'Unknown', 'feed'],
    ]);
    const [record] = await store.vulnerabilities.find('CVE-2099-0001');
    expect(record?.affected[0]).toMatchObject({ severity: 'Medium', severityFrom: 'nvd' });
    const [erratum] = await store.vulnerabilities.about('CVE-2099-0006', 10);
    expect(erratum).toMatchObject({ name: 'DSA-1', affected: [{ severity: 'Critical', severityFrom: 'nvd' }] });
    const page = await store.vulnerabilities.inNamespace('debian:12', { after: '', limit: 10 });
    expect(page.map(({ name, severity }) => [name, severity])).toEqual([
      ['CVE-2099-0001', 'Medium'],
      ['CVE-2099-0002', 'Unknown'],
      ['CVE-2099-0003', 'Negligible'],
      ['CVE-2099-0004', 'Low'],
      ['DSA-1', 'Critical'],
      ['DSA-2', 'Unknown'],
    ]);
  });

  it('do not change the ratings of the feed, and are not exported', async () => {
    await publish(
      advisory('CVE-2099-0001', { package: 'a', severity: 'Low' }, { package: 'b', severity: 'Unknown' }),
      unrated('CVE-2099-0002'),
    );
    await score({ 'CVE-2099-0001': 9.8, 'CVE-2099-0002': 9.8 });
    expect(await matched()).toEqual([
      ['CVE-2099-0002', 'Critical', 'nvd'],
      ['CVE-2099-0001', 'Low', 'feed'],
    ]);
    const exported = await store.feedSnapshot(async ({ advisories }) => {
      const all: Advisory[] = [];
      for await (const each of advisories('debian')) all.push(each.advisory);
      return all;
    });
    expect(exported.flatMap(({ affected }) => affected.map(({ severity }) => severity))).toEqual([
      'Low',
      'Unknown',
      'Unknown',
    ]);
    expect(await publish(unrated('CVE-2099-0002'))).toMatchObject({ changed: 0, unchanged: 1 });
  });

  it.each([
    { rated: 'a', unrated: 'b' },
    { rated: 'b', unrated: 'a' },
  ])('rate one package of a vulnerability when its feed rates another: %o', async ({ rated, unrated: other }) => {
    await publish(
      advisory('CVE-2099-0001', { package: rated, severity: 'Low' }, { package: other, severity: 'Unknown' }),
    );
    await score({ 'CVE-2099-0001': 8 });
    // The packages get ascending ids in this order.
    const changes = ['a', 'b'].map(
      (name) => ({ feature: deb(name, '1'), path: '', namespace: 'debian:12', originDepth: 0, change: 1 }) as const,
    );
    const { id } = await store.layers.insert(newLayer('both', null, changes));
    const matches = await store.matches.ofLayer(id);
    expect(matches.map(({ feature, severity, severityFrom }) => [feature.name, severity, severityFrom])).toEqual([
      [other, 'High', 'nvd'],
      [rated, 'Low', 'feed'],
    ]);
  });

  it('come from the newest version, and from a primary score before other scores', async () => {
    await publish(unrated('CVE-2099-0001'), unrated('CVE-2099-0002'), unrated('CVE-2099-0003'));
    await score({
      'CVE-2099-0001': [scored(9.8), scored(5, { version: '4.0', type: 'secondary' }), scored(10, { version: '2.0' })],
      'CVE-2099-0002': [scored(9.8, { type: 'secondary' }), scored(2)],
      'CVE-2099-0003': [
        scored(4, { type: 'secondary' }),
        scored(8, { type: 'secondary' }),
        scored(1, { version: '3.0' }),
      ],
    });
    expect(await matched()).toEqual([
      ['CVE-2099-0003', 'High', 'nvd'],
      ['CVE-2099-0001', 'Medium', 'nvd'],
      ['CVE-2099-0002', 'Low', 'nvd'],
    ]);
  });

  it('are logged as changes to the advisories whose severity changes, except in the first update', async () => {
    await publish(
      unrated('CVE-2099-0001'),
      unrated('DSA-1', 'CVE-2099-0001', 'CVE-2099-0002'),
      advisory('CVE-2099-0003', { package: 'a', severity: 'Low' }),
    );
    const logged = async (after: number): Promise<readonly (readonly unknown[])[]> => {
      const changes = await store.changeLog.read({ after, limit: 100 });
      const found = await Promise.all(changes.map(({ id }) => store.changeLog.find(id)));
      return found.map((change) => [
        change?.feed,
        change?.name,
        change?.kind,
        change?.isInitial,
        change?.before?.affected[0]?.severity,
        change?.after?.affected[0]?.severity,
        change?.at,
      ]);
    };
    const end = async (): Promise<number> =>
      (await store.changeLog.latest({ before: Number.MAX_SAFE_INTEGER, limit: 1 }))[0]!;
    const before = await end();
    await scoreFirst();
    expect(await logged(before)).toEqual([]);
    await score({ 'CVE-2099-0001': 5, 'CVE-2099-0003': 9 }, 2);
    expect(await logged(before)).toEqual([
      ['debian', 'CVE-2099-0001', 'changed', false, 'Unknown', 'Medium', 2],
      ['debian', 'DSA-1', 'changed', false, 'Unknown', 'Medium', 2],
    ]);
    const then = await end();
    await score({ 'CVE-2099-0001': 4.5, 'CVE-2099-0002': 9.8 }, 3);
    await score({ 'CVE-2099-0001': null }, 4);
    expect(await logged(then)).toEqual([
      ['debian', 'DSA-1', 'changed', false, 'Medium', 'Critical', 3],
      ['debian', 'CVE-2099-0001', 'changed', false, 'Medium', 'Unknown', 4],
    ]);
    // A later update of the feed is logged as a change from the severity that was used before.
    await publish(advisory('CVE-2099-0003', { package: 'a', severity: 'Low' }), {
      ...advisory('DSA-1', { package: 'a', severity: 'Low' }),
      aliases: ['CVE-2099-0002'],
    });
    expect((await logged(then)).slice(2)).toEqual([
      ['debian', 'CVE-2099-0001', 'withdrawn', false, 'Unknown', undefined, 1],
      ['debian', 'DSA-1', 'changed', false, 'Critical', 'Low', 1],
    ]);
  });

  it('are not logged in the first update with scores', async () => {
    await publish(unrated('CVE-2099-0001'));
    const value = JSON.stringify([scored(9.8)]);
    const enrichments = [{ cve: 'CVE-2099-0001', value }];
    await store.enrichments.update({ ...STATE, feed: 'nvd', kind: 'cvss', enrichments });
    expect(await matched()).toEqual([['CVE-2099-0001', 'Critical', 'nvd']]);
    expect(await store.changeLog.read({ after: 1, limit: 10 })).toEqual([]);
  });
});
