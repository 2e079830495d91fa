import { ClairError } from '../errors.ts';
import type { Report } from '../model/report/report.ts';
import type { Console } from './console.ts';
import { failureStatus, worstStatus } from './exit-status.ts';
import { failureText } from './failure-text.ts';
import { type AnalyzedImage, analyzedImage, imageAlone, withTargetImages } from './image-run.ts';
import type { ImageOptions } from './image-options.ts';
import type { ReportOptions } from './options/report-options.ts';
import { type ReportWriter, reportWriter } from './output/report-writer.ts';

/** The options of `clair scan`. */
export type ScanOptions = ImageOptions & ReportOptions & { readonly allPlatforms: boolean };

/**
 * Scans an image or, with `--all-platforms`, the images of all platforms, and writes the reports. Returns the exit
 * status.
 *
 * @throws ClairError `cli/usage` for options that contradict each other or have no effect; the errors of
 * `withTargetImages`
 */
export async function scanImage(console: Console, text: string, options: ScanOptions): Promise<number> {
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
