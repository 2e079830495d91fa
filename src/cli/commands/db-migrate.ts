import { env } from 'node:process';
import { Command } from 'commander';
import { composeClair } from '../../compose/clair.ts';
import { configOf, configOption } from '../options/config-option.ts';
import type { Console } from '../console.ts';
import { databaseOption } from '../options/database-option.ts';

/**
 * `clair db migrate`: makes the tables, or changes them to what this release needs, as the server does when it starts. Of
 * several that do so at once one does it, and the others wait for it and find it done.
 */
export function migrateCommand(console: Console): Command {
  return new Command('migrate')
    .description('Make the tables of the database, or change them to what this release needs, before a server does.')
    .addOption(configOption())
    .addOption(databaseOption())
    .addHelpText(
      'after',
      '\nExit status: 0 the tables are what this release needs, 2 they are not, and stayed as they were.',
    )
    .action(async (options: { readonly config?: string; readonly db: string }, command: Command) => {
      const { database } = await configOf(command, options, env);
      const clair = await composeClair(database);
      try {
        const { from, to } = clair.store.schema;
        if (from === to) console.out(`the tables have schema ${to} already\n`);
        else
          console.out(
            from === 0
              ? `the tables are made, with schema ${to}\n`
              : `the tables had schema ${from}, and have ${to} now\n`,
          );
      } finally {
        await clair.close();
      }
    });
}
