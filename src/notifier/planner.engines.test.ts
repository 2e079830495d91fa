import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { knowLayer, publish } from '../database/testing/store-content.ts';
import { advisory, deb } from '../database/testing/packages.ts';
import { ENGINES } from '../database/testing/stores.ts';
import { openStore } from '../database/open-store.ts';
import type { Store } from '../database/contracts/store.ts';
import type { Advisory, AffectedPackage } from '../model/advisories/advisory.ts';
import { createPlanner, type IgnoredChanges, type Planner } from './planner.ts';

describe.each(ENGINES)('the planner on %s', (_, options) => {
  let store: Store;
  let planner: Planner;
  let names = 0;
  let ignored: IgnoredChanges[];
  let time: number;
  const never = new AbortController().signal;

  beforeEach(async () => {
    time = 5000;
    store = await openStore(options(), { time: () => time });
    names = 0;
    ignored = [];
    const newName = (): string => `n${(names += 1)}`;
    const changesIgnored = (each: IgnoredChanges): void => void ignored.push(each);
    planner = createPlanner({ store, owner: 'one', now: () => 5000, newName, changesIgnored });
    const base = await knowLayer(store, 'base', [deb('a', '2')]);
    await knowLayer(store, 'inherits', [], base);
    await knowLayer(store, 'later', [deb('a', '5')]);
  });
  afterEach(async () => {
    await store.close();
  });

  const waiting = async (): Promise<string[]> =>
    (await store.notifications.list('waiting', { after: 0, limit: 1000 })).map(
      ({ kind, vulnerability }) => `${kind} ${vulnerability}`,
    );

  type Said = Partial<AffectedPackage> & { readonly package: string };
  const unrelated = advisory('CVE-0', { package: 'z' });

  /** Returns the notifications about a change of CVE-1 in the feed, or null for an absent advisory. */
  async function toldOf(before: readonly Said[] | null, after: readonly Said[] | null): Promise<string[]> {
    const said = (of: readonly Said[] | null): Advisory[] => (of === null ? [] : [advisory('CVE-1', ...of)]);
    await publish(store, [unrelated, ...said(before)]);
    await planner.plan(never);
    await publish(store, [unrelated, ...said(after)]);
    await planner.plan(never);
    return await waiting();
  }

  it.each<[string, Said[] | null, Said[] | null, string[]]>([
    ['a new vulnerability in an indexed layer', null, [{ package: 'a', fixed: '3' }], ['new CVE-1']],
    ['a new vulnerability in no indexed layer', null, [{ package: 'a', fixed: '1' }], []],
    ['a new undecided vulnerability', null, [{ package: 'a', status: 'undetermined' }], []],
    ['a withdrawn vulnerability', [{ package: 'a', fixed: '3' }], null, ['withdrawn CVE-1']],
    ['a withdrawn vulnerability without affected layers', [{ package: 'a', fixed: '1' }], null, []],
    [
      'a severity increase',
      [{ package: 'a', severity: 'Low' }],
      [{ package: 'a', severity: 'High' }],
      ['severity-increased CVE-1'],
    ],
    ['a severity decrease', [{ package: 'a', severity: 'High' }], [{ package: 'a', severity: 'Low' }], []],
    [
      'a severity increase without affected layers',
      [{ package: 'a' }, { package: 'b' }],
      [{ package: 'a' }, { package: 'b', severity: 'High' }],
      [],
    ],
    [
      'a fix that clears an indexed layer',
      [{ package: 'a' }],
      [{ package: 'a', fixed: '5' }],
      ['packages-changed CVE-1'],
    ],
    ['a fix that clears no indexed layer', [{ package: 'a' }], [{ package: 'a', fixed: '9' }], []],
    [
      'a fix moved to a later version',
      [{ package: 'a', fixed: '3' }],
      [{ package: 'a', fixed: '6' }],
      ['packages-changed CVE-1'],
    ],
    [
      'a severity increase with changed packages',
      [{ package: 'a', severity: 'Low', fixed: '3' }],
      [{ package: 'a', severity: 'High' }],
      ['severity-increased CVE-1', 'packages-changed CVE-1'],
    ],
    ['an irrelevant change', [{ package: 'a', fixed: '3' }], [{ package: 'a', fixed: '3', status: 'pending' }], []],
  ])('creates the expected notifications for %s', async (_what, before, after, expected) => {
    expect(await toldOf(before, after)).toEqual(expected);
  });

  it('creates no notification for a vulnerability that an ignore rule suppresses in all images, until the rule ends', async () => {
    const entry = { id: ['CVE-1'], package: 'a', reason: 'r' };
    await store.ignoreRules.add({ name: 'rule', entry, at: 1, by: null });
    expect(await toldOf(null, [{ package: 'a', fixed: '3' }])).toEqual([]);
    expect(ignored).toEqual([{ changes: 1, last: 'CVE-1' }]);
    await store.ignoreRules.end('rule', 2, null);
    // Ending the rule sends no notification about the ignored change; later changes send notifications.
    await planner.plan(never);
    expect(await waiting()).toEqual([]);
    expect(await toldOf(null, [{ package: 'a', fixed: '3' }])).toEqual(['withdrawn CVE-1', 'new CVE-1']);
    expect(ignored.length).toBe(1);
  });

  it('does not count an ignored change that affects no indexed layer', async () => {
    const entry = { id: ['CVE-1'], reason: 'r' };
    await store.ignoreRules.add({ name: 'rule', entry, at: 1, by: null });
    expect(await toldOf(null, [{ package: 'a', fixed: '1' }])).toEqual([]);
    expect(ignored).toEqual([]);
  });

  it('creates no notifications for the first update of a feed', async () => {
    await planner.plan(never);
    await publish(store, [advisory('CVE-1', { package: 'a' })]);
    expect(await planner.plan(never)).toBe(0);
    expect(await waiting()).toEqual([]);
  });

  it('creates notifications for scores that raise the severity of unrated vulnerabilities only', async () => {
    const score = async (of: Readonly<Record<string, number>>): Promise<void> => {
      const enrichments = Object.entries(of).map(([cve, each]) => ({
        cve,
        value: JSON.stringify([{ version: '3.1', type: 'primary', score: each }]),
      }));
      const state = {
        fetcherVersion: 1,
        etag: null,
        lastModified: null,
        recordDiagnostics: { count: 0, examples: [] },
        at: 1,
      };
      await store.enrichments.update({ ...state, feed: 'nvd', kind: 'cvss', enrichments });
      await planner.plan(never);
    };
    await publish(store, [
      advisory('CVE-1', { package: 'a', severity: 'Unknown' }),
      advisory('CVE-2', { package: 'a', severity: 'Low' }),
      advisory('CVE-3', { package: 'z', severity: 'Unknown' }),
    ]);
    await planner.plan(never);
    // The first import of scores creates no notifications.
    await score({ 'CVE-1': 2 });
    expect(await waiting()).toEqual([]);
    await score({ 'CVE-1': 9.8, 'CVE-2': 9.8, 'CVE-3': 9.8 });
    expect(await waiting()).toEqual(['severity-increased CVE-1']);
    await score({ 'CVE-1': 3, 'CVE-2': 1 });
    expect(await waiting()).toEqual(['severity-increased CVE-1']);
  });

  it('creates no notifications for changes before its first start', async () => {
    await publish(store, [unrelated]);
    await publish(store, [advisory('CVE-1', { package: 'a' })]);
    expect(await planner.plan(never)).toBe(0);
    await publish(store, [advisory('CVE-1', { package: 'a' }), advisory('CVE-2', { package: 'a' })]);
    expect(await planner.plan(never)).toBe(1);
  });

  it('creates exactly one notification for each of many changes', async () => {
    await publish(store, [unrelated]);
    await planner.plan(never);
    await publish(
      store,
      Array.from({ length: 1234 }, (_none, at) => advisory(`CVE-${at + 1000}`, { package: 'a' })),
    );
    expect(await planner.plan(never)).toBe(1234);
    expect(await planner.plan(never)).toBe(0);
    expect(await store.notifications.count()).toMatchObject({ waiting: 1234 });
  });

  it('evaluates each change by the states before and after it', async () => {
    await publish(store, [unrelated]);
    await planner.plan(never);
    await publish(store, [advisory('CVE-1', { package: 'a', fixed: '1' })]);
    await publish(store, [advisory('CVE-1', { package: 'a', fixed: '3' })]);
    await publish(store, []);
    await planner.plan(never);
    expect(await waiting()).toEqual(['packages-changed CVE-1', 'withdrawn CVE-1']);
  });

  it('waits until the lease of another instance expires', async () => {
    await publish(store, [unrelated]);
    await planner.plan(never);
    await publish(store, [advisory('CVE-1', { package: 'a' })]);
    await store.locks.acquire('notifier', 'another', 1000);
    expect(await planner.plan(never)).toBe(0);
    time += 1000;
    expect(await planner.plan(never)).toBe(1);
  });
});
