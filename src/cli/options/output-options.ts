import { type Command, Option } from 'commander';
import type { Look } from '../../report/format.ts';
import type { Console } from '../console.ts';
import { type Pieces, writeTo } from '../output/report-output.ts';

/** The values of the options that {@link addOutputOptions} adds. */
export type OutputOptions<Format extends string> = { readonly format: Format; readonly output?: string };

/** The values of the options that {@link addTableOrJson} adds. */
export type TableOrJson = OutputOptions<'table' | 'json'>;

/**
 * Adds the options `--format` and `--output` of commands that print one document or list. Every command that prints a
 * document or list has these two options.
 *
 * @param formats the choices; the first format is the default
 */
export function addOutputOptions(command: Command, formats: readonly string[]): Command {
  return command
    .addOption(new Option('-f, --format <format>', 'Output format').choices(formats).default(formats[0]))
    .addOption(outputOption());
}

/**
 * Adds the options of {@link addOutputOptions} to commands that print a table or JSON. The hidden option `--json` is
 * the former form of `--format json`.
 */
export function addTableOrJson(command: Command): Command {
  return addOutputOptions(command, ['table', 'json']).addOption(
    new Option('--json').implies({ format: 'json' }).hideHelp(),
  );
}

/** Returns whether the user gave an option, or a hidden alias such as `--json` that implies the option. */
export function isGiven(command: Command, name: string): boolean {
  const source = command.getOptionValueSource(name);
  return source === 'cli' || source === 'implied';
}

/** Creates the option `--output`. */
export function outputOption(): Option {
  return new Option('-o, --output <file>', 'Write to this file instead of standard output');
}

/**
 * Writes a document to the file of `--output`, completely or not at all, or to standard output.
 *
 * @param piecesOf returns the text; receives the presentation for the terminal, or undefined for a file, which has no
 *   colours and no width
 * @throws ClairError `export/unwritable`
 */
export async function writeOutput(
  console: Console,
  { output }: { readonly output?: string },
  piecesOf: (look: Look | undefined) => Pieces,
): Promise<void> {
  await writeTo(console, output, piecesOf(output === undefined ? console.look : undefined));
}
