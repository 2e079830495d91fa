import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { type ConfigSection, mapOf } from '../config-key.ts';
import { textKey } from '../key-forms.ts';

/** Where everything is kept. Without a path the file is the one of `--db`. */
export type DatabaseConfig = { readonly type: 'memory' | 'sqlite'; readonly path?: string };

const KEYS = mapOf({
  type: Type.Enum(['sqlite', 'memory'], {
    default: 'sqlite',
    title: 'sqlite or memory',
    description: 'a file, or a database that is gone afterwards',
  }),
  path: textKey(
    'the path of a file',
    'file of the database, made when it is not there; of `sqlite` only',
    'that of `--db`',
  ),
});

/** The section `database`. */
export const DATABASE: ConfigSection<DatabaseConfig> = {
  name: 'database',
  keys: KEYS,
  checked: (value) => (Value.Check(KEYS, value) ? value : undefined),
};
