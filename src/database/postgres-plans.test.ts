import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newPostgresSource } from '../../test/fixtures/stores.ts';
import type { Engine, SqlValue } from './engine.ts';
import { SELECT_ENRICHMENTS } from './enrichment-store.ts';
import { SELECT_INTRODUCING_LAYERS, SELECT_MATCHES, SELECT_UNDECIDED } from './match-store.ts';
import { openPostgres } from './postgres.ts';

/** Some ten thousand rows of each large table, as statements of PostgreSQL alone. */
const ROWS = [
  `INSERT INTO namespace (id, name, scheme) SELECT i, 'debian:' || i, 'dpkg' FROM generate_series(1, 100) AS i`,
  `INSERT INTO stream (id, namespace, name, of_source) SELECT i, i % 100 + 1, 'stream-' || i, 0 FROM generate_series(1, 3000) AS i`,
  `INSERT INTO package
    SELECT i, i % 3000 + 1, 'dpkg', 'package-' || i, i::text, 'amd64', 's', '1', '', 0, '', '' FROM generate_series(1, 30000) AS i`,
  `INSERT INTO package_point SELECT i % 3000 + 1, decode(lpad(to_hex(i), 8, '0'), 'hex'), i FROM generate_series(1, 30000) AS i`,
  `INSERT INTO vulnerability
    SELECT i, 'debian', 'CVE-' || i, '', 'text', '\\x00' FROM generate_series(1, 20000) AS i`,
  `INSERT INTO vulnerability_alias SELECT 'CVE-A-' || i, i FROM generate_series(1, 20000) AS i`,
  `INSERT INTO affected
    SELECT i % 3000 + 1, decode(lpad(to_hex(i), 8, '0'), 'hex'), i % 20000 + 1, '\\x00', i % 5, 'source',
      CASE i % 7 WHEN 0 THEN 'undetermined' ELSE 'fixed' END, NULL, '1', NULL, '', ''
    FROM generate_series(1, 40000) AS i`,
  `INSERT INTO layer_findings VALUES ('sha256:a', 1, '\\x00')`,
  `INSERT INTO layer
    SELECT i, 'layer-' || i, 1, 'sha256:a', CASE WHEN i % 4 = 1 THEN NULL ELSE i - 1 END, (i - 1) % 4, NULL, NULL, '[]', '[]', 0
    FROM generate_series(1, 8000) AS i`,
  `INSERT INTO layer_package
    SELECT i / 5 + 1, (i * 7919) % 30000 + 1, 1, (i / 5) % 4 FROM generate_series(0, 39999) AS i`,
  `INSERT INTO enrichment SELECT kind, 'CVE-' || i, '{}' FROM generate_series(1, 20000) AS i, unnest('{cvss,epss}'::text[]) AS kind`,
];

const QUERIES: readonly [string, string, readonly SqlValue[]][] = [
  ['matches of a layer', SELECT_MATCHES, [804]],
  ['what is undecided at a layer', SELECT_UNDECIDED, [804]],
  ['layers that bring in a vulnerability', SELECT_INTRODUCING_LAYERS, ['CVE-77', 0, 100]],
  ['what is known of CVEs', SELECT_ENRICHMENTS, ['["cvss","epss"]', '["CVE-1","CVE-2"]']],
];

/** One step of a plan and what it is made of (postgresql.org/docs/current/sql-explain.html, FORMAT JSON). */
type Step = {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Alias?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Plans?: readonly Step[];
};

describe('the plan of a hot query on PostgreSQL', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await openPostgres(newPostgresSource());
    await engine.transaction(async (queries) => {
      for (const statement of ROWS) await queries.run(statement);
    });
  });
  afterAll(() => engine.close());

  async function planOf(statement: string, values: readonly SqlValue[]): Promise<Step> {
    const rows = await engine.read.all<{ 'QUERY PLAN': readonly [{ Plan: Step }] }>(
      `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${statement}`,
      values,
    );
    return rows[0]!['QUERY PLAN'][0].Plan;
  }

  async function allPlans(): Promise<string> {
    const texts: string[] = [];
    for (const [name, statement, values] of QUERIES) {
      const plan = await planOf(statement, values);
      expect({ [name]: stepsOf(plan).filter(isScanOfTable) }).toEqual({ [name]: [] });
      texts.push(`${name}\n\n${linesOf(plan, 1).join('\n')}\n`);
    }
    return texts.join('\n');
  }

  it('looks up rows by an index in each step, before anything is known of the tables', async () => {
    await expect(await allPlans()).toMatchFileSnapshot('testdata/postgres-plans-at-first.txt');
  });

  it('does so when all is known of them', async () => {
    await engine.transaction((queries) => queries.run('ANALYZE'));
    await expect(await allPlans()).toMatchFileSnapshot('testdata/postgres-plans.txt');
  });

  it('would be seen if it scanned a table', async () => {
    const steps = stepsOf(await planOf('SELECT * FROM layer_package WHERE change = ?', [1]));
    expect(steps.filter(isScanOfTable)).toHaveLength(1);
  });
});

function stepsOf(step: Step): readonly Step[] {
  return [step, ...(step.Plans ?? []).flatMap(stepsOf)];
}

/** Intermediate results of a query are read whole, tables are not: neither as they lie nor along an index. */
function isScanOfTable({ 'Relation Name': table, 'Index Cond': condition }: Step): boolean {
  return table !== undefined && condition === undefined;
}

/** What stays the same from run to run: neither costs nor times, nor how rows are sorted or kept in between. */
function linesOf(step: Step, depth: number): readonly string[] {
  const { 'Node Type': type, Alias: alias, 'Index Name': index, 'Index Cond': condition } = step;
  const inner = (step.Plans ?? []).flatMap((each) => linesOf(each, depth + 1));
  if (/^(Sort|Incremental Sort|Memoize|Materialize)$/.test(type)) return inner.map((line) => line.slice(2));
  const what = [
    type,
    ...(alias === undefined ? [] : [`of ${alias}`]),
    ...(index === undefined ? [] : [`by ${index}`]),
    ...(condition === undefined ? [] : [condition]),
  ];
  return [`${'  '.repeat(depth)}${what.join(' ')}`, ...inner];
}
