import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { configOfSources } from '../settings/config-sources.ts';
import type { Environment } from '../../config/environment.ts';
import { configuredDatabase } from './database-option.ts';

/**
 * Returns the configuration file to use without `--config`: the file that `CLAIR_CONFIG` names or, without this
 * variable, the user's file or else the machine's file. Returns undefined if neither file exists. Clair never reads a
 * file from the working directory, which may be an untrusted repository, because the file determines the database, the
 * receivers of notifications and the suppressed findings.
 *
 * @param machine the folder of the machine's configuration
 */
export function discoveredConfig(environment: Environment, machine = '/etc'): string | undefined {
  const named = environment['CLAIR_CONFIG'] ?? '';
  if (named !== '') return named;
  // The XDG Base Directory Specification defines XDG_CONFIG_HOME and its default.
  const user = environment['XDG_CONFIG_HOME'] || join(homedir(), '.config');
  return [user, machine].map((folder) => join(folder, 'clair', 'clair.yaml')).find((path) => existsSync(path));
}

/**
 * Applies the configuration to a command before it runs. A command with `--config` reads the file of {@link
 * discoveredConfig} itself. Any other command with `--db` uses only the database that the file or the environment
 * configures, unless the command line or `CLAIR_DB` names a database. A subcommand without these options uses the
 * options of its parent.
 *
 * @throws ClairError `config/invalid`
 */
export async function applyDiscoveredConfig(subcommand: Command, environment: Environment): Promise<void> {
  const command = optionOwner(subcommand);
  const options = new Set(command.options.map((option) => option.attributeName()));
  const takesFile = options.has('config');
  if (takesFile) {
    if (command.getOptionValue('config') !== undefined) return;
    const file = discoveredConfig(environment);
    if (file !== undefined) command.setOptionValueWithSource('config', file, 'config');
    return;
  }
  if (!options.has('db') || command.getOptionValueSource('db') !== 'default') return;
  const file = discoveredConfig(environment);
  const config = await configOfSources({ ...(file !== undefined && { file }), environment, secrets: 'database' });
  const database = configuredDatabase(config, String(command.getOptionValue('db')));
  command.setOptionValueWithSource('db', optionText(database), 'config');
}

/**
 * Returns the nearest command with `--config` or `--db`, starting with the command itself; the command itself if no
 * ancestor has the options.
 */
function optionOwner(command: Command): Command {
  for (let each: Command | null = command; each !== null; each = each.parent) {
    if (each.options.some((option) => ['config', 'db'].includes(option.attributeName()))) return each;
  }
  return command;
}

/** Returns the value of `--db` that names a database. */
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
