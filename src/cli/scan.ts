import { Argument, Command, Option } from 'commander';
import { ClairError } from '../errors.ts';
import type { Report } from '../model/report.ts';
import type { PlatformImage } from '../worker/sources/image-set.ts';
import type { Console } from './console.ts';
import { failureStatus, worstStatus } from './exit-status.ts';
import {
  addImageOptions,
  analyzedImage,
  imageAlone,
  type ImageOptions,
  type ImageRun,
  TARGET_FORMS,
  withTargetImages,
} from './image-run.ts';
import { addReportOptions, type ReportOptions, type ReportWriter, reportWriter } from './report-options.ts';
import { failureText } from './failure-text.ts';

type ScanOptions = ImageOptions & ReportOptions & { readonly allPlatforms: boolean };

const HELP = `
Exit status: 0 scanned, 2 could not scan, 3 scanned but the answer is incomplete or --fail-on cannot judge it, 4 there are
findings that --fail-on does not let pass (whether the answer is complete or not).

Examples:
  clair scan debian:12
  docker save app | clair scan -
  clair scan app.tar --format sarif=clair.sarif --fail-on High --only-fixed`;

/** `clair scan TARGET`: analyses an image and reports what threatens it. */
export function scanCommand(console: Console, exit: (status: number) => void): Command {
  const command = new Command('scan')
    .description('Analyse a container image and report its vulnerabilities, each with the layer that brought it in.')
    .addArgument(new Argument('<target>', TARGET_FORMS));
  addReportOptions(command).addOption(
    new Option('--all-platforms', 'every image of several, with a report each')
      .default(false)
      .conflicts('platform')
      .helpGroup('Image:'),
  );
  return addImageOptions(command)
    .addHelpText('after', HELP)
    .action(async (text: string, options: ScanOptions) => exit(await scan(console, text, options)));
}

async function scan(console: Console, text: string, options: ScanOptions): Promise<number> {
  const writer = reportWriter(console, options);
  return await withTargetImages(console, options, text, async (run, images) => {
    if (options.allPlatforms) {
      const { reports, status } = await reportAll(run, images, writer);
      if (reports.length > 0) await writer.write(reports);
      return status;
    }
    const { report } = await analyzedImage(run, imageAlone(images, text));
    await writer.write(report);
    return writer.pass(report);
  });
}

/**
 * An image that fails is told and does not stop the others. The status is the worst one: failed, held up by the gate,
 * incomplete, done.
 */
async function reportAll(
  run: ImageRun,
  images: readonly PlatformImage[],
  { pass }: ReportWriter,
): Promise<{ readonly reports: readonly Report[]; readonly status: number }> {
  const { console } = run;
  const reports: Report[] = [];
  const statuses = new Set<number>();
  for (const image of images) {
    try {
      const { report } = await analyzedImage(run, image);
      reports.push(report);
      statuses.add(pass(report));
    } catch (error) {
      if (!(error instanceof ClairError) || console.signal.aborted) throw error;
      console.err(failureText(error, image.platform));
      statuses.add(failureStatus(error));
    }
  }
  return { reports, status: worstStatus(statuses) };
}
