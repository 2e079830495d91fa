import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { env } from 'node:process';
import { text } from 'node:stream/consumers';

export type ProgramRun = {
  readonly seconds: number;
  /** The processor time of the program and of the processes that it waited for. */
  readonly cpuSeconds: number;
  /** The peak resident memory of the program in MB; null without /proc, or if the program ends within milliseconds. */
  readonly megabytes: number | null;
  readonly status: number;
  readonly out: string;
  readonly err: string;
};

/**
 * The interval between two readings of the memory, in milliseconds; the system itself records the peak of a process.
 */
const LOOK_MS = 5;

/**
 * Unlike GNU time, the bash keyword `time` is available on every system with bash. File descriptor 3 receives the
 * times.
 */
const TIMED = 'TIMEFORMAT="%3R %3U %3S"; { time "$@" 2>&4 3>&-; } 4>&2 2>&3';

/**
 * Runs a program, and measures its time, processor time and memory.
 *
 * @throws Error when bash cannot be started
 */
export async function measuredRun(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ProgramRun> {
  const shell = spawn('bash', ['-c', TIMED, 'bash', program, ...args], {
    env: { ...env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const { pid } = shell;
  let megabytes: number | null = null;
  const looks = setInterval(() => {
    const peak = pid === undefined ? null : peakOfChild(pid);
    if (peak !== null) megabytes = Math.max(peak, megabytes ?? 0);
  }, LOOK_MS);
  try {
    const ended = new Promise<number>((resolve, reject) => {
      shell.once('error', reject);
      shell.once('close', (status) => resolve(status ?? -1));
    });
    const [, out, err, times] = shell.stdio;
    const texts = await Promise.all([out, err, times].map(async (each) => await text(each as NodeJS.ReadableStream)));
    const status = await ended;
    const [seconds = 0, user = 0, system = 0] = (texts[2] ?? '').trim().split(' ').map(Number);
    return { seconds, cpuSeconds: user + system, megabytes, status, out: texts[0] ?? '', err: texts[1] ?? '' };
  } finally {
    clearInterval(looks);
  }
}

/** Returns the peak memory of the only child of a process; null before the child starts and after it ends. */
function peakOfChild(pid: number): number | null {
  try {
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    if (child === undefined || child === '') return null;
    const [, kilobytes] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${child}/status`, 'utf8')) ?? [];
    return kilobytes === undefined ? null : Number(kilobytes) / 1024;
  } catch {
    return null;
  }
}
