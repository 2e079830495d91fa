import { Command, CommanderError } from 'commander';
import { clairVersion } from '../version.ts';
import { configCommand } from './config.ts';
import type { Console } from './console.ts';
import { dbCommand } from './db.ts';
import { diffCommand } from './diff.ts';
import { EXIT_STATUS, failureStatus } from './exit-status.ts';
import { explainCommand } from './explain.ts';
import { failureText } from './failure-text.ts';
import { graphCommand } from './graph.ts';
import { notificationsCommand } from './notifications.ts';
import { reindexCommand } from './reindex.ts';
import { scanCommand } from './scan.ts';
import { serveCommand } from './serve.ts';
import { sourcesCommand } from './sources.ts';
import { updateCommand } from './update.ts';

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
    .version(clairVersion());
  const commands = [
    scanCommand(console, exit),
    explainCommand(console, exit),
    diffCommand(console, exit),
    graphCommand(console, exit),
    updateCommand(console, exit),
    sourcesCommand(console, exit),
    reindexCommand(console, exit),
    notificationsCommand(console, exit),
    dbCommand(console, exit),
    configCommand(console),
    serveCommand(console),
  ];
  for (const command of [program, ...commands, ...commands.flatMap((each) => each.commands)]) {
    command
      .exitOverride()
      .configureOutput({ writeOut: console.out, writeErr: console.err })
      .showHelpAfterError('(--help tells more)');
  }
  for (const command of commands) program.addCommand(command);
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
