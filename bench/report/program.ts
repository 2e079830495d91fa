/**
 * Creates the report of an image, and writes the report as JSON, like a command whose standard output is a file:
 * `bench-report.js DATABASE DIGEST FILE command`. With `server` instead of `command`, the program does this several
 * times, with the caches of a server, and optimizes code as a server does. The shell opens such a file before the
 * command starts, so the times do not include opening the file. The times do not depend on the disk, because the file is
 * not synced. Prints a list of {@link ReportTimes} as JSON. This program is bundled, because the TypeScript loader would
 * compile code during the measurement.
 */
import { closeSync, openSync } from 'node:fs';
import { argv, stdout } from 'node:process';
import { PassThrough } from 'node:stream';
import { imageOfDigest } from '../../src/api/v2/images.ts';
import { directOutput } from '../../src/cli/output/direct-output.ts';
import { writeTo } from '../../src/cli/output/report-output.ts';
import type { Store } from '../../src/database/contracts/store.ts';
import { openStore } from '../../src/database/open-store.ts';
import { createInstanceReports } from '../../src/report/image/instance-reports.ts';
import { json } from '../../src/report/json.ts';
import { optimizeLater } from '../../src/threads/late-optimization.ts';
import { watchEventLoop } from '../event-loop.ts';

/** Times in milliseconds. */
export type ReportTimes = {
  readonly findings: number;
  /** From the first read of the database until the matches are complete. */
  readonly matching: number;
  /** From the matches to the report. */
  readonly report: number;
  /** From the report to the last written byte. */
  readonly json: number;
  /** The longest time for which the event loop was blocked, with the matching. */
  readonly blocked: number;
};

const REPORTS_OF_SERVER = 6;

const { signal } = new AbortController();

const [path = '', digest = '', file = '', like = ''] = argv.slice(2);
const isCommand = like === 'command';
const store = await openStore({ type: 'sqlite', path }, { isForOneReport: isCommand });
const all: ReportTimes[] = [];
const count = isCommand ? 1 : REPORTS_OF_SERVER;
if (isCommand) optimizeLater();
for (let at = 0; at < count; at += 1) all.push(await measuredReport(store));
await store.close();
stdout.write(JSON.stringify(all));

async function measuredReport(of: Store): Promise<ReportTimes> {
  const { image, layers } = await imageOfDigest(of, digest);
  let matched = 0;
  const snapshot: Store['snapshot'] = async (read) =>
    await of.snapshot(async (at) => {
      const verdicts: typeof at.matches.verdicts = async (layer) => {
        const found = await at.matches.verdicts(layer);
        matched = performance.now();
        return found;
      };
      return await read({ ...at, matches: { ...at.matches, verdicts } });
    });
  const reports = createInstanceReports({ ...of, snapshot }, []);
  const output = openSync(file, 'w');
  const console = { out: directOutput(Object.assign(new PassThrough(), { fd: output })), err: () => {}, signal };
  const watch = watchEventLoop();
  const start = performance.now();
  const report = await reports.report(image, layers);
  const reported = performance.now();
  await writeTo(console, undefined, json.write(report));
  const written = performance.now();
  closeSync(output);
  return {
    findings: report.findings.length,
    matching: matched - start,
    report: reported - matched,
    json: written - reported,
    blocked: watch.stop(),
  };
}
