import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advisory, deb } from '../../testing/packages.ts';
import { publish } from '../../testing/store-content.ts';
import { ENGINES, newLayer } from '../../testing/stores.ts';
import { type ManualVulnerability, namespaceEntry } from '../../../model/advisories/manual-vulnerability.ts';
import type { Advisory } from '../../../model/advisories/advisory.ts';
import { MANUAL_FEED } from '../../../model/feed.ts';
import { openStore } from '../../open-store.ts';
import type { ManualEdit, StoredEdit } from '../../contracts/manual-vulnerabilities.ts';
import type { Store } from '../../contracts/store.ts';

describe.each(ENGINES)('manual vulnerabilities, on %s', (_, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
  });
  afterEach(async () => {
    await store.close();
  });

  const one = advisory('CVE-1', { package: 'a', fixed: '2' });

  async function put(value: ManualVulnerability, rest: Partial<ManualEdit> = {}): Promise<void> {
    await store.manual.edit({ name: value.id, at: 1000, change: () => value, ...rest });
  }

  const update = async (...advisories: Advisory[]): Promise<void> => await publish(store, advisories, 1);

  const log = async (): Promise<unknown[]> =>
    (await store.changeLog.read({ after: 0, limit: 10 })).map(({ feed, kind, before }) => [feed, kind, before]);

  it('are added, changed and withdrawn, each with a row in the change log', async () => {
    const layer = await store.layers.insert(
      newLayer('one', null, [{ feature: deb('a', '1'), path: '', namespace: 'debian:12', originDepth: 0, change: 1 }]),
    );
    await put({ ...one, metadata: '{"x":1}' });
    expect(await store.vulnerabilities.find('CVE-1')).toMatchObject([{ feed: MANUAL_FEED, metadata: '{"x":1}' }]);
    expect(await store.matches.ofLayer(layer.id)).toMatchObject([{ vulnerability: { feed: MANUAL_FEED } }]);
    const seen: unknown[] = [];
    const changed = { ...one, link: 'https://elsewhere.test' };
    await put(one, {
      change(present) {
        seen.push(present);
        return changed;
      },
    });
    expect(seen).toEqual([{ ...one, metadata: '{"x":1}' }]);
    await put(one, { change: () => undefined });
    expect(await store.vulnerabilities.find('CVE-1')).toEqual([]);
    expect(await store.matches.ofLayer(layer.id)).toEqual([]);
    expect(await log()).toEqual([
      [MANUAL_FEED, 'added', null],
      [MANUAL_FEED, 'changed', one],
      [MANUAL_FEED, 'withdrawn', changed],
    ]);
  });

  it('log nothing without a difference, in any order of packages', async () => {
    const [a, b] = advisory('CVE-1', { package: 'a', fixed: '2' }, { package: 'b' }).affected;
    await put({ ...one, affected: [a!, b!] });
    await put({ ...one, affected: [b!, a!] });
    await put(one, { name: 'CVE-none', change: () => undefined });
    expect(await log()).toHaveLength(1);
  });

  it('are never changed by an update and do not make a namespace covered', async () => {
    await put(one);
    expect(await store.feeds.covering('debian:12')).toEqual([]);
    await update(one);
    await update();
    expect((await store.vulnerabilities.find('CVE-1')).map(({ feed }) => feed)).toEqual([MANUAL_FEED]);
    expect((await store.feeds.all()).map(({ feed }) => feed)).toEqual(['debian']);
  });

  it('reject an update or import with their feed name', async () => {
    await put(one);
    await expect(publish(store, [], 1, { feed: MANUAL_FEED })).rejects.toMatchObject({ code: 'feed/unknown' });
    expect(await store.vulnerabilities.find('CVE-1')).toHaveLength(1);
  });

  it('are returned as they are stored, if nothing else in the database has their name', async () => {
    await update(advisory('CVE-FEED', { package: 'a' }));
    const score = JSON.stringify([{ type: 'primary', version: '3.1', vector: 'x', score: 9 }]);
    const enrichments = [{ cve: 'CVE-NVD', value: score }];
    const state = { fetcherVersion: 1, etag: null, lastModified: null, recordDiagnostics: { count: 0, examples: [] } };
    await store.enrichments.update({ ...state, feed: 'nvd', kind: 'cvss', enrichments, at: 1 });
    const given: ManualVulnerability = {
      ...advisory('CVE-1', { package: 'b', fixed: '2' }, { package: 'a' }),
      metadata: '{}',
    };
    const edited = async (value: ManualVulnerability): Promise<StoredEdit> =>
      await store.manual.edit({ name: value.id, at: 1000, change: () => value });
    const { only } = await edited(given);
    expect([only?.record]).toEqual(await store.vulnerabilities.find('CVE-1'));
    expect(only?.schemeOf('debian:12')).toBe('dpkg');
    expect(await edited(given)).toEqual({});
    expect(await edited({ ...given, id: 'CVE-FEED' })).toEqual({});
    expect(await edited({ ...given, id: 'CVE-NVD' })).toEqual({});
    expect(await edited({ ...given, id: 'CVE-2', affected: [...given.affected, ...given.affected] })).toEqual({});
    expect(await edited({ ...given, id: 'CVE-3', description: '\0' })).toEqual({});
    expect(await store.manual.edit({ name: 'CVE-1', at: 1000, change: () => undefined })).toEqual({});
  });

  it('are stored completely or not at all', async () => {
    await put(one);
    const broken = put({ ...one, affected: advisory('', { package: 'a', fixed: 'no version' }).affected });
    await expect(broken).rejects.toMatchObject({ code: 'version/invalid' });
    expect(await store.vulnerabilities.find('CVE-1')).toMatchObject([{ affected: one.affected }]);
    expect(await log()).toHaveLength(1);
  });

  it('take the version scheme from the database, the namespace, or the client', async () => {
    const inNamespace = (namespace: string) => ({ ...one, affected: [namespaceEntry(namespace, 'Low')] });
    const formats = new Map([
      ['own:1', 'apk'],
      ['debian:12', 'rpm'],
    ] as const);
    await expect(put(inNamespace('own:1'))).rejects.toMatchObject({
      code: 'namespace/not-found',
      message: expect.stringMatching(/^unknown namespace own:1: .* VersionFormat in FixedIn \(POST \/v1\/namespaces/),
    });
    await put(inNamespace('own:1'), { formats });
    await put(inNamespace('own:1'));
    await put(inNamespace('debian:12'), { formats });
    await put(inNamespace('alpine:v3.20'));
    expect(await store.namespaces.all()).toEqual([
      { name: 'alpine:v3.20', scheme: 'apk' },
      { name: 'debian:12', scheme: 'dpkg' },
      { name: 'own:1', scheme: 'apk' },
    ]);
    expect(await store.namespaces.scheme('debian:13')).toBeUndefined();
  });

  it('are listed with the vulnerabilities of feeds in a namespace, first of their name', async () => {
    const other = advisory('CVE-3', { package: 'a', namespace: 'debian:13' });
    const inBoth = advisory('CVE-2', { package: 'a', severity: 'Low' }, { package: 'b', severity: 'High' });
    await update(one, inBoth, other);
    await put({ ...inBoth, affected: [namespaceEntry('debian:12', 'Medium')] });
    await put(advisory('CVE-4', { package: 'a' }));
    const page = async (after: string, limit: number): Promise<string[]> =>
      (await store.vulnerabilities.inNamespace('debian:12', { after, limit })).map(
        ({ name, feed, severity }) => `${name} ${feed} ${severity}`,
      );
    expect(await page('', 2)).toEqual(['CVE-1 debian Medium', 'CVE-2 manual Medium', 'CVE-2 debian High']);
    expect(await page('CVE-2', 2)).toEqual(['CVE-4 manual Medium']);
    expect(await page('', 0)).toEqual([]);
  });
});
