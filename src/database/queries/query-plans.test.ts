import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import {
  SELECT_AFFECTED_AMONG,
  SELECT_AMONG_IN_INTERVALS,
  SELECT_IMAGES_OF_LAYERS,
  SELECT_LAYERS_IN_INTERVALS,
  SELECT_LAYERS_WITH_IMAGES,
} from './affected/affected-images.ts';
import { SELECT_AFFECTED_LAYERS, SELECT_AFFECTED_OF_LAYERS } from './affected/affected-layers.ts';
import { SELECT_MARKS, SELECT_NOT_COUNTED } from './images/image-count-store.ts';
import type { ImageOrder } from '../contracts/image-counts.ts';
import { SELECT_NAMESPACES } from './images/image-overview.ts';
import { selectEnd, SELECT_LISTED, selectPage } from './images/listed-images.ts';
import { SELECT_ENRICHMENTS } from './enrichments/enrichment-lists.ts';
import { SELECT_TEXTS } from './enrichments/stored-enrichments.ts';
import { SELECT_FORMER, SELECT_HISTORIES } from './change-log/change-log-store.ts';
import { SELECT_CURRENT, SELECT_FIRST, SELECT_OF_REFERENCE, SELECT_TOPMOST } from './images/image-store.ts';
import { SELECT_CHANGE_COUNTS, SELECT_DESCENDANTS } from './layers/layer-store.ts';
import { SELECT_OWNERS } from './layers/located-features.ts';
import { SELECT_PROGRAM_PLACES } from './layers/program-rows.ts';
import { SELECT_INTRODUCING_LAYERS, SELECT_LATER, SELECT_VERDICTS } from './matches/match-store.ts';
import { migrationsOf } from '../migrations.ts';
import { CLAIM, RETRY, SELECT_HISTORY } from './notifications/notification-store.ts';
import { SELECT_UNRATED } from './vulnerabilities/rescored-advisories.ts';
import { SELECT_IN_NAMESPACE } from './vulnerabilities/vulnerability-store.ts';

