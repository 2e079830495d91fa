import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { SELECT_ENRICHMENTS } from './enrichment-store.ts';
import { SELECT_INTRODUCING_LAYERS, SELECT_MATCHES } from './match-store.ts';
import { migrationsOf } from './migrations.ts';

/** The steps of SQLite's plan for a statement (sqlite.org/eqp.html). */
function planOf(statement: string, values: readonly unknown[]): string[] {
  const rows = connection.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${statement}`).all(...values);
  return rows.map(({ detail }) => detail);
}

const connection = new Database(':memory:');
for (const { sql } of migrationsOf('sqlite')) connection.exec(sql);
afterAll(() => connection.close());

describe('the plan of a hot query', () => {
  it('reads the packages of a layer along its ancestors, and what affects each from its version on', () => {
    const plan = planOf(SELECT_MATCHES, [1]);
    expect(scansOfTables(plan)).toEqual([]);
    expect(plan).toContain('SEARCH layer_package USING PRIMARY KEY (layer=?)');
    expect(plan).toContain('SEARCH affected USING PRIMARY KEY (stream=? AND hi>?)');
    expect(plan).toContain('SEARCH repository_cpe USING PRIMARY KEY (repository=?)');
    // Only the aliases are read anew for each interval, and not the products of the layers.
    const subqueries = plan.filter((step) => step.includes('SUBQUERY')).map((step) => step.replace(/ \d+$/, ''));
    expect(subqueries).toEqual(['LIST SUBQUERY', 'CORRELATED SCALAR SUBQUERY']);
    expect(plan).toContain(
      'SEARCH vulnerability_alias USING COVERING INDEX vulnerability_alias_by_vulnerability (vulnerability=?)',
    );
    expect(plan.filter((step) => /SEARCH (package|package_point|vulnerability|stream|namespace) /.test(step))).toEqual([
      'SEARCH package USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH package_point USING COVERING INDEX package_point_by_package (package=?)',
      'SEARCH vulnerability USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH stream USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH namespace USING INTEGER PRIMARY KEY (rowid=?)',
    ]);
  });

  it('reads the packages in each affected interval, and the layers of each', () => {
    const plan = planOf(SELECT_INTRODUCING_LAYERS, ['CVE-1', 0, 100]);
    expect(scansOfTables(plan)).toEqual([]);
    expect(plan.filter((step) => !step.startsWith('USE TEMP B-TREE'))).toEqual([
      'SEARCH vulnerability USING COVERING INDEX vulnerability_by_name (name=?)',
      'SEARCH affected USING INDEX affected_by_vulnerability (vulnerability=?)',
      'SEARCH package_point USING PRIMARY KEY (stream=? AND version_key>? AND version_key<?)',
      'SEARCH package USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH layer_package USING INDEX layer_package_by_package (package=? AND layer>?)',
      'SEARCH layer USING INTEGER PRIMARY KEY (rowid=?)',
      'CORRELATED SCALAR SUBQUERY 1',
      'SCAN content_set VIRTUAL TABLE INDEX 1:',
      'SEARCH repository_cpe USING PRIMARY KEY (repository=? AND cpe=?)',
      'CORRELATED SCALAR SUBQUERY 2',
      'SEARCH newer USING COVERING INDEX sqlite_autoindex_layer_1 (name=? AND engine_version>?)',
    ]);
  });

  it('finds what is known of CVEs by their identifiers, kind by kind', () => {
    const plan = planOf(SELECT_ENRICHMENTS, ['["epss"]', '["CVE-1"]']);
    expect(plan.filter((step) => !/^SCAN wanted(_kind)? VIRTUAL TABLE/.test(step))).toEqual([
      'SEARCH enrichment USING PRIMARY KEY (kind=? AND cve=?)',
    ]);
  });

  it('would be seen if it scanned a table', () => {
    expect(scansOfTables(planOf('SELECT * FROM layer_package WHERE change = ?', [1]))).toEqual(['SCAN layer_package']);
  });
});

/** Only what a query itself made, and the content sets of one layer, may be read whole. */
function scansOfTables(plan: readonly string[]): readonly string[] {
  return plan.filter(
    (step) => step.startsWith('SCAN ') && !/^SCAN (chain|installed|content_set VIRTUAL TABLE)( |$)/.test(step),
  );
}
