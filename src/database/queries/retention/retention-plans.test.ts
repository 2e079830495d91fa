import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { SELECT_CHANGES_BELOW, SELECT_NOTIFICATIONS_FROM } from './expired-changes.ts';
import { COUNT_LAYERS, SELECT_CONTENTS_IN_USE, SELECT_IMAGES, SELECT_LAYERS } from './expired-layers.ts';
import { RECORD_USE } from '../layers/layer-store.ts';
import { migrationsOf } from '../../migrations.ts';
import {
  DELETE_CHANGES,
  DELETE_BLOBS,
  DELETE_CONTENTS,
  DELETE_IMAGES,
  DELETE_LAYERS,
  DELETE_NAMESPACES,
  DELETE_NOTIFICATIONS,
  DELETE_FEATURES,
  DELETE_POINTS,
  DELETE_PROGRAMS,
  DELETE_LINES,
  SELECT_UNUSED_FEATURES,
} from './obsolete-rows.ts';
import {
  COUNT_NAMESPACE_USES,
  COUNT_FEATURE_USES,
  COUNT_FEATURES_OF_LAYERS,
  COUNT_LINES_OF_FEATURES,
  SELECT_FEATURES_IN_USE,
  SELECT_LINES_IN_USE,
} from './orphan-features.ts';
import { COUNT_PROGRAM_USES, COUNT_PROGRAMS_OF_LAYERS, SELECT_PROGRAMS_IN_USE } from './orphan-programs.ts';

const connection = new Database(':memory:');
for (const { sql } of migrationsOf('sqlite')) connection.exec(sql);
afterAll(() => connection.close());

/** Returns the steps of SQLite's plan that read a table or sort (sqlite.org/eqp.html). */
function readsOf(statement: string): string[] {
  const rows = connection.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${statement}`);
  const count = statement.split('?').length - 1;
  const details = rows.all(...Array.from({ length: count }, () => 1)).map(({ detail }) => detail);
  return details.filter((step) => /^(SEARCH|SCAN|USE TEMP)/.test(step) && !/ VIRTUAL TABLE /.test(step));
}

describe('the plan of a housekeeping query', () => {
  it.each<[string, string, string[]]>([
    ['images', SELECT_IMAGES, ['SEARCH image USING INTEGER PRIMARY KEY (rowid>?)']],
    [
      'layers',
      SELECT_LAYERS,
      ['SEARCH layer USING INTEGER PRIMARY KEY (rowid<?)', 'SEARCH image USING INDEX image_by_leaf (leaf=?)'],
    ],
    [
      'contents',
      SELECT_CONTENTS_IN_USE,
      [
        'SEARCH layer_contents USING COVERING INDEX sqlite_autoindex_layer_contents_1 ((digest,engine_version)>(?,?))',
        'SEARCH layer USING COVERING INDEX layer_by_contents (digest=? AND engine_version=?)',
      ],
    ],
    ['notifications', SELECT_NOTIFICATIONS_FROM, ['SEARCH notification USING INTEGER PRIMARY KEY (rowid>?)']],
    ['changes', SELECT_CHANGES_BELOW, ['SEARCH change_log USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)']],
    [
      'programs',
      SELECT_PROGRAMS_IN_USE,
      [
        'SEARCH program USING INTEGER PRIMARY KEY (rowid>?)',
        'SEARCH layer_program USING COVERING INDEX layer_program_by_program (program=?)',
      ],
    ],
    [
      'packages',
      SELECT_FEATURES_IN_USE,
      [
        'SEARCH feature USING INTEGER PRIMARY KEY (rowid>?)',
        'SEARCH layer_feature USING COVERING INDEX layer_feature_by_feature (feature=?)',
      ],
    ],
    [
      'lines',
      SELECT_LINES_IN_USE,
      [
        'SEARCH line USING INTEGER PRIMARY KEY (rowid>?)',
        'SEARCH affected USING PRIMARY KEY (line=?)',
        'SEARCH feature USING COVERING INDEX feature_by_line (line=?)',
        'SEARCH feature_point USING PRIMARY KEY (line=?)',
      ],
    ],
  ])('reads the %s in key order, a page at a time, and looks up their uses', (_, statement, reads) => {
    expect(readsOf(statement)).toEqual(reads);
  });

  it.each<[string, string]>([
    ['COUNT_LAYERS', COUNT_LAYERS],
    ['COUNT_PROGRAMS_OF_LAYERS', COUNT_PROGRAMS_OF_LAYERS],
    ['COUNT_PROGRAM_USES', COUNT_PROGRAM_USES],
    ['DELETE_PROGRAMS', DELETE_PROGRAMS],
    ['COUNT_FEATURES_OF_LAYERS', COUNT_FEATURES_OF_LAYERS],
    ['COUNT_FEATURE_USES', COUNT_FEATURE_USES],
    ['COUNT_LINES_OF_FEATURES', COUNT_LINES_OF_FEATURES],
    ['COUNT_NAMESPACE_USES', COUNT_NAMESPACE_USES],
    ['SELECT_UNUSED_FEATURES', SELECT_UNUSED_FEATURES],
    ['RECORD_USE', RECORD_USE],
    ['DELETE_IMAGES', DELETE_IMAGES],
    ['DELETE_LAYERS', DELETE_LAYERS],
    ['DELETE_CONTENTS', DELETE_CONTENTS],
    ['DELETE_BLOBS', DELETE_BLOBS],
    ['DELETE_NOTIFICATIONS', DELETE_NOTIFICATIONS],
    ['DELETE_CHANGES', DELETE_CHANGES],
    ['DELETE_POINTS', DELETE_POINTS],
    ['DELETE_FEATURES', DELETE_FEATURES],
    ['DELETE_LINES', DELETE_LINES],
    ['DELETE_NAMESPACES', DELETE_NAMESPACES],
  ])('of %s scans no table', (_, statement) => {
    const reads = readsOf(statement);
    expect(reads).not.toEqual([]);
    expect(reads.filter((step) => step.startsWith('SCAN ') && step !== 'SCAN found')).toEqual([]);
  });
});
