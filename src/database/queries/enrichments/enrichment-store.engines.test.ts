import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ENGINES } from '../../testing/stores.ts';
import type { Enrichment, EnrichmentKind } from '../../../model/enrichment.ts';
import { createEnrichmentOrder } from './enrichment-order.ts';
import { openStore } from '../../open-store.ts';
import type { EnrichmentUpdate } from '../../contracts/enrichments.ts';
import type { Store } from '../../contracts/store.ts';
import type { UpdateCounts } from '../../contracts/vulnerabilities.ts';

function epss(cve: string, score: number): Enrichment<'epss'> {
  return { cve, value: { score } };
}

describe.each(ENGINES)('the enrichments of a store on %s', (_, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
  });
  afterEach(async () => {
    await store.close();
  });

  async function update(
    kind: EnrichmentKind,
    enrichments: readonly Enrichment[],
    change: Partial<EnrichmentUpdate> = {},
  ): Promise<UpdateCounts> {
    const order = createEnrichmentOrder();
    for (const each of enrichments) order.add(each);
    return await store.enrichments.update({
      feed: kind,
      kind,
      fetcherVersion: 1,
      enrichments: order.enrichments(),
      etag: null,
      lastModified: null,
      recordDiagnostics: { count: 0, examples: [] },
      at: 1,
      ...change,
    });
  }

  async function known(...cves: string[]): Promise<object> {
    return Object.fromEntries(await store.enrichments.ofCves(cves));
  }

  it('are found by CVE, all kinds together', async () => {
    await update('epss', [epss('CVE-2099-0002', 0.5), epss('CVE-2099-0001', 0.25)]);
    const kev = { name: 'n', added: '2099-01-01', due: '2099-02-01', action: 'a', ransomware: true };
    await update('kev', [{ cve: 'CVE-2099-0001', value: kev }]);
    expect(await known('CVE-2099-0001', 'CVE-2099-0003', 'CVE-2099-0001')).toEqual({
      'CVE-2099-0001': { epss: { score: 0.25 }, kev },
    });
    expect(await known()).toEqual({});
  });

  it('of the NVD have scores, a text, or both', async () => {
    const metric = { vector: 'CVSS:3.1/AV:N', accessVector: 'network', complexity: 'low' } as const;
    const scores = [{ ...metric, version: '3.1', type: 'primary', score: 9.8, source: 'nvd' }] as const;
    const text = { description: 'A hole.', published: '2099-01-02' };
    await update('cvss', [
      // The format before texts were stored.
      { cve: 'CVE-2099-0001', value: scores },
      { cve: 'CVE-2099-0002', value: { scores, ...text } },
      { cve: 'CVE-2099-0003', value: { scores: [], description: 'Not scored.' } },
    ]);
    const cves = ['CVE-2099-0001', 'CVE-2099-0002', 'CVE-2099-0003', 'CVE-2099-0004'];
    expect(await known(...cves)).toEqual({ 'CVE-2099-0001': { cvss: scores }, 'CVE-2099-0002': { cvss: scores } });
    expect(Object.fromEntries(await store.enrichments.textsOf(cves))).toEqual({
      'CVE-2099-0002': text,
      'CVE-2099-0003': { description: 'Not scored.' },
    });
  });

  it('of the NVD share equal scores, whatever characters the scores contain', async () => {
    const metric = { vector: 'CVSS:3.1/AV:N', accessVector: 'network', complexity: 'low' } as const;
    const scoreOf = (source: string) => [{ ...metric, version: '3.1', type: 'primary', score: 9.8, source }] as const;
    const sources = ['nvd', 'a,b\u001F"\n', 'nvd', 'a,b\u001F"\n'];
    const all = sources.map((source, at) => ({ cve: `CVE-2099-000${at}`, value: scoreOf(source) }));
    await update('cvss', all);
    const found = await store.enrichments.ofCves(['CVE-2098-0001', ...all.map(({ cve }) => cve)]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(all.map(({ cve, value }) => [cve, { cvss: value }])));
    expect(found.get('CVE-2099-0002')?.cvss).toBe(found.get('CVE-2099-0000')?.cvss);
    expect(found.get('CVE-2099-0003')?.cvss).toBe(found.get('CVE-2099-0001')?.cvss);
  });

  it('of the NVD lose a text and scores one by one, and are compared without the order of their members', async () => {
    const metric = { vector: 'CVSS:3.1/AV:N', accessVector: 'network', complexity: 'low' } as const;
    const scores = [{ ...metric, version: '3.1', type: 'primary', score: 9.8, source: 'nvd' }] as const;
    const entry = { scores, description: 'A "hole" with \u0000.', published: '2099-01-02' };
    const cve = 'CVE-2099-0001';
    const stored = async (): Promise<object> => ({
      ...(await store.enrichments.ofCves([cve])).get(cve),
      ...(await store.enrichments.textsOf([cve])).get(cve),
      exported: await store.feedSnapshot(async ({ enrichments }) => {
        const values: unknown[] = [];
        for await (const { value } of enrichments('cvss')) values.push(value);
        return values;
      }),
    });
    const changed = { added: 0, changed: 1, withdrawn: 0, unchanged: 0 };
    await update('cvss', [{ cve, value: entry }]);
    const { scores: cvss, ...text } = entry;
    expect(await stored()).toEqual({ cvss, ...text, exported: [JSON.stringify(entry)] });
    expect(await update('cvss', [{ cve, value: { ...text, scores } }])).toEqual({
      added: 0,
      changed: 0,
      withdrawn: 0,
      unchanged: 1,
    });

    const other = { ...entry, description: 'Another hole.' };
    expect(await update('cvss', [{ cve, value: other }])).toEqual(changed);
    expect(await stored()).toMatchObject({ cvss, description: 'Another hole.', exported: [JSON.stringify(other)] });
    const rescored = { ...other, scores: [{ ...scores[0], score: 5 }] };
    expect(await update('cvss', [{ cve, value: rescored }])).toEqual(changed);
    expect(await stored()).toEqual({
      cvss: rescored.scores,
      ...text,
      description: 'Another hole.',
      exported: [JSON.stringify(rescored)],
    });
    expect(await update('cvss', [{ cve, value: scores }])).toEqual(changed);
    expect(await stored()).toEqual({ cvss, exported: [JSON.stringify(scores)] });
    expect(await update('cvss', [{ cve, value: { ...entry, scores: [] } }])).toEqual(changed);
    expect(await stored()).toEqual({ ...text, exported: [JSON.stringify({ ...entry, scores: [] })] });
    expect(await update('cvss', [])).toEqual({ added: 0, changed: 0, withdrawn: 1, unchanged: 0 });
    expect(await stored()).toEqual({ exported: [] });
    expect((await update('cvss', [{ cve, value: entry }])).added).toBe(1);
  });

  it('of the NVD are read with their texts page by page', async () => {
    const many = Array.from({ length: 4500 }, (__, index) => {
      const text = index % 3 === 0 ? {} : { description: `The hole ${index}.` };
      return { cve: `CVE-2099-${10_000 + index}`, value: { scores: [], ...text } };
    });
    await update('cvss', many);
    const expected = many.map(({ cve, value }, index) => [cve, index % 3 === 0 ? '[]' : JSON.stringify(value)]);
    const read = await store.feedSnapshot(async ({ enrichments }) => {
      const found: unknown[] = [];
      for await (const { cve, value } of enrichments('cvss')) found.push([cve, value]);
      return found;
    });
    expect(read).toEqual(expected);
    expect(await update('cvss', many)).toEqual({ added: 0, changed: 0, withdrawn: 0, unchanged: 4500 });
  });

  it('are written only where they differ', async () => {
    const first = [epss('CVE-2099-0001', 0.1), epss('CVE-2099-0002', 0.2), epss('CVE-2099-0003', 0.3)];
    expect(await update('epss', first)).toEqual({ added: 3, changed: 0, withdrawn: 0, unchanged: 0 });
    const second = [epss('CVE-2099-0001', 0.1), epss('CVE-2099-0003', 0.4), epss('CVE-2099-0004', 0.5)];
    expect(await update('epss', second)).toEqual({ added: 1, changed: 1, withdrawn: 1, unchanged: 1 });
    expect(await known('CVE-2099-0001', 'CVE-2099-0002', 'CVE-2099-0003', 'CVE-2099-0004')).toEqual({
      'CVE-2099-0001': { epss: { score: 0.1 } },
      'CVE-2099-0003': { epss: { score: 0.4 } },
      'CVE-2099-0004': { epss: { score: 0.5 } },
    });
  });

  it('of one kind do not change enrichments of other kinds', async () => {
    await update('epss', [epss('CVE-2099-0001', 0.1)]);
    expect(await update('kev', [])).toEqual({ added: 0, changed: 0, withdrawn: 0, unchanged: 0 });
    expect(await known('CVE-2099-0001')).toEqual({ 'CVE-2099-0001': { epss: { score: 0.1 } } });
  });

  it('stay when a partial list omits them, and are removed when it has null', async () => {
    await update('epss', [epss('CVE-2099-0001', 0.1), epss('CVE-2099-0002', 0.2), epss('CVE-2099-0003', 0.3)]);
    const part = [{ cve: 'CVE-2099-0002' }, epss('CVE-2099-0003', 0.4), { cve: 'CVE-2099-0004' }];
    expect(await update('epss', part, { scope: 'changed' })).toEqual({
      added: 0,
      changed: 1,
      withdrawn: 1,
      unchanged: 0,
    });
    expect(Object.keys(await known('CVE-2099-0001', 'CVE-2099-0002', 'CVE-2099-0003', 'CVE-2099-0004'))).toEqual([
      'CVE-2099-0001',
      'CVE-2099-0003',
    ]);
  });

  it('update the state of their feed, with the total number of records', async () => {
    await update('epss', [epss('CVE-2099-0001', 0.1), epss('CVE-2099-0002', 0.2)]);
    const recordDiagnostics = { count: 1, skipped: 0, examples: [{ kind: 'inexact', message: 'row 7' }] } as const;
    await update('epss', [epss('CVE-2099-0003', 0.1)], { scope: 'changed', etag: '"2"', recordDiagnostics, at: 5 });
    expect(await store.feeds.find('epss')).toEqual({
      feed: 'epss',
      staleAfter: null,
      fetcherVersion: 1,
      lastAttempt: 5,
      lastSuccess: 5,
      error: null,
      refused: null,
      etag: '"2"',
      lastModified: null,
      vulnerabilities: 3,
      recordDiagnostics,
    });
  });

  it('stay unchanged when the list breaks off', async () => {
    await update('epss', [epss('CVE-2099-0001', 0.1)]);
    const broken = (function* each() {
      yield { cve: 'CVE-2099-0001', value: '{"score":1}' };
      throw new Error('cut off');
    })();
    await expect(update('epss', [], { enrichments: broken })).rejects.toThrow('cut off');
    expect(await known('CVE-2099-0001')).toEqual({ 'CVE-2099-0001': { epss: { score: 0.1 } } });
  });

  it('are rejected in another order', async () => {
    const unordered = [
      { cve: 'CVE-2099-0002', value: '{}' },
      { cve: 'CVE-2099-0001', value: '{}' },
    ];
    await expect(update('epss', [], { enrichments: unordered })).rejects.toThrow('but CVEs must be in ascending order');
  });

  it('may be more than one page', async () => {
    const many = Array.from({ length: 4500 }, (__, index) => epss(`CVE-2099-${10_000 + index}`, 0.5));
    await update('epss', many);
    expect(await update('epss', many.slice(1))).toEqual({ added: 0, changed: 0, withdrawn: 1, unchanged: 4499 });
    expect((await store.enrichments.ofCves(many.map(({ cve }) => cve))).size).toBe(4499);
    const others = many.map(({ cve }, index) => epss(cve, index % 2 === 0 ? 0.5 : 0.25)).slice(0, 4000);
    expect(await update('epss', others)).toEqual({ added: 1, changed: 2000, withdrawn: 500, unchanged: 1999 });
    const found = await store.enrichments.ofCves(many.map(({ cve }) => cve));
    expect(others.map(({ cve }) => ({ cve, value: found.get(cve)?.epss }))).toEqual(others);
    expect(found.size).toBe(4000);
  });
});

describe('the order of enrichments', () => {
  it('is by CVE, with the last value of each CVE, in memory and in a file', () => {
    for (const memoryBytes of [1000, 0]) {
      const order = createEnrichmentOrder(memoryBytes);
      for (const each of [epss('CVE-2099-0002', 0.2), epss('CVE-2099-0001', 0.1), epss('CVE-2099-0002', 0.3)])
        order.add(each);
      order.add({ cve: 'CVE-2099-0003' });
      expect([...order.enrichments()]).toEqual([
        { cve: 'CVE-2099-0001', value: '{"score":0.1}' },
        { cve: 'CVE-2099-0002', value: '{"score":0.3}' },
        { cve: 'CVE-2099-0003', value: null },
      ]);
      order.close();
    }
  });
});
