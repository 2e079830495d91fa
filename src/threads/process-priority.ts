import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import { platform } from 'node:process';

/** The folder with the threads of this process on Linux. */
const THREADS = '/proc/self/task';

/**
 * Lowers the priority of this process, so that an update in it does not slow down a server on the same machine. If the
 * system refuses, the process keeps its priority, because an update is also correct then.
 *
 * @param niceness from 1 to 19 (lowest priority); the niceness of a thread cannot be lowered again without permissions
 */
export function lowerPriority(niceness: number): void {
  try {
    // On Linux, the system call applies to one thread, and later threads inherit its priority (setpriority(2)).
    const threads = platform === 'linux' ? readdirSync(THREADS).map(Number) : [0];
    for (const thread of threads) setPriority(thread, niceness);
  } catch {
    // Nothing to report: see above.
  }
}
