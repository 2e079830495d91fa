import { type Command, Option } from 'commander';
import { loadConfig } from '../../config/config-file.ts';
import type { Environment } from '../../config/environment.ts';
import type { Config } from '../../config/schema.ts';
import type { DatabaseOptions } from '../../database/open-store.ts';
import { configuredDatabase, databaseOptions } from './database-option.ts';

/** Returns the option `--config` of every command that reads the configuration file. */
export function configOption(): Option {
  return new Option('--config <file>', 'Configuration file (keys: docs/reference/configuration.md)');
}

export type CommandConfig = {
  readonly config: Config;
  /** The warnings about the configuration, for example about deprecated keys. */
  readonly notices: readonly string[];
  readonly database: DatabaseOptions;
};

/**
 * Reads the configuration file of `--config` and the environment, and chooses the database. `--db` and `CLAIR_DB`
 * override the file.
 *
 * @throws ClairError `config/invalid`
 */
export async function configOf(
  command: Command,
  { config: file, db }: DatabaseChoice,
  environment: Environment,
): Promise<CommandConfig> {
  const { config, notices } = await loadConfig({ ...(file !== undefined && { file }), environment });
  if (command.getOptionValueSource('db') !== 'default') return { config, notices, database: databaseOptions(db) };
  return { config, notices, database: configuredDatabase(config, db) };
}

/** The options that choose the database of a command. */
export type DatabaseChoice = { readonly config?: string; readonly db: string };

/**
 * Chooses the database of a command that needs no other part of the configuration. Does not read the file if the
 * command line or `CLAIR_DB` names the database.
 *
 * @throws ClairError `config/invalid`
 */
export async function databaseOf(
  command: Command,
  options: DatabaseChoice,
  environment: Environment,
): Promise<DatabaseOptions> {
  if (command.getOptionValueSource('db') !== 'default') return databaseOptions(options.db);
  return (await configOf(command, options, environment)).database;
}
