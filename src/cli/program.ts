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
import { graphCommand } from './commands/graph.ts';
import { notificationsCommand } from './commands/notifications.ts';
import { reindexCommand } from './commands/reindex.ts';
import { reportCommand } from './commands/report.ts';
import { scanCommand } from './commands/scan.ts';
import { serveCommand } from './commands/serve.ts';
import { feedsCommand } from './commands/feeds.ts';
import { submitCommand } from './commands/submit.ts';
import { updateCommand } from './commands/update.ts';
import { printableLines } from '../model/printable.ts';

/**
 * Runs the command line and gives its exit status.
 *
 * @param args the arguments behind the program's name
 */
export async function runCli(args: readonly string[], console: Console): Promise<number> {
  let status: number = EXIT_STATUS.done;
  const exit = (code: number): void => {
    status = code;
  };
  const program = new Command('clair')
    .description(
      'Reads the layers of container images once, and tells at any time which vulnerabilities threaten them.',
    )
    .version(clairVersion())
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
    'Data:': [updateCommand(console, exit), feedsCommand(console, exit), dbCommand(console, exit)],
    'Server:': [
      serveCommand(console),
      submitCommand(console, exit),
      reportCommand(console, exit),
      configCommand(console),
      notificationsCommand(console, exit),
    ],
    'Other:': [completionCommand(console, program)],
  };
  // The name that `clair feeds` had before.
  const hidden = [feedsCommand(console, exit, 'sources')];
  const commands = [...Object.values(groups).flat(), ...hidden];
  for (const command of [program, ...commands, ...commands.flatMap((each) => each.commands)]) {
    command
      .exitOverride()
      .configureOutput({ writeOut: console.out, writeErr: (text) => console.err(printableLines(text)) })
      .showHelpAfterError('(--help tells more)');
  }
  for (const [title, of] of Object.entries(groups)) {
    for (const command of of) program.addCommand(command.helpGroup(title));
  }
  for (const command of hidden) program.addCommand(command, { hidden: true });
  program.helpCommand('help [command]', 'tell more of a command').addHelpText('after', HELP);
  try {
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_STATUS.done : EXIT_STATUS.failed;
    if (console.signal.aborted) {
      console.err('clair: stopped; nothing was left half-stored\n');
      return EXIT_STATUS.stopped;
    }
    console.err(failureText(error));
    return failureStatus(error);
  }
}

const HELP = `
First steps:
  clair scan --update debian:12   scan an image of a registry by what Debian's feed says now
  clair update                    fetch all feeds
  docker save app | clair scan -  scan one of the machine
  clair explain CVE-2024-1234 debian:12

Exit status: 0 done, 1 a defect of Clair, 2 it could not be done, 3 the answer is incomplete, 4 held up by --fail-on,
130 stopped by Ctrl-C. docs/operating.md has them for each command.`;
