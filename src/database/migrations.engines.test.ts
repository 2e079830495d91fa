import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CvssScore, Enrichment } from '../model/enrichment.ts';
import type { UpdateCounts } from './contracts/vulnerabilities.ts';
import type { Engine } from './engines/engine.ts';
import { migrationsOf } from './migrations.ts';
import { openEngine, storeOn } from './open-store.ts';
import type { Store } from './contracts/store.ts';
import { createEnrichmentOrder } from './queries/enrichments/enrichment-order.ts';
import { ENGINES } from './testing/stores.ts';

describe.each(ENGINES)('a migration on %s', (name, options) => {
  let engine: Engine;
  let store: Store;
  beforeEach(async () => {
    engine = await openEngine(options());
    store = storeOn(engine);
  });
  afterEach(async () => {
    await store.close();
  });

  async function updateNvd(enrichments: readonly Enrichment<'cvss'>[]): Promise<UpdateCounts> {
    const order = createEnrichmentOrder();
    for (const each of enrichments) order.add(each);
    const state = { etag: 'e', lastModified: 'l', recordDiagnostics: { count: 0, examples: [] }, at: 1 };
    const values = { enrichments: order.enrichments(), fetcherVersion: 1 };
    return await store.enrichments.update({ feed: 'nvd', kind: 'cvss', ...values, ...state });
  }

  /** Runs a migration that changes only rows once more. */
  async function migrateRows(version: number): Promise<void> {
    const all = migrationsOf(name === 'postgres' ? 'postgres' : 'sqlite');
    const sql = all.find((each) => each.version === version)?.sql ?? '';
    await engine.transaction(async (queries) => {
      for (const statement of sql.split(/;\n/)) if (statement.trim() !== '') await queries.run(statement);
    });
  }

  it('moves the texts of the NVD to their own rows, and keeps each value', async () => {
    const scores = '[{"version":"3.1","score":9.8,"cwes":["CWE-79"]}]';
    const quoting = JSON.stringify({
      description: 'As "[],"description":1 \u0000 \ud800 é 🕳',
      published: '2099-01-02',
    });
    const stored: readonly (readonly [string, string])[] = [
      ['CVE-2099-0001', scores],
      ['CVE-2099-0002', `{"scores":${scores},"description":"A hole.","published":"2099-01-02"}`],
      ['CVE-2099-0003', '{"scores":[],"description":"Not scored."}'],
      ['CVE-2099-0004', `{"scores":[],${quoting.slice(1)}`],
    ];
    const rows = [
      ...stored.map(([cve, value]) => ['cvss', cve, value, null]),
      ['cvss', 'CVE-2099-0005', `{"description":"By hand.","scores":${scores}}`, null],
      ['epss', 'CVE-2099-0002', '{"score":0.5}', null],
    ];
    await updateNvd([]);
    await engine.transaction(async (queries) => {
      await queries.insertMany({ table: 'enrichment', columns: ['kind', 'cve', 'value', 'severity'] }, rows);
    });
    await migrateRows(119);
    // The next update is complete, because the scores of CVE-2099-0005 are gone.
    expect(await engine.read.get("SELECT etag, last_modified FROM feed_state WHERE feed = 'nvd'")).toEqual({
      etag: null,
      last_modified: null,
    });

    const exported = await store.feedSnapshot(async ({ enrichments }) => {
      const found: unknown[] = [];
      for await (const { cve, value } of enrichments('cvss')) found.push([cve, value]);
      return found;
    });
    expect(exported).toEqual(stored);
    const cves = rows.map(([, cve]) => String(cve));
    expect(Object.fromEntries(await store.enrichments.ofCves(cves))).toEqual({
      'CVE-2099-0001': { cvss: JSON.parse(scores) },
      'CVE-2099-0002': { cvss: JSON.parse(scores), epss: { score: 0.5 } },
    });
    expect(Object.fromEntries(await store.enrichments.textsOf(cves))).toEqual({
      'CVE-2099-0002': { description: 'A hole.', published: '2099-01-02' },
      'CVE-2099-0003': { description: 'Not scored.' },
      'CVE-2099-0004': JSON.parse(quoting),
    });
  });

  it('can run beside an older release, which stores the texts of the NVD beside the scores', async () => {
    const score = { version: '3.1', vector: '', source: 'nvd', accessVector: 'network', complexity: 'low' } as const;
    const scores: readonly CvssScore[] = [{ ...score, score: 9.8, type: 'primary' }];
    await updateNvd([{ cve: 'CVE-2099-0001', value: { scores, description: 'A hole.' } }]);
    const older = JSON.stringify({ scores, description: 'An old hole.' });
    await engine.transaction(async (queries) => {
      await queries.run("UPDATE enrichment SET value = ? WHERE kind = 'cvss'", [older]);
    });
    expect(Object.fromEntries(await store.enrichments.ofCves(['CVE-2099-0001']))).toEqual({
      'CVE-2099-0001': { cvss: scores },
    });
    const less: readonly CvssScore[] = [{ ...score, score: 5, type: 'primary' }];
    const counts = await updateNvd([{ cve: 'CVE-2099-0001', value: { scores: less, description: 'A hole.' } }]);
    expect(counts).toMatchObject({ changed: 1 });
    expect(await engine.read.get("SELECT value FROM enrichment WHERE kind = 'cvss'")).toEqual({
      value: JSON.stringify(less),
    });
  });
});
