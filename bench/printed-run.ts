import { existsSync, readFileSync } from 'node:fs';
import { resourceUsage, stdout } from 'node:process';
import type { Run } from './figure.ts';

/** A run, with the peak memory of its process in MB at the end of the run and before the run. */
export type Measured = Run & { readonly megabytes: number; readonly megabytesAtRest: number };

/** Runs one side of a figure, and prints it as JSON ({@link Measured}). */
export async function printRun(run: () => Promise<Run>): Promise<void> {
  const megabytesAtRest = peakMegabytes();
  const done = await run();
  const measured: Measured = { ...done, megabytes: peakMegabytes(), megabytesAtRest };
  stdout.write(JSON.stringify(measured));
}

/** On Linux, `maxRSS` of a process includes the memory of the process that started it. */
function peakMegabytes(): number {
  const path = '/proc/self/status';
  const status = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? resourceUsage().maxRSS) / 1024;
}
