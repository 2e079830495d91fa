import { Argument, Command, Option } from 'commander';
import { ClairError } from '../../errors.ts';
import type { Report } from '../../model/report/report.ts';
import type { Console } from '../console.ts';
import { failureStatus, worstStatus } from '../exit-status.ts';
import {
  addImageOptions,
  type AnalyzedImage,
  analyzedImage,
  imageAlone,
  type ImageOptions,
  TARGET_FORMS,
  withTargetImages,
} from '../image-run.ts';
import { addReportOptions, type ReportOptions, type ReportWriter, reportWriter } from '../options/report-options.ts';
import { failureText } from '../failure-text.ts';

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
  if (options.allPlatforms) return await scanAll(console, text, options, writer);
  return await withTargetImages(console, options, text, {
    analyze: async (run, images) => await analyzedImage(run, imageAlone(images, text)),
    async report(analyzed) {
      const report = await analyzed.report();
      await writer.write(report);
      return writer.pass(report);
    },
  });
}

/**
 * Scans the images of all platforms. An image that fails is reported and does not stop the others. The status is the worst one:
 * failed, findings that the gate does not let pass, incomplete, done.
 */
async function scanAll(console: Console, text: string, options: ScanOptions, writer: ReportWriter): Promise<number> {
  const statuses = new Set<number>();
  async function attempt<Result>(platform: string, work: () => Promise<Result>): Promise<readonly Result[]> {
    try {
      return [await work()];
    } catch (error) {
      if (!(error instanceof ClairError) || console.signal.aborted) throw error;
      console.err(failureText(error, platform));
      statuses.add(failureStatus(error));
      return [];
    }
  }

  return await withTargetImages(console, options, text, {
    async analyze(run, images) {
      const analyzed: (AnalyzedImage & { readonly platform: string })[] = [];
      for (const image of images) {
        const { platform } = image;
        const found = await attempt(platform, async () => ({ ...(await analyzedImage(run, image)), platform }));
        analyzed.push(...found);
      }
      return analyzed;
    },
    async report(analyzed) {
      const reports: Report[] = [];
      for (const each of analyzed) reports.push(...(await attempt(each.platform, each.report)));
      for (const report of reports) statuses.add(writer.pass(report));
      if (reports.length > 0) await writer.write(reports);
      return worstStatus(statuses);
    },
  });
}
