import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type ConfigSection, mapOf } from '../config-key.ts';
import { secretFileKey, secretKey, textKey } from '../key-forms.ts';

/** Where everything is kept. Without a path the file is the one of `--db`; of `postgres` there is a source. */
export type DatabaseConfig = {
  readonly type: 'memory' | 'sqlite' | 'postgres';
  readonly path?: string;
  readonly source?: string;
  readonly sourcefile?: string;
};

const KEYS = mapOf({
  type: Type.Enum(['sqlite', 'postgres', 'memory'], {
    default: 'sqlite',
    title: 'sqlite, postgres or memory',
    description: 'a file, a PostgreSQL database, or one that is gone afterwards',
  }),
  path: textKey(
    'the path of a file',
    'file of the database, made when it is not there; of `sqlite` only',
    'that of `--db`',
  ),
  source: secretKey(
    'a postgres:// URL or a list of keyword=value, as libpq takes them',
    'address of the PostgreSQL database; of `postgres` only',
    { accepts: (text) => text.trim() !== '' },
  ),
  sourcefile: secretFileKey('source'),
});

/** The section `database`. */
export const DATABASE: ConfigSection<DatabaseConfig> = {
  name: 'database',
  keys: KEYS,
  checked: (value) => (Value.Check(KEYS, value) ? value : undefined),
};
