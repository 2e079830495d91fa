import { readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { platform } from 'node:process';

/** The folder with the threads of this process on Linux. */
const THREADS = '/proc/self/task';

/**
 * Lowers the priority of this process to a niceness, so that an update in it does not slow down a server on the same
 * machine. Threads that are nicer keep their priority. If the system refuses, all threads keep their priority, because an
 * update is also correct then.
 *
 * @param niceness from 1 to 19 (lowest priority); only a privileged process can undo it
 */
export function lowerPriority(niceness: number): void {
  try {
    // On Linux, the system call applies to one thread, and later threads inherit its priority (setpriority(2)).
    const threads = platform === 'linux' ? readdirSync(THREADS).map(Number) : [0];
    for (const thread of threads) {
      if (getPriority(thread) < niceness) setPriority(thread, niceness);
    }
  } catch {
    // The caller can do nothing about a refusal, and the update only takes more time from a server.
  }
}