/** Returns SQLite's plan of a statement (sqlite.org/eqp.html). */
function planOf(statement: string, values: readonly unknown[]): string[] {
  const rows = connection.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${statement}`).all(...values);
  return rows.map(({ detail }) => detail);
}

const connection = new Database(':memory:');
for (const { sql } of migrationsOf('sqlite')) connection.exec(sql);
afterAll(() => connection.close());

/**
 * The scan of the list of releases past their end of life. The query scans the list only for features with an owner.
 */
const ENDED_RELEASES = 'SCAN release VIRTUAL TABLE INDEX 1:';

describe('the plan of a hot query', () => {
  it("reads ranges that start above a package's version through the same indexes", () => {
    const plan = planOf(SELECT_LATER, ['[]', 1, '["npm"]']);
    expect(scansOfTables(plan)).toEqual(['SCAN wanted VIRTUAL TABLE INDEX 1:', ENDED_RELEASES, ENDED_RELEASES]);
    expect(plan).toContain('SEARCH layer_feature USING PRIMARY KEY (layer=?)');
    expect(plan).toContain('SEARCH affected USING PRIMARY KEY (line=? AND hi>?)');
  });

  it('reads the packages of a layer along its ancestors, and the ranges of each package from the installed version on', () => {
    const plan = planOf(SELECT_VERDICTS, ['[]', 1]);
    expect(scansOfTables(plan)).toEqual([ENDED_RELEASES]);
    expect(plan).toContain('SEARCH layer_feature USING PRIMARY KEY (layer=?)');
    expect(plan).toContain('SEARCH affected USING PRIMARY KEY (line=? AND hi>?)');
    expect(plan).toContain('SEARCH repository_cpe USING PRIMARY KEY (repository=?)');
    // Only the aliases and the NVD severity are read for each vulnerability, not the products of the layers.
    const subqueries = withoutNumbers(plan).filter((step) => step.startsWith('CORRELATED '));
    expect(subqueries).toEqual(Array.from({ length: 3 }, () => 'CORRELATED SCALAR SUBQUERY'));
    // The changes of layers are read in place; materializing them would double the time.
    expect(plan.filter((step) => step.startsWith('MATERIALIZE '))).toEqual(
      ['matched', 'chain', 'product'].map((name) => `MATERIALIZE ${name}`),
    );
    expect(plan).toContain('SEARCH enrichment USING COVERING INDEX enrichment_severity (cve=? AND severity>?)');
    expect(plan).toContain(
      'SEARCH vulnerability_alias USING COVERING INDEX vulnerability_alias_by_vulnerability (vulnerability=?)',
    );
    expect(plan.filter((step) => /SEARCH (feature|feature_point|vulnerability|line|namespace) /.test(step))).toEqual([
      'SEARCH feature_point USING COVERING INDEX feature_point_by_feature (feature=?)',
      'SEARCH feature USING INTEGER PRIMARY KEY (rowid=?)',
      // The details of each vulnerability, package and version line are read once for all matches.
      'SEARCH vulnerability USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH feature USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH line USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH namespace USING INTEGER PRIMARY KEY (rowid=?)',
    ]);
  });

  /** For each package, the query reads as many layers as a page has, from an index, and looks up only these layers. */
  const pageOfLayers = [
    'USE TEMP B-TREE FOR DISTINCT',
    'SCAN candidate',
    'CORRELATED SCALAR SUBQUERY',
    'SEARCH layer_feature USING COVERING INDEX layer_feature_by_feature (feature=? AND change=? AND layer>?)',
    'SCAN bounded',
    'SEARCH layer_feature USING COVERING INDEX layer_feature_by_feature (feature=? AND change=? AND layer>? AND layer<?)',
    'USE TEMP B-TREE FOR GROUP BY',
    'SCAN page',
    'SEARCH layer USING INTEGER PRIMARY KEY (rowid=?)',
    'CORRELATED SCALAR SUBQUERY',
    'SEARCH newer USING COVERING INDEX sqlite_autoindex_layer_1 (name=?)',
    'CORRELATED SCALAR SUBQUERY',
    'SCAN content_set VIRTUAL TABLE INDEX 1:',
    'SEARCH repository_cpe USING PRIMARY KEY (repository=?)',
  ];
  /** Checks whether a feed covers the owner of a package, and then whether the support of its release has ended. */
  const coverage = [
    'USING INDEX feed_namespace_by_namespace FOR IN-OPERATOR',
    'LIST SUBQUERY',
    ENDED_RELEASES,
    'CREATE BLOOM FILTER',
  ];
  const restOfRow = [
    'CORRELATED SCALAR SUBQUERY',
    'SEARCH whole USING PRIMARY KEY (line=? AND hi=? AND vulnerability=? AND lo=? AND archs=? AND module=? AND cpe=?)',
  ];
  const point = 'SEARCH feature_point USING PRIMARY KEY (line=? AND version_key>? AND version_key<?)';
  const affectedPackages = [
    'SCAN named VIRTUAL TABLE INDEX 1:',
    'SEARCH vulnerability USING COVERING INDEX vulnerability_by_name (name=?)',
    'SEARCH affected USING COVERING INDEX affected_by_vulnerability (vulnerability=?)',
    'CORRELATED SCALAR SUBQUERY',
    point,
    ...restOfRow,
    point,
    'SEARCH feature USING INTEGER PRIMARY KEY (rowid=?)',
    ...coverage,
    ...restOfRow,
  ];
  const materialized = ['MATERIALIZE page', 'MATERIALIZE bounded', 'MATERIALIZE candidate'];

  it('reads the packages in each affected interval, and a page of the layers of each package', () => {
    const plan = planOf(SELECT_INTRODUCING_LAYERS, ['[]', '["CVE-1"]', 0, 99, 0, 100]);
    expect(scansOfTables(plan)).toEqual(['SCAN named VIRTUAL TABLE INDEX 1:', ENDED_RELEASES]);
    expect(withoutNumbers(plan).slice(0, -3)).toEqual([...materialized, ...affectedPackages, ...pageOfLayers]);
  });

  it('reads the layers of an advisory that is not stored in the same way', () => {
    const plan = planOf(SELECT_AFFECTED_LAYERS, ['[]', '[]', 0, 99, 0, 100]);
    expect(withoutNumbers(plan).slice(0, -3)).toEqual([
      ...materialized,
      'SCAN wanted VIRTUAL TABLE INDEX 1:',
      'SEARCH namespace USING COVERING INDEX sqlite_autoindex_namespace_1 (name=?)',
      'SEARCH line USING COVERING INDEX sqlite_autoindex_line_1 (namespace=? AND name=? AND role=?)',
      'SEARCH feature_point USING PRIMARY KEY (line=? AND version_key>? AND version_key<?)',
      'SEARCH feature USING INTEGER PRIMARY KEY (rowid=?)',
      ...coverage,
      ...pageOfLayers,
    ]);
  });

  it('looks up whether the given layers introduce a package', () => {
    const plan = withoutNumbers(planOf(SELECT_AFFECTED_OF_LAYERS, ['[]', '[]', '[]']));
    expect(plan.slice(0, 3)).toEqual([
      'SCAN candidate VIRTUAL TABLE INDEX 1:',
      'SEARCH layer USING INTEGER PRIMARY KEY (rowid=?)',
      'CORRELATED SCALAR SUBQUERY',
    ]);
    expect(plan.slice(-5)).toEqual([
      'SCAN affected',
      'CORRELATED SCALAR SUBQUERY',
      'SCAN content_set VIRTUAL TABLE INDEX 1:',
      'SEARCH repository_cpe USING PRIMARY KEY (repository=? AND cpe=?)',
      'SEARCH layer_feature USING COVERING INDEX layer_feature_by_feature (feature=? AND change=? AND layer=?)',
    ]);
  });

  it('reads the introducing layers of a vulnerability and looks up which are in images', () => {
    const plan = withoutNumbers(planOf(SELECT_LAYERS_WITH_IMAGES, ['[]', '[]', 0, 99, 0, 100]));
    expect(plan).toEqual([
      ...materialized,
      ...affectedPackages,
      ...pageOfLayers.slice(0, pageOfLayers.indexOf('SCAN page') + 1),
      'CORRELATED SCALAR SUBQUERY',
      'SEARCH image_chain USING PRIMARY KEY (layer=?)',
    ]);
  });

  it('reads the images of an advisory that is not stored in the same way', () => {
    const intervals = [
      'SCAN wanted VIRTUAL TABLE INDEX 1:',
      'SEARCH namespace USING COVERING INDEX sqlite_autoindex_namespace_1 (name=?)',
      'SEARCH line USING COVERING INDEX sqlite_autoindex_line_1 (namespace=? AND name=? AND role=?)',
      'SEARCH feature_point USING PRIMARY KEY (line=? AND version_key>? AND version_key<?)',
      'SEARCH feature USING INTEGER PRIMARY KEY (rowid=?)',
    ];
    const layers = withoutNumbers(planOf(SELECT_LAYERS_IN_INTERVALS, ['[]', '[]', 0, 99, 0, 100]));
    expect(layers).toEqual([
      ...materialized,
      ...intervals,
      ...coverage,
      ...pageOfLayers.slice(0, pageOfLayers.indexOf('SCAN page') + 1),
      'CORRELATED SCALAR SUBQUERY',
      'SEARCH image_chain USING PRIMARY KEY (layer=?)',
    ]);
    const among = withoutNumbers(planOf(SELECT_AMONG_IN_INTERVALS, ['[]', '[]', '[]']));
    expect(among).toEqual(expect.arrayContaining(intervals));
    expect(scansOfTables(among)).toEqual([...intervals.slice(0, 1), ...intervals.slice(0, 1), ENDED_RELEASES]);
  });

  it('reads only as many images of each layer as a page has', () => {
    expect(withoutNumbers(planOf(SELECT_IMAGES_OF_LAYERS, [99, '[]', 100]))).toEqual([
      'MATERIALIZE bounded',
      'SCAN each VIRTUAL TABLE INDEX 1:',
      'CORRELATED SCALAR SUBQUERY',
      'SEARCH image_chain USING PRIMARY KEY (layer=? AND image>?)',
      'SCAN bounded',
      'SEARCH image_chain USING PRIMARY KEY (layer=? AND image>? AND image<?)',
      'USE TEMP B-TREE FOR ORDER BY',
    ]);
  });

  it('reads only the changes of the layers of some images', () => {
    const plan = planOf(SELECT_AFFECTED_AMONG, ['[]', '[]', '[]']);
    expect(scansOfTables(plan)).toEqual([
      'SCAN wanted VIRTUAL TABLE INDEX 1:',
      'SCAN named VIRTUAL TABLE INDEX 1:',
      ENDED_RELEASES,
    ]);
    expect(plan.filter((step) => /SEARCH (image|layer|repository)/.test(step))).toEqual([
      'SEARCH image_chain USING COVERING INDEX image_chain_by_image (image=?)',
      'SEARCH layer_feature USING PRIMARY KEY (layer=?)',
      // The next steps run only for a package limited to a product.
      'SEARCH image_chain USING COVERING INDEX image_chain_by_image (image=?)',
      'SEARCH layer USING INTEGER PRIMARY KEY (rowid=?)',
      'SEARCH repository_cpe USING PRIMARY KEY (repository=?)',
      'SEARCH image USING INTEGER PRIMARY KEY (rowid=?)',
    ]);
  });

  it.each([
    ['owners of files', SELECT_OWNERS, 'feature_owner'],
    ['programs', SELECT_PROGRAM_PLACES, 'layer_program'],
  ])('reads the %s along the ancestors of a layer', (_, statement, table) => {
    const plan = planOf(statement, [1]);
    expect(scansOfTables(plan)).toEqual([]);
    expect(plan).toContain(`SEARCH ${table} USING PRIMARY KEY (layer=?)`);
  });

  it('takes the notifications that have been due longest from the start of an index', () => {
    expect(planOf(CLAIM, ['me', 2, 1, 1, 10])).toEqual([
      'SEARCH notification USING INTEGER PRIMARY KEY (rowid=?)',
      'LIST SUBQUERY 1',
      'SEARCH notification USING COVERING INDEX notification_by_due (due_at<?)',
    ]);
  });

  it('reads a page of delivered notifications from an index, in order', () => {
    expect(planOf(SELECT_HISTORY, [1, 1, 10])).toEqual([
      'SEARCH notification USING INDEX notification_delivered (notified_at>? AND notified_at<?)',
      'SEARCH change_log USING INTEGER PRIMARY KEY (rowid=?)',
    ]);
  });

  it('retries notifications by name, however many are dead', () => {
    expect(planOf(RETRY, [1, '[]'])).toEqual([
      'SEARCH notification USING INDEX sqlite_autoindex_notification_1 (name=?)',
      'LIST SUBQUERY 1',
      'SCAN json_each VIRTUAL TABLE INDEX 1:',
    ]);
  });

  it('finds enrichments by CVE, kind by kind, and the texts of a page of CVEs', () => {
    const search = ['CORRELATED SCALAR SUBQUERY', 'SEARCH enrichment USING PRIMARY KEY (kind=? AND cve=?)'];
    const plan = planOf(SELECT_ENRICHMENTS, ['["CVE-1"]']).map((step) => step.replace(/SUBQUERY \d+/, 'SUBQUERY'));
    expect(plan).toEqual(['SCAN wanted VIRTUAL TABLE INDEX 1:', ...search, ...search, ...search]);
    expect(planOf(SELECT_TEXTS, ['CVE-1', 'CVE-2'])).toEqual([
      'SEARCH enrichment USING PRIMARY KEY (kind=? AND cve>? AND cve<?)',
    ]);
  });

  it('finds advisories by CVE whose severity other scores may change', () => {
    const plan = planOf(SELECT_UNRATED, ['["CVE-1"]', '["CVE-1"]']);
    expect(scansOfTables(plan).filter((step) => !step.startsWith('SCAN wanted VIRTUAL TABLE'))).toEqual([]);
    expect(plan).toContain('SEARCH vulnerability USING COVERING INDEX vulnerability_by_name (name=?)');
    expect(plan).toContain('SEARCH vulnerability_alias USING PRIMARY KEY (name=?)');
    expect(plan).toContain('SEARCH affected EXISTS USING INDEX affected_by_vulnerability (vulnerability=?)');
  });

  it('reads the advisories for a namespace in name order, without sorting', () => {
    const plan = planOf(SELECT_IN_NAMESPACE, ['debian:12', 'debian:12', 'debian', '', 100]);
    expect(scansOfTables(plan)).toEqual([]);
    expect(plan.filter((step) => step.includes('TEMP B-TREE'))).toEqual([]);
    expect(plan).toContain('SEARCH vulnerability USING INDEX sqlite_autoindex_vulnerability_1 (feed=? AND name>?)');
    expect(plan).toContain('SEARCH affected USING INDEX affected_by_vulnerability (vulnerability=?)');
  });

  it('counts the changes of a chain of layers per layer', () => {
    const plan = planOf(SELECT_CHANGE_COUNTS, [1]);
    expect(scansOfTables(plan)).toEqual([]);
    expect(plan).toContain('SEARCH layer_feature USING PRIMARY KEY (layer=?)');
  });

  it('finds the descendants of a layer by parent', () => {
    const plan = planOf(SELECT_DESCENDANTS, ['base']);
    expect(plan.filter((step) => !/^(SCAN below|CO-ROUTINE|SETUP|RECURSIVE|USE TEMP)/.test(step))).toEqual([
      'SEARCH layer USING INDEX sqlite_autoindex_layer_1 (name=?)',
      'SEARCH layer USING INDEX layer_by_parent (parent=?)',
    ]);
  });

  it('looks up by name which layers are topmost in images', () => {
    const plan = planOf(SELECT_TOPMOST, ['["base"]']);
    expect(plan.filter((step) => !step.startsWith('USE TEMP B-TREE'))).toEqual([
      'SCAN wanted VIRTUAL TABLE INDEX 1:',
      'SEARCH layer USING COVERING INDEX sqlite_autoindex_layer_1 (name=?)',
      'SEARCH image USING INDEX image_by_leaf (leaf=?)',
    ]);
  });

  it.each([
    ['after the last scanned one', SELECT_MARKS, [9, 9, 9], 'image_by_time (scanned_at<?)'],
    ['without counts', SELECT_NOT_COUNTED, [9], 'image_not_counted'],
    ['of one reference', SELECT_OF_REFERENCE, ['r', 9], 'image_by_reference (reference=?)'],
  ])('reads the images %s in index order', (_what, statement, values, index) => {
    expect(planOf(statement, values)).toEqual([expect.stringMatching(/^S(EARCH|CAN) image /)]);
    expect(planOf(statement, values).join()).toContain(`USING INDEX ${index}`);
  });

  it.each<[ImageOrder, string]>([
    ['scannedAt', 'image_by_time (scanned_at<?)'],
    ['severity', 'image_by_risk (risk<?)'],
    ['findings', 'image_by_findings (findings<?)'],
    ['reference', 'image_by_reference ((reference,scanned_at)>(?,?))'],
  ])('reads the images in the order %s along an index, without sorting', (order, index) => {
    const plan = withoutNumbers(
      planOf(selectPage(order, [{ sql: 'worst >= ?', value: 4 }], false), [
        '',
        9,
        ...(order === 'reference' ? [9] : []),
        9,
        9,
        9,
      ]),
    );
    expect(plan.filter((step) => !/^(CO-ROUTINE|MATERIALIZE|SCAN) page$/.test(step))).toEqual([
      `SEARCH image USING INDEX ${index}`,
    ]);
    expect(planOf(selectEnd(order, false), ['', 9, ...(order === 'reference' ? [9] : []), 9])).toEqual([
      expect.stringMatching(/^SEARCH image USING (COVERING )?INDEX /),
    ]);
  });

  it('reads the images of a reference, and the numbers of all images, along indexes', () => {
    const ofReference = withoutNumbers(planOf(selectPage('scannedAt', [], true), ['r', 9, 9, 9, 9]));
    expect(ofReference.join()).toContain('SEARCH image USING INDEX image_by_reference (reference=?');
    expect(planOf(SELECT_NAMESPACES, [])).toEqual(['SCAN image USING COVERING INDEX image_overview']);
  });

  it('looks up the images of a page by id', () => {
    expect(withoutNumbers(planOf(SELECT_LISTED, ['[]']))).toEqual([
      'SCAN wanted VIRTUAL TABLE INDEX 1:',
      'SEARCH image USING INTEGER PRIMARY KEY (rowid=?)',
      'CORRELATED SCALAR SUBQUERY',
      'SEARCH layer USING INTEGER PRIMARY KEY (rowid=?)',
      'CORRELATED SCALAR SUBQUERY',
      'SEARCH image_layer USING PRIMARY KEY (image=?)',
    ]);
  });

  it('finds the image under a reference at the end of its rows', () => {
    expect(planOf(SELECT_CURRENT, ['r', 'p', 9])).toEqual([
      'SEARCH image_reference USING PRIMARY KEY (reference=? AND platform=? AND since<?)',
      'SEARCH image USING INTEGER PRIMARY KEY (rowid=?)',
    ]);
  });

  it('finds the first image under a reference at the start of its rows', () => {
    expect(planOf(SELECT_FIRST, ['r', 'p'])).toEqual([
      'SEARCH image_reference USING PRIMARY KEY (reference=? AND platform=?)',
      'SEARCH image USING INTEGER PRIMARY KEY (rowid=?)',
    ]);
  });

  it('reads previous advisories backwards in time, and the changes of vulnerabilities by name', () => {
    expect(withoutNumbers(planOf(SELECT_FORMER, ['[]', 1, 9, 9, 9]))).toEqual([
      'SEARCH change_log USING INDEX change_log_by_time (at>? AND at<?)',
      'CORRELATED SCALAR SUBQUERY',
      'SCAN wanted VIRTUAL TABLE INDEX 1:',
    ]);
    expect(planOf(SELECT_HISTORIES, ['[]', 1])).toContain(
      'SEARCH change_log USING INDEX change_log_by_vulnerability (feed=? AND name=?)',
    );
  });

  it('is reported if it scans a table', () => {
    expect(scansOfTables(planOf('SELECT * FROM layer_feature WHERE change = ?', [1]))).toEqual(['SCAN layer_feature']);
  });
});

function withoutNumbers(plan: readonly string[]): readonly string[] {
  return plan.map((step) => step.replace(/(SUBQUERY) \d+$/, '$1'));
}

/**
 * Returns the steps that read a table completely. Results of the query itself, and the content sets of a layer, may be
 * read completely.
 */
function scansOfTables(plan: readonly string[]): readonly string[] {
  return plan.filter(
    (step) =>
      step.startsWith('SCAN ') &&
      !/^SCAN (CONSTANT ROW|chain|difference|installed|located|moved|product|matched|cves|about|known|candidate|own|touched|found|placed|bounded|page|affected_feature|item|\(subquery-\d+\)|content_set VIRTUAL TABLE)( |$)/.test(
        step,
      ),
  );
}
