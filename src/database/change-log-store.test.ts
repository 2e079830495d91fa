import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advisory } from '../../test/fixtures/packages.ts';
import { ENGINES } from '../../test/fixtures/stores.ts';
import type { Advisory } from '../model/advisory.ts';
import { orderedAdvisories } from './advisory-order.ts';
import { openStore } from './open-store.ts';
import type { SourceUpdate, Store } from './store.ts';

describe.each(ENGINES)('the change log on %s', (_, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
  });
  afterEach(async () => {
    await store.close();
  });

  const update = async (advisories: readonly Advisory[], rest: Partial<SourceUpdate> = {}): Promise<void> => {
    await store.vulnerabilities.update({
      source: 'debian',
      scheme: 'dpkg',
      fetcherVersion: 1,
      advisories: orderedAdvisories(advisories),
      etag: null,
      lastModified: null,
      unclear: { count: 0, examples: [] },
      at: 1000,
      ...rest,
    });
  };

  it('tells what each change made of an advisory, also after it has changed again', async () => {
    const [first, second] = [
      advisory('CVE-1', { package: 'a', fixed: '1' }),
      advisory('CVE-1', { package: 'a', fixed: '2' }),
    ];
    const history: (Advisory | null)[] = [first, second, null, first, second];
    for (const state of history) await update(state === null ? [] : [state]);
    const changes = await store.changeLog.read({ after: 0, limit: 10 });
    const resolved = await Promise.all(changes.map(async ({ id }) => await store.changeLog.find(id)));
    expect(resolved.map((change) => change?.after)).toEqual(history);
    expect(resolved.map((change) => change?.before)).toEqual([null, ...history.slice(0, -1)]);
    expect(await store.changeLog.find(99)).toBeUndefined();
    const ids = changes.map(({ id }) => id).toReversed();
    expect(await store.changeLog.latest({ before: Number.MAX_SAFE_INTEGER, limit: 3 })).toEqual(ids.slice(0, 3));
    expect(await store.changeLog.latest({ before: ids[2] ?? 0, limit: 9 })).toEqual(ids.slice(3));
  });

  it('marks what the first update of a source brings, which follows failures and updates of changes', async () => {
    const [one, two] = [advisory('CVE-1', { package: 'a' }), advisory('CVE-2', { package: 'a' })];
    await store.sources.recordFailure('debian', 500, 'no network');
    await update([one]);
    await update([one, two]);
    await update([one], { source: 'by-hand', scope: 'changed' });
    await update([one], { source: 'other' });
    const changes = await store.changeLog.read({ after: 0, limit: 10 });
    expect(changes.map(({ source, name, isInitial }) => [source, name, isInitial])).toEqual([
      ['debian', 'CVE-1', true],
      ['debian', 'CVE-2', false],
      ['by-hand', 'CVE-1', false],
      ['other', 'CVE-1', true],
    ]);
  });
});
