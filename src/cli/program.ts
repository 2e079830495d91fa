import { env } from 'node:process';
import { Command, CommanderError } from 'commander';
import { clairVersion } from '../version.ts';
import { affectedCommand } from './commands/affected.ts';
import { completionCommand } from './commands/completion.ts';
import { applyDiscoveredConfig } from './options/config-discovery.ts';
import { configCommand } from './commands/config.ts';
import type { Console } from './console.ts';
import { dbCommand } from './commands/db.ts';
import { diffCommand } from './commands/diff.ts';
import { EXIT_STATUS, failureStatus } from './exit-status.ts';
import { explainCommand } from './commands/explain.ts';
import { failureText } from './failure-text.ts';
import { fileRulesCommand } from './commands/file-rules.ts';
import { graphCommand } from './commands/graph.ts';
import { addHelp, type HelpParts } from './help.ts';
import { notificationsCommand } from './commands/notifications.ts';
import { reindexCommand } from './commands/reindex.ts';
import { reportCommand } from './commands/report.ts';
import { scanCommand } from './commands/scan.ts';
import { serveCommand } from './commands/serve.ts';
import { feedsCommand } from './commands/feeds.ts';
import { submitCommand } from './commands/submit.ts';
import { updateCommand } from './commands/update.ts';
import { versionCommand } from './commands/version.ts';
import { printableLines } from '../model/printable.ts';
import { hintedError } from './scanner-hints.ts';

/**
 * Runs the command line and returns its exit status.
 *
 * @param args the arguments without the program's name
 */
export async function runCli(args: readonly string[], console: Console): Promise<number> {
  let status: number = EXIT_STATUS.done;
  const program = createProgram(console, (code) => {
    status = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_STATUS.done : EXIT_STATUS.failed;
    if (console.signal.aborted) {
      console.err('clair: stopped; stored data is consistent\n');
      return EXIT_STATUS.stopped;
    }
    console.err(failureText(error));
    return failureStatus(error);
  }
}

/**
 * Creates the program with all its commands.
 *
 * @param exit receives the exit status of a command that ends with a status other than 0
 */
export function createProgram(console: Console, exit: (status: number) => void): Command {
  const program = new Command('clair')
    .description('Find known vulnerabilities in container images, with the layer that adds each.')
    .version(clairVersion(), '-V, --version', 'Print the version')
    .hook('preAction', async (_, command) => await applyDiscoveredConfig(command, env));
  const groups = {
    'Images:': [
      scanCommand(console, exit),
      explainCommand(console, exit),
      diffCommand(console, exit),
      graphCommand(console, exit),
      affectedCommand(console),
      reindexCommand(console, exit),
    ],
    'Data:': [
      updateCommand(console, exit),
      feedsCommand(console, exit),
      fileRulesCommand(console),
      dbCommand(console, exit),
    ],
    'Server:': [
      serveCommand(console),
      submitCommand(console, exit),
      reportCommand(console, exit),
      configCommand(console),
      notificationsCommand(console, exit),
    ],
    'Other:': [completionCommand(console, program), versionCommand(console)],
  };
  // The former name of `clair feeds`.
  const hidden = [feedsCommand(console, exit, 'sources')];
  const commands = [...Object.values(groups).flat(), ...hidden];
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
  for (const [title, of] of Object.entries(groups)) {
    for (const command of of) program.addCommand(command.helpGroup(title));
  }
  for (const command of hidden) program.addCommand(command, { hidden: true });
  return addHelp(program, HELP);
}

const HELP: HelpParts = {
  examples: [
    'clair scan debian:12 --update            # scan an image from a registry with current data',
    'docker save app | clair scan -           # scan an image from the local Docker',
    'clair scan app.tar --fail-on high        # fail a build on findings',
    'clair explain CVE-2024-1234 debian:12    # see why an image is affected or not',
    'clair update                             # download all feeds',
  ],
  notes: ['An option that takes a list accepts a comma-separated list and may be repeated.'],
  exitStatus: {
    0: 'done',
    1: 'a bug in Clair',
    2: 'the command failed, for example on an invalid option or an unreadable image',
    3: 'the report is incomplete',
    4: 'a finding matches --fail-on',
    130: 'stopped by Ctrl-C or a signal',
  },
};
