import { type Command, Help, type Option } from 'commander';
import { databaseOption } from '../../src/cli/options/database-option.ts';
import { HELP_HEADINGS } from '../../src/cli/help.ts';
import { createProgram } from '../../src/cli/program.ts';
import { generatedHead } from './generated-head.ts';
import { markdownTable } from './markdown-table.ts';

const HEAD = `${generatedHead('the commands in src/cli')}

# Command line

\`clair COMMAND --help\` prints these texts. A comma-separated list can replace a repeated option unless the option takes a file or
directory. \`clair completion SHELL\` prints completions for bash, zsh and fish.
`;

/** Returns docs/reference/cli.md: every visible command with its examples, arguments, options and exit statuses. */
export async function cliPage(): Promise<string> {
  const console = { out: () => undefined, err: () => undefined, signal: new AbortController().signal };
  return [HEAD, ...sections(await createProgram(console, () => undefined), '')].join('\n');
}

function sections(command: Command, above: string): readonly string[] {
  const path = above === '' ? command.name() : `${above} ${command.name()}`;
  const commands = new Help().visibleCommands(command).filter((each) => each.name() !== 'help');
  return [section(command, path, commands), ...commands.flatMap((each) => sections(each, path))];
}

function section(command: Command, path: string, commands: readonly Command[]): string {
  const help = command.createHelp();
  const usage = `${path} ${command.usage()}`.trim();
  const args = help
    .visibleArguments(command)
    .map((each) => [code(help.argumentTerm(each)), help.argumentDescription(each)]);
  const below = commands.map((each) => [code(`${path} ${each.name()}`), each.description()]);
  const parts = [
    `## ${path}`,
    command.description(),
    fenced([usage]),
    labelled('Examples:', fenced(blockOf(command, HELP_HEADINGS.examples))),
    table(['Command', 'Purpose'], below),
    table(['Argument', 'Meaning'], args),
    table(
      ['Option', 'Meaning'],
      help.visibleOptions(command).map((each) => [code(each.flags), meaningOf(each, help)]),
    ),
    blockOf(command, HELP_HEADINGS.notes)
      .map((note) => `- ${note}`)
      .join('\n'),
    table(
      ['Exit', 'Meaning'],
      blockOf(command, HELP_HEADINGS.exitStatus).map((line) => [line.slice(0, 3).trim(), line.slice(3).trim()]),
    ),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** Returns the lines below a heading in the help of a command. */
function blockOf(command: Command, heading: string): readonly string[] {
  const block = command
    .helpInformation()
    .split('\n\n')
    .find((each) => each.startsWith(`${heading}\n`));
  return block === undefined
    ? []
    : block
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => line.trim());
}

/** The default path of the database depends on the home directory of the user who runs the script. */
function meaningOf(option: Option, help: Help): string {
  const path = String(databaseOption().defaultValue);
  return help.optionDescription(option).replace(JSON.stringify(path), '~/.local/share/clair/clair.db');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? '' : markdownTable([head, ...rows.map((row) => row.map(escaped))]).trimEnd();
}

function labelled(label: string, text: string): string {
  return text === '' ? '' : `${label}\n\n${text}`;
}

function fenced(lines: readonly string[]): string {
  return lines.length === 0 ? '' : ['```sh', ...lines, '```'].join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}

/** A vertical bar would end a cell of a table. */
function escaped(text: string): string {
  return text.replaceAll('|', String.raw`\|`);
}
