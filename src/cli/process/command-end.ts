import { failureStatus } from '../exit-status.ts';
import { failureText } from '../failure-text.ts';

type EndingProcess = {
  exitCode?: number | string | null | undefined;
  readonly once: (event: 'beforeExit', listener: () => void) => unknown;
  readonly off: (event: 'beforeExit', listener: () => void) => unknown;
};

/**
 * Sets the exit status of a process when its command ends. Node also ends a process that has nothing left to wait for.
 * If its command is still unfinished, nobody knows the result: reports a bug in Clair, and sets the status of a defect.
 *
 * @param command the exit status of the command
 * @throws the error of the command
 */
export async function setExitStatus(
  command: Promise<number>,
  process: EndingProcess,
  err: (text: string) => void,
): Promise<void> {
  const stalled = new Error('the process ends before its command has ended');
  const report = (): void => err(failureText(stalled));
  process.exitCode = failureStatus(stalled);
  process.once('beforeExit', report);
  try {
    process.exitCode = await command;
  } finally {
    process.off('beforeExit', report);
  }
}
