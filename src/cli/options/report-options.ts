import { type Command, Option } from 'commander';
import { FINDING_ORDERS, type FindingOrder, sortedReport } from '../../model/report/finding-order.ts';
import type { Report } from '../../model/report/report.ts';
import type { Look } from '../../report/format.ts';
import { isIncomplete } from '../../report/writing/finding-words.ts';
import type { Console } from '../console.ts';
import { addEndOfLifeOption, type EndOfLifeOption, judgedReport } from './end-of-life.ts';
import { scanStatus } from '../exit-status.ts';
import {
  addGateOptions,
  checkGate,
  type Gate,
  gateDiagnostics,
  gateFailures,
  gateText,
  unjudgedFindings,
} from './gate.ts';
import { formatNames, formatOption, type ReportOutput, reportOutputs, writeReports } from '../output/report-output.ts';
import { printable } from '../../model/printable.ts';

/** What the options that {@link addReportOptions} adds are set to. */
export type ReportOptions = Gate &
  EndOfLifeOption & {
    readonly format?: readonly ReportOutput[];
    readonly output?: string;
    readonly sort?: FindingOrder;
  };

/** Adds the options of every command that reports an image. */
export function addReportOptions(command: Command): Command {
  command
    .optionsGroup('Report:')
    .addOption(
      new Option(
        '--format <format[=file]>',
        `how to write the report, and where; may be given several times: ${formatNames()} (default: table)`,
      ).argParser(formatOption),
    )
    .option('--output <file>', 'where to write it; standard output by default')
    .addOption(
      new Option('--sort <order>', 'order of the findings; the table has them by layer by default').choices(
        FINDING_ORDERS,
      ),
    );
  return addEndOfLifeOption(addGateOptions(command));
}

/** Reports images as the options say. */
export type ReportWriter = {
  /** Writes the reports: one, or, for a run that was asked for several, an array. @throws ClairError `export/unwritable` */
  readonly write: (reports: Report | readonly Report[]) => Promise<void>;
  /** Gives the exit status of a report; what the gate does not let pass, and that there may be more, is told. */
  readonly pass: (report: Report) => number;
};

/**
 * Reads the options, before any work is done.
 *
 * @throws ClairError `cli/usage` for options that do not go together
 */
export function reportWriter(console: Console, options: ReportOptions): ReportWriter {
  const { sort } = options;
  checkGate(options);
  const outputs = reportOutputs(options.format, options.output);
  const shown = (report: Report): Report => {
    const judged = judgedReport(report, options);
    return sort === undefined ? judged : sortedReport(judged, sort);
  };
  return {
    async write(reports) {
      const grouping = (sort ?? 'layer') === 'layer' ? 'layer' : 'none';
      const look: Look = { ...console.look, grouping, ...(options.include && { include: options.include }) };
      await writeReports(outputs, 'target' in reports ? shown(reports) : reports.map(shown), console, look);
    },
    pass: (report) => passGate(console, shown(report), options),
  };
}

function passGate(console: Console, report: Report, gate: Gate): number {
  const failures = gateFailures(report, gate);
  if (failures.length > 0) {
    const more = isIncomplete(report) ? '; the answer is incomplete, and there may be more' : '';
    console.err(`${printable(`clair: ${report.target.platform}: ${gateText(failures, gate)}`)}${more}\n`);
  }
  const diagnostics = gateDiagnostics(gate, { ...report, unjudged: unjudgedFindings(report, gate) });
  for (const { text } of diagnostics) console.err(`${printable(`clair: ${report.target.platform}: ${text}`)}\n`);
  const isUndecided = diagnostics.some(({ isDecided }) => !isDecided);
  return scanStatus(isIncomplete(report) || isUndecided, failures.length > 0);
}
