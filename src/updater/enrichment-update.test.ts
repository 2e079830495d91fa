import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientWith } from './testing/enrichment-document.ts';
import { memoryStore } from '../database/testing/memory-store.ts';
import type { Store } from '../database/contracts/store.ts';
import { ClairError } from '../errors.ts';
import type { Enrichment } from '../model/enrichment.ts';
import type { Enricher, EnrichmentOutcome } from './enrichers/enricher.ts';
import type { FetchContext } from './feed/fetcher.ts';
import { noRecordDiagnostics } from './advisories/record-diagnostics.ts';
import { createUpdater, type Updater } from './updater.ts';

let store: Store;
let time: number;
beforeEach(async () => {
  store = await memoryStore();
  time = 1000;
});
afterEach(() => store.close());

function updaterOf(answer: (context: FetchContext) => EnrichmentOutcome): Updater {
  const enricher: Enricher = {
    id: 'epss',
    kind: 'epss',
    version: 1,
    url: 'https://list.test',
    fetch: async (context) => answer(context),
  };
  return createUpdater({ store, fetchers: [], enrichers: [enricher], http: clientWith({}), now: () => time });
}

function outcome(
  enrichments: readonly Enrichment[],
  change: { scope?: 'all' | 'changed'; error?: Error } = {},
): EnrichmentOutcome {
  return {
    kind: 'enrichments',
    enrichments: (async function* each() {
      yield* enrichments;
      if (change.error !== undefined) throw change.error;
    })(),
    ...(change.scope && { scope: change.scope }),
    recordDiagnostics: noRecordDiagnostics(),
    validators: { etag: '"1"' },
  };
}

const ONE: Enrichment = { cve: 'CVE-2099-0001', value: { score: 0.1 } };
const TWO: Enrichment = { cve: 'CVE-2099-0002', value: { score: 0.2 } };

async function known(): Promise<readonly string[]> {
  return [...(await store.enrichments.ofCves(['CVE-2099-0001', 'CVE-2099-0002'])).keys()];
}

describe('an update of enrichments', () => {
  it('is an update of a feed and stores its enrichments', async () => {
    const updater = updaterOf(() => outcome([TWO, ONE]));
    expect(updater.feeds).toEqual(['epss']);
    const counts = { added: 2, changed: 0, withdrawn: 0, unchanged: 0 };
    expect(await updater.update('epss')).toEqual({
      kind: 'updated',
      counts,
      recordDiagnostics: { count: 0, skipped: 0, examples: [] },
    });
    expect(await known()).toEqual(['CVE-2099-0001', 'CVE-2099-0002']);
  });

  it('sends the validators and records that nothing changed', async () => {
    const updater = updaterOf(({ validators }) =>
      validators?.etag === '"1"' ? { kind: 'not-modified' } : outcome([ONE]),
    );
    await updater.update('epss');
    time = 2000;
    expect(await updater.update('epss')).toEqual({ kind: 'not-modified' });
    expect(await store.feeds.find('epss')).toMatchObject({ lastSuccess: 2000, vulnerabilities: 1 });
  });

  it('removes what a complete list omits, and nothing for a partial list', async () => {
    await updaterOf(() => outcome([ONE])).update('epss');
    await updaterOf(() => outcome([TWO], { scope: 'changed' })).update('epss');
    expect(await known()).toEqual(['CVE-2099-0001', 'CVE-2099-0002']);
    await updaterOf(() => outcome([TWO])).update('epss');
    expect(await known()).toEqual(['CVE-2099-0002']);
  });

  it('changes nothing and records the error when the list breaks before its end', async () => {
    await updaterOf(() => outcome([ONE])).update('epss');
    time = 2000;
    const error = new ClairError('feed/truncated', 'the list is cut off');
    await expect(updaterOf(() => outcome([TWO], { error })).update('epss')).rejects.toBe(error);
    expect(await known()).toEqual(['CVE-2099-0001']);
    expect(await store.feeds.find('epss')).toMatchObject({ lastSuccess: 1000, error: 'the list is cut off' });
  });
});
