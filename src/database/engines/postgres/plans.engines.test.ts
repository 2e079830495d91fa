import { gzipSync } from 'node:zlib';
import type { ClientBase } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ExplainedStep, explainingClient, stepsOf } from '../../testing/explained-plans.ts';
import { PLANNED_OPERATIONS, UNPLANNED_OPERATIONS } from '../../testing/planned-operations.ts';
import { type PostgresServer, startPostgres, WITHOUT_BACKGROUND } from '../../testing/postgres-server.ts';
import type { Engine } from '../engine.ts';
import type { Store } from '../../contracts/store.ts';
import { storeOn } from '../../open-store.ts';
import { parsePostgresAddress } from './address.ts';
import { type ConnectionPool, createConnectionPool } from './pool.ts';
import { type Catalog, readCatalog } from './catalog.ts';
import { transactionQueries } from './queries.ts';
import { takingTurns } from './transactions/session.ts';
import { openPostgres } from './engine.ts';
import { TABLES } from '../../queries/tables.ts';

/** Statements that insert thousands of rows into each large table. */
const ROWS: readonly string[] = [
  `INSERT INTO namespace (id, name, scheme) SELECT i, 'debian:' || i, 'dpkg' FROM generate_series(1, 100) AS i`,
  `INSERT INTO line (id, namespace, name, role) SELECT i, i % 100 + 1, 'line-' || i, '' FROM generate_series(1, 3000) AS i`,
  `INSERT INTO feature
    SELECT i, i % 3000 + 1, 'deb', 'package-' || i, i::text, 'amd64', '', '{"source":{"name":"s","version":"1"}}', sha256(i::text::bytea)
    FROM generate_series(1, 30000) AS i`,
  `INSERT INTO feature_point SELECT i % 3000 + 1, decode(lpad(to_hex(i), 8, '0'), 'hex'), i FROM generate_series(1, 30000) AS i`,
  `INSERT INTO vulnerability
    SELECT i, 'debian', 'CVE-' || i, '', 'text', '\\x00' FROM generate_series(1, 20000) AS i`,
  // Two small namespaces, for operations that list a namespace or update a whole feed.
  `INSERT INTO namespace (id, name, scheme) VALUES (101, 'alpine:1', 'apk'), (102, 'alpine:2', 'apk')`,
  `INSERT INTO line (id, namespace, name, role) SELECT 3000 + i, 101 + i % 2, 'alpine-' || i, '' FROM generate_series(1, 500) AS i`,
  `INSERT INTO vulnerability
    SELECT 20000 + i, CASE WHEN i <= 500 THEN 'alpine' WHEN i <= 510 THEN 'small' ELSE 'manual' END,
      CASE WHEN i <= 500 THEN 'ALPINE-' || i WHEN i <= 510 THEN 'SMALL-' || i - 500 ELSE 'HAND-' || i - 509 END, '', 'text', '\\x00'
    FROM generate_series(1, 512) AS i`,
  `INSERT INTO manual_metadata SELECT 20000 + i, '{}' FROM generate_series(1, 512) AS i`,
  `INSERT INTO vulnerability_alias SELECT 'CVE-A-' || i, i FROM generate_series(1, 20000) AS i`,
  `INSERT INTO affected
    SELECT i % 3000 + 1, decode(lpad(to_hex(i), 8, '0'), 'hex'), i % 20000 + 1, '\\x00', i % 5, 'feed',
      CASE i % 7 WHEN 0 THEN 'undetermined' ELSE 'fixed' END, NULL, '1', NULL, '', '', ''
    FROM generate_series(1, 30000) AS i`,
  `INSERT INTO affected
    SELECT 3000 + least(i, 500), '\\xff', 20000 + i, '\\x00', 1, 'feed', 'open', NULL, NULL, NULL, '', '', '' FROM generate_series(1, 512) AS i`,
  // A vulnerability with hundreds of packages, half of which are limited to one product.
  `INSERT INTO vulnerability VALUES (30001, 'wide', 'CVE-WIDE', '', 'text', '\\x00')`,
  `INSERT INTO affected
    SELECT i, '\\xff', 30001, '\\x00', 1, 'feed', 'open', NULL, NULL, NULL, '', '', CASE i % 2 WHEN 0 THEN '' ELSE 'cpe:/a:1' END
    FROM generate_series(1, 40) AS i`,
  `INSERT INTO feed_state (feed, last_attempt, vulnerabilities, diagnostic_count, skipped_count, diagnostics)
    SELECT feed, 0, 0, 0, 0, '[]' FROM unnest('{debian,alpine,small}'::text[]) AS feed`,
  `INSERT INTO feed_state (feed, last_attempt, last_success, vulnerabilities, diagnostic_count, skipped_count, diagnostics)
    VALUES ('nvd', 0, 0, 0, 0, 0, '[]')`,
  `INSERT INTO feed_namespace VALUES ('alpine', 'alpine:1'), ('alpine', 'alpine:2'), ('small', 'alpine:1')`,
  `INSERT INTO layer_contents SELECT 'sha256:' || CASE i WHEN 0 THEN repeat('a', 64) ELSE i::text END, 1, '\\x${gzipSync('{}').toString('hex')}' FROM generate_series(0, 3000) AS i`,
  `INSERT INTO layer
    SELECT i, 'layer-' || i, 1, 'sha256:' || repeat('a', 64), CASE WHEN i % 4 = 1 THEN NULL ELSE i - 1 END, (i - 1) % 4, NULL, NULL,
      CASE WHEN i <= 400 THEN '["repository-1"]' ELSE '[]' END, '[]', 0
    FROM generate_series(1, 8000) AS i`,
  // Every second image passes all filters.
  `INSERT INTO image (digest, reference, target, platform, leaf, scanned_at, namespace, is_counted, risk, findings, worst,
      is_fixable, is_exploited, is_incomplete, is_fixable_high, has_stale_feed)
    SELECT 'sha256:' || i, 'r-' || i % 500, 't', 'p', i * 4, i, 'debian:12', CASE WHEN i <= 1990 THEN 1 ELSE 0 END,
      lpad(to_hex(i % 100), 48, '0'), i % 100, i % 2 * 4, i % 2, i % 2, i % 2, i % 2, i % 2
    FROM generate_series(1, 2000) AS i`,
  `INSERT INTO image_layer (image, position, digest, diff_id, created_by, size)
    SELECT i / 4 + 1, i % 4, 'sha256:' || i, 'sha256:' || i, 'RUN', i FROM generate_series(0, 7999) AS i`,
  `INSERT INTO image_chain SELECT i, (i - 1) / 4 + 1 FROM generate_series(1, 8000) AS i`,
  `INSERT INTO layer_feature
    SELECT i / 5 + 1, (i * 7919) % 30000 + 1, '', 1, (i / 5) % 4 FROM generate_series(0, 29999) AS i`,
  `INSERT INTO layer_feature SELECT 7996, i, 'usr/lib/' || i, 1, 3 FROM generate_series(1, 500) AS i`,
  // A layer with a file, which may have an owner.
  `INSERT INTO layer_feature VALUES (1204, 1, 'usr/lib/x', 1, 3)`,
  `INSERT INTO feature_owner
    SELECT layer, feature, 'usr/lib/' || feature, feature % 30000 + 1 FROM layer_feature WHERE feature % 3 = 0`,
  `INSERT INTO program SELECT i, 'linux', 'amd64', NULL, '\\x00', decode(md5(i::text), 'hex') FROM generate_series(1, 5000) AS i`,
  `INSERT INTO layer_program SELECT i, 'usr/bin/' || i % 7, i % 5000 + 1 FROM generate_series(1, 8000) AS i`,
  `INSERT INTO found_name
    SELECT i, 'v CVE-' || i, 'CVE-' || i, i % 100 + 1, 1, i % 2, '[0,0,0,0,1,0,0]', i % 2 * 4, i % 2 FROM generate_series(1, 20000) AS i`,
  // Each image has one found name, whose id is the number of the image; the images above 2000 were deleted.
  `INSERT INTO image_names SELECT i, decode(lpad(to_hex(i * 64 + 52), 8, '0'), 'hex') FROM generate_series(1, 2200) AS i`,
  `INSERT INTO image_reference SELECT reference, platform, scanned_at, id FROM image`,
  `INSERT INTO change_log (id, feed, name, kind, before, at)
    SELECT i, 'debian', 'CVE-' || i % 20000, 'changed', CASE i % 2 WHEN 0 THEN '{"affected":[{"namespace":"debian:12"}]}' END, i FROM generate_series(1, 30000) AS i`,
  `INSERT INTO notification (id, name, change, kind, created_at, attempts, due_at, notified_at, dead_at)
    SELECT i, 'name-' || i, i, 'new', i, 0, CASE i % 3 WHEN 0 THEN i END, CASE i % 6 WHEN 0 THEN i END, CASE i % 30 WHEN 1 THEN i END
    FROM generate_series(1, 10000) AS i`,
  `INSERT INTO feed_update SELECT i, CASE i % 2 WHEN 0 THEN 'debian' ELSE 'feed-' || i END, i FROM generate_series(1, 5000) AS i`,
  `INSERT INTO update_notification (id, name, feed, feed_update, last_image, created_at, completed_at, due_at)
    SELECT i, 'name-' || i, 'debian', i, 2000, i, CASE i % 500 WHEN 1 THEN NULL ELSE i END, CASE i % 30 WHEN 0 THEN i END
    FROM generate_series(1, 5000) AS i`,
  `INSERT INTO update_notification_change SELECT i % 5000 + 1, i, 'CVE', '', '' FROM generate_series(1, 10000) AS i`,
  `INSERT INTO update_notification_feature
    SELECT i % 5000 + 1, i, 'added', '', '[]', 0, i % 5000 + 5000, 1, 'debian:12', 'p', '' FROM generate_series(1, 30000) AS i`,
  `INSERT INTO submission (name, target, state, layers, layers_done, layers_known, images, attempts, is_upload, created_at, finished_at)
    SELECT 'name-' || i, 'r', CASE i % 50 WHEN 0 THEN 'queued' ELSE 'done' END, 1, 1, 1, '[]', 1, 0, i, CASE i % 50 WHEN 0 THEN NULL ELSE i END
    FROM generate_series(1, 5000) AS i`,
  // Half of the rules apply, and some files have lost their last rule.
  `INSERT INTO namespace (id, name, scheme) VALUES (103, 'file', 'presence')`,
  `INSERT INTO line (id, namespace, name, role) SELECT 3500 + i, 103, 'file-' || i, '' FROM generate_series(1, 500) AS i`,
  `INSERT INTO feature
    SELECT 30000 + i, 3500 + i, 'file', 'file-' || i, 'present', NULL, '', '{}', sha256(('file' || i)::text::bytea) FROM generate_series(1, 500) AS i`,
  `INSERT INTO layer_feature SELECT i, 30001 + i % 500, 'file-' || i % 500 + 1, 1, (i - 1) % 4 FROM generate_series(4001, 8000) AS i`,
  `INSERT INTO file_rule
    SELECT i, 'RULE-' || i, '{"id":"RULE-' || i || '","when":"present","paths":["file-' || i || '"],"severity":"Low","description":"","link":""}',
      0, CASE i % 2 WHEN 0 THEN 1 END
    FROM generate_series(1, 400) AS i`,
  `INSERT INTO watched_file
    SELECT i, 'file-' || i, 'present', CASE WHEN i <= 300 THEN 8000 ELSE 0 END, 8000, CASE WHEN i > 400 THEN 1000000 END
    FROM generate_series(1, 500) AS i`,
  `INSERT INTO file_rule_file SELECT i, i FROM generate_series(1, 400) AS i`,
  // Most rules are in the history, and half of the others have expired.
  `INSERT INTO ignore_rule
    SELECT i, 'rule-' || i, '{"id":["CVE-' || i || '"],"reason":"r"}', 'cve-' || i, CASE i % 2 WHEN 0 THEN '2025-12-31' END, i, NULL, CASE WHEN i > 400 THEN i END, NULL
    FROM generate_series(1, 5000) AS i`,
  `INSERT INTO repository_cpe SELECT 'repository-' || i, 'cpe:/a:' || i % 100, 'debian' FROM generate_series(1, 5000) AS i`,
  `INSERT INTO enrichment SELECT kind, 'CVE-' || i, '[]', CASE kind WHEN 'cvss' THEN i % 5 + 1 END FROM generate_series(1, 20000) AS i, unnest('{cvss,epss}'::text[]) AS kind`,
  `INSERT INTO enrichment SELECT 'text', 'CVE-' || i, '{"description":"d"}' FROM generate_series(1, 20000) AS i`,
];

