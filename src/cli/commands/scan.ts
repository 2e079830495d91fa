import { Argument, Command, Option } from 'commander';
import { ClairError } from '../../errors.ts';
import type { Report } from '../../model/report/report.ts';
import type { Console } from '../console.ts';
import { addHelp, type HelpParts } from '../help.ts';
import { failureStatus, worstStatus } from '../exit-status.ts';
import {
  addImageOptions,
  type AnalyzedImage,
  analyzedImage,
  IMAGE_ARGUMENT,
  IMAGE_FORMS,
  imageAlone,
  type ImageOptions,
  withTargetImages,
} from '../image-run.ts';
import {
  addReportOptions,
  FORMATS_NOTE,
  type ReportOptions,
  type ReportWriter,
  reportWriter,
} from '../options/report-options.ts';
import { failureText } from '../failure-text.ts';

type ScanOptions = ImageOptions & ReportOptions & { readonly allPlatforms: boolean };

const HELP: HelpParts = {
  examples: [
    'clair scan debian:12 --update',
    'docker save app | clair scan -',
    'clair scan app.tar --severity high,critical',
    'clair scan app.tar --fail-on high --fail-on-fixed --format table,sarif=clair.sarif',
  ],
  notes: [
    FORMATS_NOTE,
    IMAGE_FORMS,
    '--severity and --type filter only the report: --fail-on also evaluates the hidden findings.',
  ],
  exitStatus: {
    0: 'the image was scanned, and no finding matches --fail-on',
    2: 'the image could not be analysed, or an option is invalid',
    3: 'the report is incomplete, or --fail-on cannot evaluate a finding',
    4: 'a finding matches --fail-on, even if the report is incomplete',
    130: 'the command was stopped',
  },
};

/** Creates `clair scan IMAGE`, which analyses an image and reports its vulnerabilities. */
export function scanCommand(console: Console, exit: (status: number) => void): Command {
  const command = new Command('scan')
    .description('Scan an image for vulnerabilities and report the layers that add them.')
    .addArgument(new Argument('<image>', IMAGE_ARGUMENT));
  addReportOptions(command);
  addImageOptions(command)
    .addOption(
      new Option('--attestations', 'Read SBOMs and VEX documents attached to the image in its registry')
        .default(false)
        .helpGroup('Image:'),
    )
    .addOption(
      new Option('--all-platforms', 'Scan the images of all platforms')
        .default(false)
        .conflicts('platform')
        .helpGroup('Image:'),
    );
  return addHelp(command, HELP).action(async (text: string, options: ScanOptions) =>
    exit(await scan(console, text, options)),
  );
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
 * Scans the images of all platforms. If an image fails, reports the image and continues with the other images. Returns
 * the worst status, in the order of `worstStatus`.
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
