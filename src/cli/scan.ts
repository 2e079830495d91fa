import { availableParallelism } from 'node:os';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { type Clair, composeClair, openTargetImages } from '../compose.ts';
import { ClairError } from '../errors.ts';
import { FINDING_ORDERS, type FindingOrder, sortedReport } from '../model/finding-order.ts';
import { isIncomplete } from '../model/problem.ts';
import type { Report } from '../model/report.ts';
import type { Look } from '../report/format.ts';
import { readSuppressionFiles } from '../suppression/suppression-files.ts';
import type { RuleSet } from '../suppression/suppression-rule.ts';
import type { PlatformImage } from '../worker/sources/image-set.ts';
import { type Platform, parsePlatform } from '../worker/sources/platform.ts';
import { parseTarget } from '../worker/sources/target.ts';
import { baseLayersOf } from './base-option.ts';
import type { Console } from './console.ts';
import { databaseOption, databaseOptions } from './database-option.ts';
import { failureStatus, scanStatus, worstStatus } from './exit-status.ts';
import { type Gate, gateBound, gateFailures, gateText } from './gate.ts';
import { addRegistryOptions, registryAccess, type RegistryOptions } from './registry-options.ts';
import { formatNames, formatOption, type ReportOutput, reportOutputs, writeReports } from './report-output.ts';

type ScanOptions = RegistryOptions &
  Gate & {
    readonly format?: readonly ReportOutput[];
    readonly output?: string;
    readonly db: string;
    readonly platform?: Platform;
    readonly allPlatforms: boolean;
    readonly base?: string;
    readonly ignore: readonly string[];
    readonly vex: readonly string[];
    readonly sort?: FindingOrder;
  };

const HELP = `
Exit status: 0 scanned, 2 could not scan, 3 scanned but the answer is incomplete, 4 there are findings that --fail-on does
not let pass (whether the answer is complete or not).`;

/** `clair scan TARGET`: analyses an image and reports what threatens it. */
export function scanCommand(console: Console, exit: (status: number) => void): Command {
  const command = new Command('scan')
    .description('Analyse a container image and report its vulnerabilities, each with the layer that brought it in.')
    .addArgument(
      new Argument(
        '<target>',
        'docker-archive:PATH, oci:PATH[:TAG], oci-archive:PATH[:TAG], rootfs:DIRECTORY, registry:NAME, or a path or name alone',
      ),
    )
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
    )
    .option('--ignore <file...>', 'take out findings that these ignore files rule out; they are told all the same', [])
    .option('--vex <file...>', 'the same for VEX documents, of OpenVEX or CSAF', [])
    .addOption(
      new Option('--fail-on <severity>', 'end with status 4 on such findings and worse, or on exploited ones (kev)')
        .argParser(gateBound)
        .default([], 'nothing'),
    )
    .option('--only-fixed', 'let --fail-on count only what an upgrade fixes', false)
    .option('--base <image or number>', 'the base image, or how many layers it has, where that cannot be told')
    .option('--platform <os/arch[/variant]>', 'image to take of several; Linux on this processor by default', platform)
    .addOption(
      new Option('--all-platforms', 'every image of several, with a report each').default(false).conflicts('platform'),
    );
  return addRegistryOptions(command)
    .addOption(databaseOption())
    .addHelpText('after', HELP)
    .action(async (text: string, options: ScanOptions) => {
      if (options.onlyFixed && options.failOn.length === 0) {
        throw new ClairError('cli/usage', '--only-fixed needs --fail-on: it says which findings that counts');
      }
      exit(await scan(console, text, options));
    });
}

async function scan(console: Console, text: string, options: ScanOptions): Promise<number> {
  const outputs = reportOutputs(options.format, options.output);
  const suppressions = await readSuppressionFiles(options);
  const look: Look = { ...console.look, grouping: (options.sort ?? 'layer') === 'layer' ? 'layer' : 'none' };
  const { images, close } = await openTargetImages(parseTarget(text), {
    ...registryAccess(console, options),
    platform: options.platform,
    allPlatforms: options.allPlatforms,
  });
  try {
    const clair = await composeClair(databaseOptions(options.db), { threads: availableParallelism() });
    const run: Run = { clair, console, options, suppressions };
    try {
      if (options.allPlatforms) {
        const { reports, status } = await reportAll(run, images);
        if (reports.length > 0) await writeReports(outputs, reports, console, look);
        return status;
      }
      const [image] = images;
      if (image === undefined) throw new Error(`${text} was opened, but is no image`);
      const report = await analyze(run, image);
      await writeReports(outputs, report, console, look);
      return passGate(run, report);
    } finally {
      await clair.close();
    }
  } finally {
    await close();
  }
}

/** One run of the command. */
type Run = {
  readonly clair: Clair;
  readonly console: Console;
  readonly options: ScanOptions;
  readonly suppressions: RuleSet;
};

/**
 * An image that fails is told and does not stop the others. The status is the worst one: failed, held up by the gate,
 * incomplete, done.
 */
async function reportAll(
  run: Run,
  images: readonly PlatformImage[],
): Promise<{ readonly reports: readonly Report[]; readonly status: number }> {
  const { console } = run;
  const reports: Report[] = [];
  const statuses = new Set<number>();
  for (const image of images) {
    try {
      const report = await analyze(run, image);
      reports.push(report);
      statuses.add(passGate(run, report));
    } catch (error) {
      if (!(error instanceof ClairError) || console.signal.aborted) throw error;
      console.err(`${image.platform}: ${error.message}\n${error.remedy} [${error.code}]\n`);
      statuses.add(failureStatus(error));
    }
  }
  return { reports, status: worstStatus(statuses) };
}

async function analyze({ clair, console, options, suppressions }: Run, { open }: PlatformImage): Promise<Report> {
  const image = await open();
  try {
    const baseLayers =
      options.base === undefined ? undefined : await baseLayersOf(options.base, image, console, options);
    const layers = await clair.worker.analyzeImage(image, console.signal);
    const report = await clair.report(image, layers, {
      suppressions: [suppressions],
      ...(baseLayers !== undefined && { baseLayers }),
    });
    return options.sort === undefined ? report : sortedReport(report, options.sort);
  } finally {
    await image.close();
  }
}

/** Gives the status of a report; what the gate does not let pass, and that there may be more, is told. */
function passGate({ console, options }: Run, report: Report): number {
  const failures = gateFailures(report, options);
  if (failures.length > 0) {
    const more = isIncomplete(report.problems) ? '; the answer is incomplete, and there may be more' : '';
    console.err(`clair: ${report.target.platform}: ${gateText(failures, options)}${more}\n`);
  }
  return scanStatus(report.problems, failures.length > 0);
}

function platform(text: string): Platform {
  const parsed = parsePlatform(text);
  if (parsed !== undefined) return parsed;
  throw new InvalidArgumentError('It must be an operating system and a processor, as in linux/arm64 or linux/arm/v7.');
}