/** Tables with at most a few hundred rows, which may be read completely. */
const SMALL_TABLES: ReadonlySet<string> = new Set([
  'file_rule',
  'watched_file',
  'file_rule_file',
  'namespace',
  'feed_state',
  'feed_namespace',
  'flag',
  'lock',
]);

/** The tables and indexes that queries read completely by design, with the reason. */
const WHOLE_READS: Readonly<Record<string, string>> = {
  'layer layer_name_engine_version_key': 'layers that only an older engine has analysed are counted on demand',
  'image image_overview': 'the overview counts all images, along an index with only the counted columns',
  'image image_not_counted': 'the index contains only images that wait for a count',
  'notification notification_by_due': 'the index contains only notifications that wait',
  'notification notification_dead': 'the index contains only dead notifications',
  'ignore_rule ignore_rule_ended': 'the total length of all ended rules is needed when a rule ends',
  'ignore_rule ignore_rule_active':
    'the index contains only rules that have not ended, and reports need all these rules',
  'update_notification update_notification_by_due': 'the index contains only notifications that wait',
  'update_notification update_notification_open': 'the index contains only notifications whose update is being read',
};

/** The operations that use caches; if data changes during the call, they run another statement. */
const CACHED_OPERATIONS: ReadonlySet<string> = new Set([
  'matches.ofLayer',
  'matches.verdicts',
  'layers.features',
  'layers.files',
]);

