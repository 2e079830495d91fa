import { Argument, Command, Option } from 'commander';
import { ClairError } from '../errors.ts';
import { FINDING_ORDERS, type FindingOrder, sortedReport } from '../model/finding-order.ts';
import { isIncomplete } from '../model/problem.ts';
import type { Report } from '../model/report.ts';
import type { Look } from '../report/format.ts';
import type { PlatformImage } from '../worker/sources/image-set.ts';
import type { Console } from './console.ts';
import { failureStatus, scanStatus, worstStatus } from './exit-status.ts';
import { addGateOptions, checkGate, type Gate, gateDoubt, gateFailures, gateText } from './gate.ts';
import {
  addImageOptions,
  analyzedImage,
  imageAlone,
  type ImageOptions,
  type ImageRun,
  TARGET_FORMS,
  withTargetImages,
} from './image-run.ts';
import { formatNames, formatOption, type ReportOutput, reportOutputs, writeReports } from './report-output.ts';

type ScanOptions = ImageOptions &
  Gate & {
    readonly format?: readonly ReportOutput[];
    readonly output?: string;
    readonly allPlatforms: boolean;
    readonly sort?: FindingOrder;
  };

const HELP = `
Exit status: 0 scanned, 2 could not scan, 3 scanned but the answer is incomplete, 4 there are findings that --fail-on does
not let pass (whether the answer is complete or not).

Examples:
  clair scan debian:12
  docker save app | clair scan -
  clair scan app.tar --format sarif=clair.sarif --fail-on High --only-fixed`;

/** `clair scan TARGET`: analyses an image and reports what threatens it. */
export function scanCommand(console: Console, exit: (status: number) => void): Command {
  const command = new Command('scan')
    .description('Analyse a container image and report its vulnerabilities, each with the layer that brought it in.')
    .addArgument(new Argument('<target>', TARGET_FORMS))
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
  addGateOptions(command).addOption(
    new Option('--all-platforms', 'every image of several, with a report each')
      .default(false)
      .conflicts('platform')
      .helpGroup('Image:'),
  );
  return addImageOptions(command)
    .addHelpText('after', HELP)
    .action(async (text: string, options: ScanOptions) => {
      checkGate(options);
      exit(await scan(console, text, options));
    });
}

async function scan(console: Console, text: string, options: ScanOptions): Promise<number> {
  const outputs = reportOutputs(options.format, options.output);
  const look: Look = { ...console.look, grouping: (options.sort ?? 'layer') === 'layer' ? 'layer' : 'none' };
  return await withTargetImages(console, options, text, async (run, images) => {
    if (options.allPlatforms) {
      const { reports, status } = await reportAll(run, images, options);
      if (reports.length > 0) await writeReports(outputs, reports, console, look);
      return status;
    }
    const report = await reportOf(run, imageAlone(images, text), options);
    await writeReports(outputs, report, console, look);
    return passGate(console, report, options);
  });
}

/**
 * An image that fails is told and does not stop the others. The status is the worst one: failed, held up by the gate,
 * incomplete, done.
 */
async function reportAll(
  run: ImageRun,
  images: readonly PlatformImage[],
  options: ScanOptions,
): Promise<{ readonly reports: readonly Report[]; readonly status: number }> {
  const { console } = run;
  const reports: Report[] = [];
  const statuses = new Set<number>();
  for (const image of images) {
    try {
      const report = await reportOf(run, image, options);
      reports.push(report);
      statuses.add(passGate(console, report, options));
    } catch (error) {
      if (!(error instanceof ClairError) || console.signal.aborted) throw error;
      console.err(`${image.platform}: ${error.message}\n${error.remedy} [${error.code}]\n`);
      statuses.add(failureStatus(error));
    }
  }
  return { reports, status: worstStatus(statuses) };
}

async function reportOf(run: ImageRun, image: PlatformImage, { sort }: ScanOptions): Promise<Report> {
  const { report } = await analyzedImage(run, image);
  return sort === undefined ? report : sortedReport(report, sort);
}

/** Gives the status of a report; what the gate does not let pass, and that there may be more, is told. */
function passGate(console: Console, report: Report, gate: Gate): number {
  const failures = gateFailures(report, gate);
  if (failures.length > 0) {
    const more = isIncomplete(report.problems) ? '; the answer is incomplete, and there may be more' : '';
    console.err(`clair: ${report.target.platform}: ${gateText(failures, gate)}${more}\n`);
  }
  const doubt = gateDoubt(gate, report.sources);
  if (doubt !== undefined) console.err(`clair: ${report.target.platform}: ${doubt}\n`);
  return scanStatus(isIncomplete(report.problems) || doubt !== undefined, failures.length > 0);
}
