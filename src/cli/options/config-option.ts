import { type Command, Option } from 'commander';
import { loadConfig } from '../../config/config-file.ts';
import type { Environment } from '../../config/environment.ts';
import type { Config } from '../../config/schema.ts';
import type { DatabaseOptions } from '../../database/open-store.ts';
import { configuredDatabase, databaseOptions } from './database-option.ts';

/** `--config FILE`, of the commands that the configuration file is for. */
export function configOption(): Option {
  return new Option('--config <file>', 'configuration file, with the keys of docs/operating.md');
}

/** What is configured for a command. */
export type CommandConfig = {
  readonly config: Config;
  /** What should be known of the configuration. */
  readonly notices: readonly string[];
  readonly database: DatabaseOptions;
};

/**
 * Reads the configuration file of `--config` and the environment, and gives which database they or `--db` name; a flag
 * wins, as does `CLAIR_DB`.
 *
 * @throws ClairError `config/invalid`
 */
export async function configOf(
  command: Command,
  { config: file, db }: { readonly config?: string; readonly db: string },
  environment: Environment,
): Promise<CommandConfig> {
  const { config, notices } = await loadConfig({ ...(file !== undefined && { file }), environment });
  if (command.getOptionValueSource('db') !== 'default') return { config, notices, database: databaseOptions(db) };
  return { config, notices, database: configuredDatabase(config, db) };
}
