import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newPostgresSource } from '../../test/fixtures/stores.ts';
import { SELECT_AFFECTED_LAYERS, SELECT_AFFECTED_OF_LAYERS } from './affected-layers.ts';
import type { Engine, SqlValue } from './engine.ts';
import { SELECT_ENRICHMENTS } from './enrichment-store.ts';
import { SELECT_INTRODUCING_LAYERS, SELECT_VERDICTS } from './match-store.ts';
import { SELECT_LAYERS } from './expired-layers.ts';
import { CLAIM } from './notification-store.ts';
import {
  DELETE_CHANGES,
  DELETE_FINDINGS,
  DELETE_LAYERS,
  DELETE_NAMESPACES,
  DELETE_PACKAGES,
  DELETE_POINTS,
  DELETE_STREAMS,
} from './obsolete-rows.ts';
import { SELECT_PACKAGES_IN_USE, SELECT_STREAMS_IN_USE } from './orphan-packages.ts';
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
      CASE i % 7 WHEN 0 THEN 'undetermined' ELSE 'fixed' END, NULL, '1', NULL, '', '', ''
    FROM generate_series(1, 40000) AS i`,
  `INSERT INTO source_state (source, last_attempt, vulnerabilities, unclear_count, skipped_count, unclear)
    VALUES ('debian', 0, 0, 0, 0, '[]')`,
  `INSERT INTO layer_findings SELECT 'sha256:' || CASE i WHEN 0 THEN 'a' ELSE i::text END, 1, '\\x00' FROM generate_series(0, 3000) AS i`,
  `INSERT INTO layer
    SELECT i, 'layer-' || i, 1, 'sha256:a', CASE WHEN i % 4 = 1 THEN NULL ELSE i - 1 END, (i - 1) % 4, NULL, NULL, '[]', '[]', 0
    FROM generate_series(1, 8000) AS i`,
  `INSERT INTO image (digest, reference, target, platform, leaf, scanned_at)
    SELECT 'sha256:' || i, 'r', 't', 'p', i * 4, i FROM generate_series(1, 2000) AS i`,
  `INSERT INTO layer_package
    SELECT i / 5 + 1, (i * 7919) % 30000 + 1, 1, (i / 5) % 4 FROM generate_series(0, 39999) AS i`,
  `INSERT INTO change_log (id, source, name, kind, at)
    SELECT i, 'debian', 'CVE-' || i % 20000, 'changed', i FROM generate_series(1, 30000) AS i`,
  `INSERT INTO notification (id, name, change, kind, created_at, attempts, due_at)
    SELECT i, 'name-' || i, i, 'new', i, 0, CASE i % 3 WHEN 0 THEN i END FROM generate_series(1, 10000) AS i`,
  `INSERT INTO repository_cpe SELECT 'repository-' || i, 'cpe:/a:' || i % 100, 'debian' FROM generate_series(1, 5000) AS i`,
  `INSERT INTO enrichment SELECT kind, 'CVE-' || i, '{}' FROM generate_series(1, 20000) AS i, unnest('{cvss,epss}'::text[]) AS kind`,
];

const INTERVALS = '[["debian:1","stream-100",0,"00","ff","","",""]]';

const QUERIES: readonly [string, string, readonly SqlValue[]][] = [
  ['matches of a layer', SELECT_VERDICTS, [804]],
  ['layers that bring in a vulnerability', SELECT_INTRODUCING_LAYERS, ['CVE-77', 0, 99, 0, 100]],
  ['layers that an advisory affects', SELECT_AFFECTED_LAYERS, [INTERVALS, 0, 99, 0, 100]],
  ['layers that another one affects too', SELECT_AFFECTED_OF_LAYERS, [INTERVALS, '[1,2,3]']],
  ['layers that may go', SELECT_LAYERS, [0, 5000, 500]],
  ['packages that may go', SELECT_PACKAGES_IN_USE, [500, 500]],
  ['streams that may go', SELECT_STREAMS_IN_USE, [500, 500]],
  ['what is known of CVEs', SELECT_ENRICHMENTS, ['["cvss","epss"]', '["CVE-1","CVE-2"]']],
];

/** Of these only the plan is asked for. */
const WRITES: readonly [string, string, readonly SqlValue[]][] = [
  ['notifications that are claimed', CLAIM, ['me', 2, 1, 1, 10]],
  ['layers that go', DELETE_LAYERS, ['[1,2,3]', 1, 1]],
  ['findings that go', DELETE_FINDINGS, ['[["sha256:a",1]]']],
  ['changes that go', DELETE_CHANGES, ['[1,2,3]', 5]],
  ['points that go', DELETE_POINTS, ['[1,2,3]']],
  ['packages that go', DELETE_PACKAGES, ['[1,2,3]']],
  ['streams that go', DELETE_STREAMS, ['[1,2,3]']],
  ['namespaces that go', DELETE_NAMESPACES, ['[1,2,3]']],
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

  type PlanRow = { readonly 'QUERY PLAN': readonly [{ readonly Plan: Step }] };

  async function planOf(statement: string, values: readonly SqlValue[]): Promise<Step> {
    const rows = await engine.read.all<PlanRow>(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${statement}`, values);
    return rows[0]!['QUERY PLAN'][0].Plan;
  }

  async function planOfWrite(statement: string, values: readonly SqlValue[]): Promise<Step> {
    const explained = `EXPLAIN (FORMAT JSON) ${statement}`;
    const rows = await engine.transaction((queries) => queries.all<PlanRow>(explained, values));
    return rows[0]!['QUERY PLAN'][0].Plan;
  }

  async function allPlans(): Promise<string> {
    const texts: string[] = [];
    const plans = [
      ...QUERIES.map(([name, ...query]) => ({ name, planned: () => planOf(...query) })),
      ...WRITES.map(([name, ...query]) => ({ name, planned: () => planOfWrite(...query) })),
    ];
    for (const { name, planned } of plans) {
      const plan = await planned();
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
    const steps = stepsOf(await planOf('SELECT * FROM layer_package WHERE origin_depth = ?', [1]));
    expect(steps.filter(isScanOfTable)).toHaveLength(1);
  });
});

function stepsOf(step: Step): readonly Step[] {
  return [step, ...(step.Plans ?? []).flatMap(stepsOf)];
}

/** Intermediate results of a query are read whole, tables are not: neither as they lie nor along an index. */
function isScanOfTable({ 'Node Type': type, 'Relation Name': table, 'Index Cond': condition }: Step): boolean {
  return table !== undefined && condition === undefined && type !== 'ModifyTable';
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
