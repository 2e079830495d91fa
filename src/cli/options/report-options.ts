import { type Command, Option } from 'commander';
import { FINDING_ORDERS, type FindingOrder } from '../../model/report/finding-order.ts';
import { formatNames, formatOption, type ReportOutput } from '../output/report-output.ts';
import { type AcceptOptions, addAcceptOptions } from './accepted-diagnostics.ts';
import { addFindingOptions, type FindingOptions } from './finding-options.ts';
import { addGateOptions, type GateOptions } from './gate.ts';
import { outputOption } from './output-options.ts';

/** The values of the options that {@link addReportOptions} adds. */
export type ReportOptions = GateOptions &
  FindingOptions &
  AcceptOptions & {
    readonly format?: readonly ReportOutput[];
    readonly output?: string;
    readonly sort?: FindingOrder;
    readonly expand?: boolean;
  };

/** Adds the options of every command that writes the report of an image. */
export function addReportOptions(command: Command): Command {
  command
    .optionsGroup('Report:')
    .addOption(
      new Option('-f, --format <format[=file]>', 'Output formats, such as table,json=FILE (default: table)').argParser(
        formatOption,
      ),
    )
    .addOption(outputOption());
  return addGateOptions(
    addAcceptOptions(
      addFindingOptions(command)
        .addOption(new Option('--sort <order>', 'Sort findings in this order (default: layer)').choices(FINDING_ORDERS))
        .option('--expand', 'List each package in its own row of the table'),
    ),
  );
}

/** The note on output formats, for the help of every command with {@link addReportOptions}. */
export const FORMATS_NOTE: string = `Formats: ${formatNames()}.`;
