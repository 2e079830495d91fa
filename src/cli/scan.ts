import { availableParallelism } from 'node:os';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { type Clair, composeClair, openTargetImages } from '../compose.ts';
import { ClairError } from '../errors.ts';
import type { Report } from '../model/report.ts';
import { FORMATS } from '../report/index.ts';
import { reportImage } from '../report/image-report.ts';
import type { PlatformImage } from '../worker/sources/image-set.ts';
import { type Platform, parsePlatform } from '../worker/sources/platform.ts';
import { parseTarget } from '../worker/sources/target.ts';
import type { Console } from './console.ts';
import { databaseOption, databaseOptions } from './database-option.ts';
import { failureStatus, scanStatus, worstStatus } from './exit-status.ts';
import { addRegistryOptions, registryAccess, type RegistryOptions } from './registry-options.ts';

type ScanOptions = RegistryOptions & {
  readonly format: string;
  readonly db: string;
  readonly platform?: Platform;
  readonly allPlatforms: boolean;
};

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
      new Option('--format <format>', 'how to write the report').choices(FORMATS.map(({ id }) => id)).default('table'),
    )
    .option('--platform <os/arch[/variant]>', 'image to take of several; Linux on this processor by default', platform)
    .addOption(
      new Option('--all-platforms', 'every image of several, with a report each').default(false).conflicts('platform'),
    );
  return addRegistryOptions(command)
    .addOption(databaseOption())
    .addHelpText('after', '\nExit status: 0 scanned, 2 could not scan, 3 scanned but the answer is incomplete.')
    .action(async (text: string, options: ScanOptions) => {
      exit(await scan(console, text, options));
    });
}

async function scan(console: Console, text: string, options: ScanOptions): Promise<number> {
  const format = FORMATS.find(({ id }) => id === options.format);
  if (format === undefined) throw new Error(`commander let the format ${options.format} pass`);
  const { images, close } = await openTargetImages(parseTarget(text), {
    ...registryAccess(console, options),
    platform: options.platform,
    allPlatforms: options.allPlatforms,
  });
  try {
    const clair = await composeClair(databaseOptions(options.db), { threads: availableParallelism() });
    try {
      if (options.allPlatforms) {
        const { reports, status } = await reportAll(clair, images, console);
        if (reports.length > 0) console.out(format.renderAll(reports));
        return status;
      }
      const [image] = images;
      if (image === undefined) throw new Error(`${text} was opened, but is no image`);
      const report = await analyze(clair, image, console.signal);
      console.out(format.render(report));
      return scanStatus(report.problems);
    } finally {
      await clair.close();
    }
  } finally {
    await close();
  }
}

/** An image that fails is told and does not stop the others. The status is the worst one: failed, incomplete, done. */
async function reportAll(
  clair: Clair,
  images: readonly PlatformImage[],
  console: Console,
): Promise<{ readonly reports: readonly Report[]; readonly status: number }> {
  const reports: Report[] = [];
  const statuses = new Set<number>();
  for (const image of images) {
    try {
      const report = await analyze(clair, image, console.signal);
      reports.push(report);
      statuses.add(scanStatus(report.problems));
    } catch (error) {
      if (!(error instanceof ClairError) || console.signal.aborted) throw error;
      console.err(`${image.platform}: ${error.message}\n${error.remedy} [${error.code}]\n`);
      statuses.add(failureStatus(error));
    }
  }
  return { reports, status: worstStatus(statuses) };
}

async function analyze(clair: Clair, { open }: PlatformImage, signal: AbortSignal): Promise<Report> {
  const image = await open();
  try {
    const layers = await clair.worker.analyzeImage(image, signal);
    return await reportImage(clair.store, image, layers, Date.now());
  } finally {
    await image.close();
  }
}

function platform(text: string): Platform {
  const parsed = parsePlatform(text);
  if (parsed !== undefined) return parsed;
  throw new InvalidArgumentError('It must be an operating system and a processor, as in linux/arm64 or linux/arm/v7.');
}
