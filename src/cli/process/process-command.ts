import { argv, env, exit, stderr, stdin, stdout } from 'node:process';
import { optimizeLater } from '../../threads/late-optimization.ts';
import { lowerPriority } from '../../threads/process-priority.ts';
import { wantsColors } from '../output/colors.ts';
import { directOutput } from '../output/direct-output.ts';
import { drained } from '../output/drained.ts';
import { runCli } from '../program.ts';
import { setExitStatus } from './command-end.ts';
import { listenToSignals } from './stop-signals.ts';

/** Runs the command of this process with its arguments, streams, signals and exit status. */
export async function runInProcess(): Promise<void> {
  // If a reader closes the pipe (`clair scan … | head`), the command does not fail, but exits with its normal status.
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') exit(1);
    });
  }

  const command = runCli(argv.slice(2), {
    out: directOutput(stdout),
    drained: () => drained(stdout),
    err: (text) => void stderr.write(text),
    // Standard input is opened only when a command reads it.
    get input() {
      return { bytes: stdin, isTerminal: stdin.isTTY, close: () => void stdin.destroy() };
    },
    // The width is determined on each use, because the user can resize the terminal.
    get columns() {
      return stderr.isTTY && stderr.columns > 0 ? stderr.columns : undefined;
    },
    get look() {
      return {
        ...(stdout.isTTY && stdout.columns > 0 && { columns: stdout.columns }),
        colors: wantsColors(env, stdout.isTTY),
        // GitLab's own container scanning uses this variable.
        ...(env['CS_DEFAULT_BRANCH_IMAGE'] && { defaultBranchImage: env['CS_DEFAULT_BRANCH_IMAGE'] }),
      };
    },
    ...listenToSignals(process),
    lowerPriority,
    optimizeLater,
  });
  await setExitStatus(command, process, (text) => void stderr.write(text));
}
