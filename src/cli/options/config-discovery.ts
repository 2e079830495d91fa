import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { loadConfig } from '../../config/config-file.ts';
import type { Environment } from '../../config/environment.ts';
import { configuredDatabase } from './database-option.ts';

/**
 * Gives the configuration file that holds where no `--config` names one: that of `CLAIR_CONFIG`, the user's own, that of the
 * machine; undefined where there is none. The working directory is not looked at: it may be the repository of a stranger, and
 * the file says which database is used, where notifications go, and which findings are ruled out.
 *
 * @param machine the folder of the machine's configuration
 */
export function discoveredConfig(environment: Environment, machine = '/etc'): string | undefined {
  const named = environment['CLAIR_CONFIG'] ?? '';
  if (named !== '') return named;
  // XDG Base Directory Specification: configuration files of a user.
  const user = environment['XDG_CONFIG_HOME'] || join(homedir(), '.config');
  return [user, machine].map((folder) => join(folder, 'clair', 'clair.yaml')).find((path) => existsSync(path));
}

/**
 * Lets a command that is about to run obey the file that {@link discoveredConfig} gives: one with `--config` reads it, and
 * any other one with `--db` takes its database. What the command line and `CLAIR_DB` say wins, and then the file is not read.
 *
 * @throws ClairError `config/invalid`
 */
export async function applyDiscoveredConfig(command: Command, environment: Environment): Promise<void> {
  const options = new Set(command.options.map((option) => option.attributeName()));
  const takesFile = options.has('config');
  const isAsked = takesFile
    ? command.getOptionValue('config') === undefined
    : options.has('db') && command.getOptionValueSource('db') === 'default';
  const file = isAsked ? discoveredConfig(environment) : undefined;
  if (file === undefined) return;
  if (takesFile) {
    command.setOptionValueWithSource('config', file, 'config');
    return;
  }
  const { config } = await loadConfig({ file, environment });
  const database = configuredDatabase(config, String(command.getOptionValue('db')));
  command.setOptionValueWithSource('db', optionText(database), 'config');
}

/** The value of `--db` that means a database. */
function optionText(database: ReturnType<typeof configuredDatabase>): string {
  switch (database.type) {
    case 'memory':
      return database.type;
    case 'sqlite':
      return database.path;
    case 'postgres':
      return database.source;
  }
}
