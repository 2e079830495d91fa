import { type Command, Option } from 'commander';
import { defaultConfig, loadConfig } from '../config/config-file.ts';
import type { Config } from '../config/schema.ts';
import type { DatabaseOptions } from '../database/open-store.ts';
import { databaseOptions } from './database-option.ts';

/** `--config FILE`, of the commands that the configuration file is for. */
export function configOption(): Option {
  return new Option('--config <file>', 'configuration file, with the keys of docs/operating.md');
}

/**
 * Reads the configuration file of `--config`, and gives which database it or `--db` names; a flag wins, as does
 * `CLAIR_DB`.
 *
 * @throws ClairError `config/invalid`
 */
export async function configOf(
  command: Command,
  { config: file, db }: { readonly config?: string; readonly db: string },
): Promise<{ readonly config: Config; readonly database: DatabaseOptions }> {
  const config = file === undefined ? defaultConfig() : await loadConfig(file);
  if (command.getOptionValueSource('db') !== 'default') return { config, database: databaseOptions(db) };
  const { type, path } = config.database;
  return { config, database: type === 'memory' ? { type } : { type, path: path ?? db } };
}
