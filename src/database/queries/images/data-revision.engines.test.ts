import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { publish } from '../../testing/store-content.ts';
import { advisory } from '../../testing/packages.ts';
import { ENGINES } from '../../testing/stores.ts';
import type { Advisory } from '../../../model/advisories/advisory.ts';
import type { Enrichment, EnrichmentKind } from '../../../model/enrichment.ts';
import { type FeedState, STALE_AFTER_MS } from '../../../model/feed.ts';
import { createEnrichmentOrder } from '../enrichments/enrichment-order.ts';
import { openStore } from '../../open-store.ts';
import type { FeedUpdate } from '../../contracts/vulnerabilities.ts';
import type { Store } from '../../contracts/store.ts';
import { changesCounts } from './data-revision.ts';

const HOUR = 3_600_000;

const AT = 1_000_000_000_000;

const FIRST = advisory('CVE-1', { package: 'a', fixed: '2' });

async function update(store: Store, advisories: readonly Advisory[], other?: Partial<FeedUpdate>): Promise<void> {
  await publish(store, advisories, AT, other);
}

async function enrich(store: Store, kind: EnrichmentKind, enrichments: readonly Enrichment[]): Promise<void> {
  const order = createEnrichmentOrder();
  for (const each of enrichments) order.add(each);
  const enriched = order.enrichments();
  const rest = {
    fetcherVersion: 1,
    etag: null,
    lastModified: null,
    recordDiagnostics: { count: 0, examples: [] },
    at: AT,
  };
  await store.enrichments.update({ feed: kind, kind, enrichments: enriched, ...rest });
}

async function edit(store: Store, next: Advisory | undefined): Promise<void> {
  await store.manual.edit({ name: 'CVE-9', at: AT, change: () => next });
}

const MANUAL = advisory('CVE-9', { package: 'a', fixed: '2' });
const SCORE = { version: '3.1' as const, vector: 'CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H', score: 7.8 };
const CVSS = { ...SCORE, source: 'nvd', type: 'primary', accessVector: 'local', complexity: 'low' } as const;
const KEV = { name: 'n', added: '2099-01-01', due: '2099-02-01', action: 'a', ransomware: true };

/**
 * Writes to a store that contains a feed with one advisory, the manual vulnerability CVE-9, and the CVSS scores, the
 * KEV entry and the EPSS score of CVE-1.
 */
const RAISING: readonly [string, (store: Store) => Promise<unknown>][] = [
  ['a feed with another advisory', (store) => update(store, [FIRST, advisory('CVE-2', { package: 'a' })])],
  ['a feed with a changed advisory', (store) => update(store, [advisory('CVE-1', { package: 'a', fixed: '3' })])],
  ['a feed without an advisory', (store) => update(store, [])],
  [
    'a feed that skips an entry',
    (store) => update(store, [FIRST], { recordDiagnostics: { count: 1, skipped: 1, examples: [] } }),
  ],
  [
    'a feed with other repositories',
    (store) => update(store, [FIRST], { repositories: new Map([['r', ['cpe:/a:b']]]) }),
  ],
  ['changes of a feed', (store) => update(store, [], { scope: 'changed', gone: ['CVE-1'] })],
  ['the first update of a feed', (store) => update(store, [], { feed: 'alpine' })],
  ['an import of older data', (store) => update(store, [FIRST], { at: AT + HOUR, fetchedAt: AT - HOUR })],
  ['an update of a feed that was stale', (store) => update(store, [FIRST], { at: AT + STALE_AFTER_MS + 1 })],
  [
    'a feed that is the same after it was stale',
    (store) => store.feeds.recordUnchanged('debian', AT + STALE_AFTER_MS + 1),
  ],
  ['a refused update', (store) => store.feeds.recordFailure('debian', AT, 'shrunk', { isRefused: true })],
  ['a shorter time until a feed is stale', (store) => store.feeds.setStaleAfter('debian', HOUR)],
  [
    'a new manual vulnerability',
    (store) => store.manual.edit({ name: 'CVE-8', at: AT, change: () => ({ ...MANUAL, id: 'CVE-8' }) }),
  ],
  ['a changed manual vulnerability', (store) => edit(store, { ...MANUAL, description: 'other words' })],
  [
    'a manual vulnerability with another fix',
    (store) =>
      edit(store, {
        ...MANUAL,
        affected: [...MANUAL.affected, ...FIRST.affected.map((each) => ({ ...each, package: 'b' }))],
      }),
  ],
  ['a manual vulnerability that no longer has affected packages', (store) => edit(store, { ...MANUAL, affected: [] })],
  ['a removed manual vulnerability', (store) => edit(store, undefined)],
  ['other CVSS scores', (store) => enrich(store, 'cvss', [{ cve: 'CVE-1', value: [{ ...CVSS, score: 9.8 }] }])],
  ['no CVSS scores', (store) => enrich(store, 'cvss', [])],
  [
    'another exploited CVE',
    (store) =>
      enrich(store, 'kev', [
        { cve: 'CVE-1', value: KEV },
        { cve: 'CVE-2', value: KEV },
      ]),
  ],
];

