import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advisory } from '../../test/fixtures/packages.ts';
import { ENGINES } from '../../test/fixtures/stores.ts';
import type { Advisory } from '../model/advisory.ts';
import type { SourceState } from '../model/source.ts';
import { orderedAdvisories } from './advisory-order.ts';
import { openStore } from './open-store.ts';
import type { Store, UpdateCounts } from './store.ts';

const NO_COUNTS: UpdateCounts = { added: 0, changed: 0, withdrawn: 0, unchanged: 0 };

describe.each(ENGINES)('an update of what changed alone, in %s', (_, database) => {
  let store: Store;

  beforeEach(async () => {
    store = await openStore(database());
    await update([advisory('CVE-1', { package: 'a' }), advisory('CVE-2', { package: 'b' })], { unclear: ['old'] });
  });
  afterEach(() => store.close());

  async function update(
    advisories: readonly Advisory[],
    options: {
      scope?: 'all' | 'changed';
      gone?: readonly string[];
      unclear?: readonly string[];
      skipped?: number;
    } = {},
  ): Promise<UpdateCounts> {
    const { unclear = [], skipped = 0, ...rest } = options;
    return await store.vulnerabilities.update({
      source: 'debian',
      scheme: 'dpkg',
      fetcherVersion: 1,
      advisories: orderedAdvisories(advisories),
      etag: '"1"',
      lastModified: null,
      unclear: { count: unclear.length, skipped, examples: unclear },
      at: 1,
      ...rest,
    });
  }

  const names = async (): Promise<string[]> =>
    (await store.changeLog.read({ after: 0, limit: 99 })).map(({ kind, name }) => `${kind} ${name}`).slice(2);
  const state = async (): Promise<SourceState | undefined> => await store.sources.find('debian');

  it('leaves alone what it does not name', async () => {
    const changed = [advisory('CVE-2', { package: 'b', fixed: '2' }), advisory('CVE-3', { package: 'c' })];
    expect(await update(changed, { scope: 'changed' })).toEqual({ ...NO_COUNTS, added: 1, changed: 1 });
    expect(await names()).toEqual(['changed CVE-2', 'added CVE-3']);
    expect(await state()).toMatchObject({ vulnerabilities: 3 });
    expect(await store.vulnerabilities.find('CVE-1')).toHaveLength(1);
  });

  it('takes away what it says is gone, and nothing that never was', async () => {
    const gone = ['CVE-1', 'CVE-9', 'CVE-1'];
    expect(await update([], { scope: 'changed', gone })).toEqual({ ...NO_COUNTS, withdrawn: 1 });
    expect(await names()).toEqual(['withdrawn CVE-1']);
    expect(await state()).toMatchObject({ vulnerabilities: 1 });
  });

  it('writes nothing when nothing is different', async () => {
    expect(await update([advisory('CVE-1', { package: 'a' })], { scope: 'changed' })).toEqual({
      ...NO_COUNTS,
      unchanged: 1,
    });
    expect(await names()).toEqual([]);
  });

  it('counts on what was not understood, until all is read again', async () => {
    await update([], { scope: 'changed', unclear: ['new'], skipped: 1 });
    expect(await state()).toMatchObject({ unclear: { count: 2, skipped: 1, examples: ['new', 'old'] } });
    await update([advisory('CVE-1', { package: 'a' })], { unclear: ['newest'] });
    expect(await state()).toMatchObject({
      unclear: { count: 1, skipped: 0, examples: ['newest'] },
      vulnerabilities: 1,
    });
  });

  it('covers a release as long as anything is said of it', async () => {
    await update([], { scope: 'changed', gone: ['CVE-1'] });
    expect(await store.sources.covering('debian:12')).toEqual(['debian']);
    await update([], { scope: 'changed', gone: ['CVE-2'] });
    expect(await store.sources.covering('debian:12')).toEqual([]);
  });

  it('keeps when a source is too old', async () => {
    expect(await state()).toHaveProperty('staleAfter', null);
    await store.sources.setStaleAfter('debian', 1000);
    await update([advisory('CVE-1', { package: 'a' })]);
    expect(await state()).toHaveProperty('staleAfter', 1000);
  });
});
