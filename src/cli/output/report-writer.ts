import { printable } from '../../model/printable.ts';
import { sortedReport } from '../../model/report/finding-order.ts';
import type { Report } from '../../model/report/report.ts';
import type { Look } from '../../report/format.ts';
import { filteredReport } from '../../report/image/finding-filter.ts';
import { isIncomplete } from '../../report/writing/finding-words.ts';
import type { Console } from '../console.ts';
import { scanStatus } from '../exit-status.ts';
import { judgedReport } from '../options/accepted-diagnostics.ts';
import { findingFilter } from '../options/finding-options.ts';
import {
  type Gate,
  gatedImage,
  gateDiagnostics,
  gateFailures,
  gateOf,
  gateText,
  unjudgedFindings,
} from '../options/gate.ts';
import type { ReportOptions } from '../options/report-options.ts';
import { reportOutputs, writeReports } from './report-output.ts';

/** Writes and evaluates reports according to the options. */
export type ReportWriter = {
  /** Writes a report, or an array of reports for a run over all platforms. @throws ClairError `export/unwritable` */
  readonly write: (reports: Report | readonly Report[]) => Promise<void>;
  /**
   * Prints the findings that fail the gate, and the reasons why the gate cannot evaluate findings. Returns the exit
   * status.
   */
  readonly pass: (report: Report) => number;
};

/**
 * Checks the options and creates the writer. Commands call this function before they read an image or call a server, so
 * that an invalid option fails fast. The filter of `--severity`, `--type`, `--only-fixed` and `--reachable` applies to
 * the written report. The gate evaluates the whole report, except the findings that `--only-fixed` and `--reachable`
 * exclude.
 *
 * @throws ClairError `cli/usage` for options that contradict each other or have no effect
 */
export function reportWriter(console: Console, options: ReportOptions): ReportWriter {
  const { sort } = options;
  const gate = gateOf(options);
  const outputs = reportOutputs(options.format, options.output);
  const shown = (report: Report): Report => {
    const filtered = filteredReport(judgedReport(report, options), findingFilter(options));
    return sort === undefined ? filtered : sortedReport(filtered, sort);
  };
  return {
    async write(reports) {
      const grouping = (sort ?? 'layer') === 'layer' ? 'layer' : 'none';
      const look: Look = {
        ...console.look,
        grouping,
        isExpanded: options.expand ?? false,
        ...(options.include && { include: options.include }),
      };
      await writeReports(outputs, 'target' in reports ? shown(reports) : reports.map(shown), console, look);
    },
    pass: (report) => passGate(console, judgedReport(report, options), gate),
  };
}

function passGate(console: Console, report: Report, gate: Gate): number {
  const image = gatedImage(report.target);
  const failures = gateFailures(report, gate);
  if (failures.length > 0) {
    const more = isIncomplete(report) ? '; the report is incomplete, so there may be more findings' : '';
    console.err(`${printable(`clair: ${image}: ${gateText(failures, gate)}`)}${more}\n`);
  }
  const diagnostics = gateDiagnostics(gate, { ...report, unjudged: unjudgedFindings(report, gate) });
  for (const { text } of diagnostics) console.err(`${printable(`clair: ${image}: ${text}`)}\n`);
  const isUndecided = diagnostics.some(({ isDecided }) => !isDecided);
  return scanStatus(isIncomplete(report) || isUndecided, failures.length > 0);
}
