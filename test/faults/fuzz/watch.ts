import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAX_CASE_MILLISECONDS = 5000;

/**
 * The time limit for the first case to start, which includes compiling the code and creating and reading the samples.
 */
const MAX_START_MILLISECONDS = 120_000;

/**
 * The limit of a process's peak memory over all its cases. Clair's limits allow a wanted file of 200 MiB and 256 MiB
 * for the xz decoder; an idle process takes about 150 MB.
 */
const MAX_MEGABYTES = 1024;

/** A message of a running process. */
export type Message =
  | { readonly kind: 'case'; readonly number: number; readonly megabytes: number }
  | Finding
  | { readonly kind: 'end'; readonly outcomes: Readonly<Record<string, number>>; readonly megabytes: number };

export type Finding = { readonly kind: 'finding'; readonly number: number; readonly what: string };

export type FuzzOptions = {
  readonly seed: number;
  /** The range of case numbers: includes the first number, excludes the second. */
  readonly cases: readonly [from: number, to: number];
  readonly processes: number;
  readonly maxMilliseconds?: number;
  readonly script?: string;
};

export type FuzzReport = {
  readonly findings: readonly Finding[];
  /** The number of each outcome in processes that ended normally. */
  readonly outcomes: Readonly<Record<string, number>>;
};

/** Returns the path of a case's bytes while it runs, and after a failure. */
export function keptPath(seed: number, number: number): string {
  return join(tmpdir(), `clair-fuzz-${seed}-${number}.bin`);
}

/**
 * Runs cases in watched processes. A process that hangs, crashes or takes too much memory is a failure, and a new
 * process continues with the next case.
 *
 * @throws Error when a process exits before its first case
 */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const [from, to] = options.cases;
  const share = Math.ceil((to - from) / options.processes);
  const findings: Finding[] = [];
  const outcomes: Record<string, number> = {};
  const runs = Array.from({ length: options.processes }, async (_, index) => {
    const end = Math.min(to, from + (index + 1) * share);
    for (let next = from + index * share; next < end; ) {
      const process = await runProcess(options, next, end);
      findings.push(...process.findings);
      for (const [outcome, count] of Object.entries(process.outcomes)) {
        outcomes[outcome] = (outcomes[outcome] ?? 0) + count;
      }
      next = process.last + 1;
    }
  });
  await Promise.all(runs);
  return { findings: findings.toSorted((a, b) => a.number - b.number), outcomes };
}

type ProcessReport = FuzzReport & { readonly last: number };

async function runProcess(options: FuzzOptions, from: number, to: number): Promise<ProcessReport> {
  const script = options.script ?? fileURLToPath(new URL('run-cases.ts', import.meta.url));
  const args = ['--max-old-space-size=512', '--import', 'tsx', script, String(options.seed), String(from), String(to)];
  const child = spawn(execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<string>((resolve) => {
    child.on('exit', (code, signal) => resolve(`its process died: ${signal ?? `exit status ${code}`}`));
  });
  const findings: Finding[] = [];
  let last: number | undefined;
  let fate: string | undefined;
  const stop = (why: string): void => {
    fate = why;
    child.kill('SIGKILL');
  };
  const hang = (): void => stop('it hung, and was killed');
  let timer = setTimeout(hang, MAX_START_MILLISECONDS);
  /**
   * Kills the process at the time limit of the case. A case that has used less than half of this time waits for a
   * processor of a busy machine, and gets three times as long in addition.
   */
  const watchCase = (): NodeJS.Timeout => {
    const milliseconds = options.maxMilliseconds ?? MAX_CASE_MILLISECONDS;
    const before = processorMilliseconds(child.pid);
    return setTimeout(() => {
      const isWaiting = processorMilliseconds(child.pid) - before < milliseconds / 2;
      if (isWaiting) timer = setTimeout(hang, 3 * milliseconds);
      else hang();
    }, milliseconds);
  };
  let outcomes: Readonly<Record<string, number>> | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    clearTimeout(timer);
    const message = JSON.parse(line) as Message;
    if (message.kind !== 'finding' && message.megabytes > MAX_MEGABYTES) {
      // The message is about the previous case. Peak memory never decreases, so a new process must continue.
      stop(`its process took ${message.megabytes.toFixed(0)} MB, and was killed`);
      break;
    }
    if (message.kind === 'finding') findings.push(message);
    if (message.kind === 'case') last = message.number;
    if (message.kind === 'end') ({ outcomes } = message);
    timer = watchCase();
  }
  const exit = await exited;
  clearTimeout(timer);
  if (outcomes !== undefined) return { findings, outcomes, last: to - 1 };
  if (last === undefined) throw new Error(`before its first case ${fate ?? exit}`);
  findings.push({ kind: 'finding', number: last, what: fate ?? exit });
  return { findings, outcomes: {}, last };
}

/** Returns the processor time of a process so far (proc_pid_stat(5), `utime` and `stime`); infinity if unknown. */
function processorMilliseconds(pid: number | undefined): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * MILLISECONDS_PER_TICK;
  } catch {
    return Infinity;
  }
}

/** Linux counts 100 ticks a second (proc_pid_stat(5)). */
const MILLISECONDS_PER_TICK = 10;
