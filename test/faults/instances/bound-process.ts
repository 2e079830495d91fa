import type { ChildProcess } from 'node:child_process';
import process from 'node:process';

/** Kills a child process when this process exits, unless SIGKILL ends this process. */
export function bindToThisProcess(child: ChildProcess): void {
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => void process.off('exit', kill));
}
