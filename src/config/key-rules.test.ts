import { expect, it } from 'vitest';
import { checkKeyRules } from './key-rules.ts';

const POSTGRES = { 'database.type': 'postgres', 'database.source': 'host=db' };

it.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
  ['a replica of PostgreSQL', { ...POSTGRES, 'database.replica': 'host=b', 'database.replicalag': '1m' }, []],
  ['the file of a replica', { ...POSTGRES, 'database.replicafile': '/r', 'database.replicalag': '1m' }, []],
  [
    'a lag without a replica',
    { ...POSTGRES, 'database.replicalag': '1m' },
    ['database.replicalag requires database.replica'],
  ],
  [
    'the key of no published database',
    { 'updater.databaseKey': '/key.pub' },
    ['updater.databaseKey requires updater.database'],
  ],
  [
    'a replica of SQLite',
    { 'database.replica': 'host=b' },
    ['database.replica has no effect with database.type sqlite: set database.type to postgres'],
  ],
])('%s', (_, values, expected) => {
  const diagnostics: string[] = [];
  checkKeyRules(new Map(Object.entries(values)), (_path, what) => diagnostics.push(what));
  expect(diagnostics).toEqual(expected);
});
