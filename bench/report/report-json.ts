import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { writeProgram } from '../../scripts/package/compiled-program.ts';
import type { Course } from '../figure.ts';
import { sized } from '../size.ts';
import { FINDINGS, writeImageOfFindings } from './image-of-findings.ts';
import type { ReportTimes } from './program.ts';

/** The aim for the time from the matches to the last written byte, in milliseconds. */
const AIM = 100;

const PROCESSES = sized(5, 1);

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The name of the bundle of `program.ts`. */
const REPORT_PROGRAM = 'bench-report';

/** The first report of a process, as of `clair scan`, and later reports, as of a server. */
export const reportJson: Course = {
  title: `report with ${FINDINGS} findings as JSON, from the matches to the last byte`,
  async prepare(folder) {
    await writeProgram(ROOT, join(ROOT, 'dist'), { [REPORT_PROGRAM]: 'bench/report/program.ts' });
    writeFileSync(join(folder, 'digest'), await writeImageOfFindings(folder, databaseIn(folder)));
  },
  async observe(folder) {
    const first: ReportTimes[] = [];
    const later: ReportTimes[] = [];
    for (let at = 0; at < PROCESSES; at += 1) {
      first.push(...reportsOfProcess(folder, 'command'));
      later.push(...reportsOfProcess(folder, 'server').slice(1));
    }
    return [line('first report of a process', first), line('later reports of a process', later)];
  },
};

function databaseIn(folder: string): string {
  return join(folder, 'report.db');
}

/** @throws Error if a report has another number of findings */
function reportsOfProcess(folder: string, like: 'command' | 'server'): readonly ReportTimes[] {
  const program = join(ROOT, 'dist', `${REPORT_PROGRAM}.js`);
  const digest = readFileSync(join(folder, 'digest'), 'utf8');
  const args = [program, databaseIn(folder), digest, join(folder, 'report.json'), like];
  const times: readonly ReportTimes[] = JSON.parse(execFileSync(execPath, args, { encoding: 'utf8' }));
  const wrong = times.find(({ findings }) => findings !== FINDINGS);
  if (wrong !== undefined) throw new Error(`expected ${FINDINGS} findings, but a report has ${wrong.findings}`);
  return times;
}

function line(name: string, times: readonly ReportTimes[]): string {
  const median = (of: (each: ReportTimes) => number): number =>
    times.map(of).toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? Number.NaN;
  const after = median(({ report, json }) => report + json);
  const parts = `report ${median(({ report }) => report).toFixed(0)}, JSON ${median(({ json }) => json).toFixed(0)}`;
  const before = `matching before ${median(({ matching }) => matching).toFixed(0)}`;
  const blocked = Math.max(...times.map((each) => each.blocked)).toFixed(0);
  const verdict = after <= AIM ? 'kept  ' : 'MISSED';
  return `${verdict} ${name}: ${after.toFixed(0)} ms (aim: ${AIM} ms; ${parts}; ${before}); event loop blocked for at most ${blocked} ms`;
}
