import { type Command, Option } from 'commander';

/** The value of the option that {@link addTableOrJson} adds. */
export type TableOrJson = { readonly format: 'table' | 'json' };

/**
 * Adds the option `--format` of commands that print a table or JSON. The hidden option `--json` is the former form of
 * `--format json`.
 */
export function addTableOrJson(command: Command): Command {
  return command
    .addOption(new Option('-f, --format <format>', 'Output format').choices(['table', 'json']).default('table'))
    .addOption(new Option('--json').implies({ format: 'json' }).hideHelp());
}