const LEAVING: readonly [string, (store: Store) => Promise<unknown>][] = [
  ['a feed with the same content', (store) => update(store, [FIRST], { at: AT + HOUR })],
  ['a feed that is unchanged', (store) => store.feeds.recordUnchanged('debian', AT + HOUR)],
  ['an update that failed', (store) => store.feeds.recordFailure('debian', AT + HOUR, 'unreachable')],
  ['a longer time until a fresh feed is stale', (store) => store.feeds.setStaleAfter('debian', STALE_AFTER_MS * 1000)],
  ['an edit of a manual vulnerability without a difference', (store) => edit(store, MANUAL)],
  ['the same CVSS scores', (store) => enrich(store, 'cvss', [{ cve: 'CVE-1', value: [CVSS] }])],
  [
    'another EPSS score, which no count depends on',
    (store) => enrich(store, 'epss', [{ cve: 'CVE-1', value: { score: 0.7 } }]),
  ],
  ['a flag', (store) => store.flags.set('x', '1')],
  ['a feed that is not in order', (store) => update(store, [FIRST, FIRST]).catch(() => undefined)],
];

describe.each(ENGINES)('the revision of the data on %s', (_, options) => {
  let store: Store;
  beforeEach(async () => {
    // The database clock must be close to the time of the data, because data that is several days old is stale.
    store = await openStore(options(), { time: () => AT });
    await update(store, [FIRST]);
    await edit(store, MANUAL);
    await enrich(store, 'cvss', [{ cve: 'CVE-1', value: [CVSS] }]);
    await enrich(store, 'kev', [{ cve: 'CVE-1', value: KEV }]);
    await enrich(store, 'epss', [{ cve: 'CVE-1', value: { score: 0.1 } }]);
  });
  afterEach(async () => await store.close());

  it('increases with each write that may change counts, and with no other write', async () => {
    for (const [what, write] of RAISING) {
      const { data } = await store.counts.revisions();
      await write(store);
      const after = (await store.counts.revisions()).data;
      expect([what, after > data]).toEqual([what, true]);
      await reset();
    }
    for (const [what, write] of LEAVING) {
      const { data } = await store.counts.revisions();
      await write(store);
      expect([what, (await store.counts.revisions()).data]).toEqual([what, data]);
      await reset();
    }
  });

  async function reset(): Promise<void> {
    await update(store, [FIRST], { repositories: new Map([['none', ['cpe:/a:none']]]) });
    await store.feeds.setStaleAfter('debian', null);
    await edit(store, MANUAL);
    await enrich(store, 'cvss', [{ cve: 'CVE-1', value: [CVSS] }]);
    await enrich(store, 'kev', [{ cve: 'CVE-1', value: KEV }]);
  }

  it('increases for each of two concurrent writers', async () => {
    const { data } = await store.counts.revisions();
    await Promise.all([
      edit(store, undefined),
      update(store, []),
      update(store, [], { feed: 'alpine' }),
      enrich(store, 'kev', []),
    ]);
    expect((await store.counts.revisions()).data).toBe(data + 4);
  });
});

describe('a change of the state of a feed', () => {
  const state: FeedState = {
    feed: 's',
    fetcherVersion: 1,
    lastAttempt: AT,
    lastSuccess: AT,
    error: null,
    refused: null,
    etag: null,
    lastModified: null,
    vulnerabilities: 1,
    recordDiagnostics: { count: 1, skipped: 0, examples: [] },
    staleAfter: null,
  };

  it.each<[string, Partial<FeedState>, at: number, boolean]>([
    ['nothing', {}, AT, false],
    ['a failure', { error: 'x', lastAttempt: AT + 1 }, AT, false],
    ['a rejected update', { refused: 'x' }, AT, true],
    ['a later success while the data is fresh', { lastSuccess: AT + HOUR }, AT + HOUR, false],
    [
      'a later success when the data may be stale by another clock',
      { lastSuccess: AT + 9 },
      AT + STALE_AFTER_MS - 60_000,
      true,
    ],
    ['an earlier success', { lastSuccess: AT - 1 }, AT, true],
    ['no success', { lastSuccess: null }, AT, true],
    ['a shorter limit', { staleAfter: 5 }, AT, true],
    ['a skipped entry', { recordDiagnostics: { count: 1, skipped: 1, examples: [] } }, AT, true],
  ])('of $0 makes counts stale: $3', (_, other, at, isChange) => {
    expect(changesCounts(state, { ...state, ...other }, at)).toBe(isChange);
  });

  it('makes counts stale if it is the first change', () => {
    expect([changesCounts(undefined, state, AT), changesCounts(undefined, undefined, AT)]).toEqual([true, false]);
  });
});
