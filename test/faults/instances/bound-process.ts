import type { ChildProcess } from 'node:child_process';
import process from 'node:process';

/** Sees to it that a process does not outlive this one, however this one ends but by SIGKILL. */
export function bindToThisProcess(child: ChildProcess): void {
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => void process.off('exit', kill));
}