function uncachedStore(engine: Engine): Store {
  return storeOn(engine, { caches: null });
}

describe('the plan of a hot query on PostgreSQL', () => {
  let engine: Engine;
  let catalog: Catalog;
  let server: PostgresServer;
  let pool: ConnectionPool;
  beforeAll(async () => {
    // Start a separate server, because concurrent tests would change which rows VACUUM removes, and would therefore
    // change the plans.
    server = await startPostgres({ settings: WITHOUT_BACKGROUND });
    const source = `${server.source}?sslmode=disable`;
    pool = createConnectionPool(parsePostgresAddress(source), { size: 1, mode: 'write' });
    engine = await openPostgres(source);
    await engine.transaction(async (queries) => {
      for (const statement of ROWS) await queries.run(statement);
      for (const { name, key } of TABLES) if (key[0] === 'id') await queries.skipIds(name);
    });
    catalog = await pool.use(readCatalog);
  });
  afterAll(async () => {
    await pool.close();
    await engine.close();
    await server.kill();
    server.removeLater();
  });

  /** Returns the statements of an operation with their plans; rolls the operation back. */
  async function plansOf(operation: (engine: Engine) => Promise<unknown>): Promise<ReadonlyMap<string, ExplainedStep>> {
    return await pool.use(async (client) => {
      const plans = new Map<string, ExplainedStep>();
      await client.query('BEGIN');
      try {
        await operation(engineWithin(explainingClient(client, plans)));
      } finally {
        await client.query('ROLLBACK');
      }
      return plans;
    });
  }

  async function allPlans(): Promise<string> {
    const known = new Set<string>();
    const texts: string[] = [];
    const withoutCaches = Object.entries(PLANNED_OPERATIONS).filter(([name]) => CACHED_OPERATIONS.has(name));
    const operations = [
      ...Object.entries(PLANNED_OPERATIONS).map(([name, operation]) => ({ name, operation, of: storeOn })),
      ...withoutCaches.map(([name, operation]) => ({ name: `${name} without caches`, operation, of: uncachedStore })),
    ];
    for (const { name, operation, of } of operations) {
      // Rolled-back rows still occupy pages that a scan must skip.
      await pool.use((client) => client.query('VACUUM (INDEX_CLEANUP ON) change_log'));
      for (const [statement, plan] of await plansOf((within) => operation(of(within)))) {
        if (known.has(statement)) continue;
        known.add(statement);
        const steps = stepsOf(plan);
        const what = `${name}: ${statement.replaceAll(/\s+/g, ' ').trim().slice(0, 100)}`;
        expect({ [what]: steps.filter(isScanOfTable) }).toEqual({ [what]: [] });
        expect({ [what]: steps.filter(isWaste) }).toEqual({ [what]: [] });
        texts.push(`${what}\n\n${linesOf(plan, 1).join('\n')}\n`);
      }
    }
    return texts.join('\n');
  }

  it('uses an index in each step before the planner has statistics', async () => {
    await expect(await allPlans()).toMatchFileSnapshot('testdata/postgres-plans-at-first.txt');
  });

  it('uses an index in each step with statistics', async () => {
    // Autovacuum does not analyse a table with partitions, only its partitions.
    const tables =
      "SELECT relname AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'";
    await engine.transaction(async (queries) => {
      for (const { name } of await queries.all<{ name: string }>(tables)) await queries.run(`ANALYZE ${name}`);
    });
    await expect(await allPlans()).toMatchFileSnapshot('testdata/postgres-plans.txt');
  });

  it('is checked for every operation of the store', () => {
    const asked = Object.entries(storeOn(engine)).flatMap(([group, of]: [string, unknown]) =>
      typeof of === 'object' && of !== null ? Object.keys(of).map((name) => `${group}.${name}`) : [group],
    );
    const looked = [...Object.keys(PLANNED_OPERATIONS).map((name) => name.split(' ')[0]), ...UNPLANNED_OPERATIONS];
    expect(new Set(looked)).toEqual(new Set(asked));
  });

  it.each<[string, string, (step: ExplainedStep) => boolean]>([
    ['scans a table', 'SELECT * FROM layer_feature WHERE origin_depth = 1', isScanOfTable],
    ['discards rows that it read', "SELECT 1 FROM feature WHERE id > 0 AND name = 'package-7'", isWaste],
    [
      'reads more of an index than it returns',
      "SELECT 1 FROM layer_contents WHERE digest > '' AND engine_version = 7",
      isWaste,
    ],
  ])('is reported if it %s', async (_what, statement, isSeen) => {
    const plans = await plansOf(({ read }) => read.all(statement));
    expect([...plans.values()].flatMap(stepsOf).filter(isSeen)).not.toEqual([]);
  });

  function engineWithin(client: ClientBase): Engine {
    const queriesWithin = (): ReturnType<typeof transactionQueries> =>
      transactionQueries(
        takingTurns((use) => use(client)),
        catalog,
        (work) => work(client),
      );
    const queries = queriesWithin();
    return {
      ...engine,
      // At this time, some of the notifications are due.
      clock: { now: () => 100, ask: async () => 100 },
      read: queries,
      together: (work) => work(queries),
      snapshot: (work) => work(queries),
      async transaction(work) {
        const own = queriesWithin();
        const result = await work(own);
        await own.writePending();
        return result;
      },
    };
  }
});

