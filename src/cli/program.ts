import { env } from 'node:process';
import { Command, CommanderError } from 'commander';
import { clairVersion } from '../version.ts';
import { COMMAND_LOADERS, type CommandContext, HIDDEN_LOADERS } from './command-loaders.ts';
import type { Console } from './console.ts';
import { EXIT_STATUS, failureStatus } from './exit-status.ts';
import { asTemporaryFailure, failureText } from './failure-text.ts';
import { addHelp, type HelpParts } from './help.ts';
import { printableLines } from '../model/printable.ts';
import { hintedError } from './scanner-hints.ts';

/**
 * Runs the command line and returns its exit status.
 *
 * @param args the arguments without the program's name
 */
export async function runCli(args: readonly string[], console: Console): Promise<number> {
  let status: number = EXIT_STATUS.done;
  try {
    const program = await createProgram(
      console,
      (code) => {
        status = code;
      },
      neededBy(args[0]),
    );
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_STATUS.done : EXIT_STATUS.failed;
    if (console.signal.aborted) {
      console.err('clair: stopped; stored data is consistent\n');
      return EXIT_STATUS.stopped;
    }
    const failure = asTemporaryFailure(error);
    console.err(failureText(failure));
    return failureStatus(failure);
  }
}

/**
 * Creates the program with its commands.
 *
 * @param exit receives the exit status of a command; a command that does not call this function ends with status 0
 * @param isNeeded returns whether the command with this name is needed; when absent, all commands are needed
 */
export async function createProgram(
  console: Console,
  exit: (status: number) => void,
  isNeeded: (name: string) => boolean = () => true,
): Promise<Command> {
  const program = new Command('clair')
    .description('Find known vulnerabilities in container images and the layers that add them.')
    .version(clairVersion(), '-V, --version', 'Print the version')
    .hook('preAction', async (_, command) => {
      const { applyDiscoveredConfig } = await import('./options/config-discovery.ts');
      await applyDiscoveredConfig(command, env);
    });
  const load = async (loaders: Readonly<Record<string, (of: CommandContext) => Promise<Command>>>) =>
    await Promise.all(
      Object.entries(loaders)
        .filter(([name]) => isNeeded(name))
        .map(([, loader]) => loader({ console, exit, program })),
    );
  const groups = await Promise.all(
    Object.entries(COMMAND_LOADERS).map(async ([title, loaders]) => ({ title, commands: await load(loaders) })),
  );
  const hidden = await load(HIDDEN_LOADERS);
  const commands = [...groups.flatMap((group) => group.commands), ...hidden];
  for (const command of [program, ...commands, ...commands.flatMap((each) => each.commands)]) {
    command
      .exitOverride()
      .configureOutput({
        writeOut: console.out,
        writeErr: (text) => console.err(printableLines(text)),
        outputError: (text, write) => write(hintedError(text, command)),
      })
      .showHelpAfterError('(run the command with --help for its options)');
    if (command === program || command.commands.length > 0)
      command.helpCommand('help [command]', 'Show the help of a command');
  }
  for (const { title, commands: of } of groups) {
    for (const command of of) program.addCommand(command.helpGroup(title));
  }
  for (const command of hidden) program.addCommand(command, { hidden: true });
  return addHelp(program, HELP);
}

/**
 * Returns a filter for the names of the commands to load. Running a command or printing the version needs no other
 * command; the help, the completion and suggestions need all commands.
 */
function neededBy(argument: string | undefined): (name: string) => boolean {
  if (argument === '-V' || argument === '--version') return () => false;
  const names = [...Object.values(COMMAND_LOADERS), HIDDEN_LOADERS].flatMap((loaders) => Object.keys(loaders));
  if (argument === undefined || argument === 'completion' || !names.includes(argument)) return () => true;
  return (name) => name === argument;
}

const HELP: HelpParts = {
  examples: [
    'clair scan debian:12 --update            # scan an image with current data',
    'docker save app | clair scan -           # scan an image from the local Docker daemon',
    'clair scan app.tar --fail-on high        # fail a build on findings',
    'clair explain CVE-2024-1234 debian:12    # see why an image is affected or not',
    'clair update                             # download all feeds',
  ],
  notes: ['An option that takes a list accepts a comma-separated list and can be repeated.'],
  exitStatus: {
    0: 'the command succeeded',
    1: 'Clair has a bug',
    2: 'the command failed, for example because of an invalid option or an unreadable image',
    3: 'a report is incomplete, a feed is not current, or a notification has failed',
    4: 'a finding matches --fail-on',
    130: 'Ctrl-C or a signal stopped the command',
  },
};
