import { env } from 'node:process';
import { Command } from 'commander';
import { composeClair } from '../../compose/clair.ts';
import { configOf, configOption } from '../options/config-option.ts';
import type { Console } from '../console.ts';
import { addHelp } from '../help.ts';
import { databaseOption } from '../options/database-option.ts';

/**
 * Creates `clair db migrate`, which creates or migrates the tables, as a server does at startup. If several processes
 * start at once, one process migrates and the other processes wait.
 */
export function migrateCommand(console: Console): Command {
  const command = new Command('migrate')
    .description('Create the tables, or migrate them to the schema of this release.')
    .addOption(configOption())
    .addOption(databaseOption());
  return addHelp(command, {
    examples: ['clair db migrate --db postgres://clair@db.example/clair'],
    exitStatus: {
      0: 'the schema is current',
      2: 'the database could not be opened or migrated; the tables are unchanged',
    },
  }).action(async (options: { readonly config?: string; readonly db: string }, self: Command) => {
    const { database } = await configOf(self, options, env);
    const clair = await composeClair(database);
    try {
      const { from, to } = clair.store.schema;
      if (from === to) console.out(`The schema is current (version ${to}).\n`);
      else if (from === 0) console.out(`Created the tables with schema version ${to}.\n`);
      else console.out(`Migrated the tables from schema version ${from} to ${to}.\n`);
    } finally {
      await clair.close();
    }
  });
}