/**
 * Returns whether a step reads a whole table, except {@link SMALL_TABLES} and {@link WHOLE_READS}. Intermediate results
 * may be read completely.
 */
function isScanOfTable(step: ExplainedStep): boolean {
  const { 'Node Type': type, 'Relation Name': table = '', 'Index Cond': condition, 'Index Name': index } = step;
  if (table === '' || condition !== undefined || type === 'ModifyTable' || table.startsWith('pending_')) return false;
  // Reading one row from the end of an index, for example the largest id, is not a scan.
  if (readRows(step) <= 1) return false;
  return !SMALL_TABLES.has(table) && !(`${table} ${index}` in WHOLE_READS);
}

/**
 * Returns whether a filter removes most rows, or a step reads too many pages. Six pages per lookup are permitted,
 * because a lookup descends at most three levels, and three pages per row, because each row may be on its own page.
 */
function isWaste(step: ExplainedStep): boolean {
  const { 'Actual Loops': loops, 'Actual Rows': rows, Plans: below = [] } = step;
  const read = readRows(step);
  // An intermediate result may be read completely, but only once.
  if (step['Node Type'] === 'CTE Scan' && loops === 1) return false;
  if (read > 10 * rows * loops + 20 * loops) return true;
  if (step['Relation Name'] === undefined || step['Node Type'] === 'ModifyTable') return false;
  const pagesBelow = below.reduce((sum, each) => sum + pagesOf(each), 0);
  return pagesOf(step) - pagesBelow > 6 * loops + 3 * read;
}

/** The rows that a step returns or filters out. */
function readRows(step: ExplainedStep): number {
  const removed = (step['Rows Removed by Filter'] ?? 0) + (step['Rows Removed by Join Filter'] ?? 0);
  return (step['Actual Rows'] + removed) * step['Actual Loops'];
}

function pagesOf(step: ExplainedStep): number {
  return step['Shared Hit Blocks'] + step['Shared Read Blocks'];
}

/**
 * Formats the parts of a plan that are the same in every run. Omits costs, times, sorting, materialization, and the
 * pages, which {@link isWaste} limits. Row counts are averages per loop, rounded as in older versions of PostgreSQL.
 */
function linesOf(step: ExplainedStep, depth: number): readonly string[] {
  const { 'Node Type': type, Alias: alias, 'Index Name': index, 'Index Cond': condition } = step;
  const inner = (step.Plans ?? []).flatMap((each) => linesOf(each, depth + 1));
  if (/^(Sort|Incremental Sort|Memoize|Materialize)$/.test(type)) return inner.map((line) => line.slice(2));
  const { 'Actual Rows': rows, 'Actual Loops': loops } = step;
  const what = [
    type,
    ...(alias === undefined ? [] : [`of ${alias}`]),
    ...(index === undefined ? [] : [`by ${index}`]),
    ...(condition === undefined ? [] : [condition]),
    loops === 0 ? '(never)' : `(rows ${Math.round(rows)}${loops === 1 ? '' : `, loops ${loops}`})`,
  ];
  return [`${'  '.repeat(depth)}${what.join(' ')}`, ...inner];
}
