import type { CountedImage } from '../database/contracts/image-counts.ts';
import type { Store } from '../database/contracts/store.ts';
import type { Digest } from '../model/digest.ts';
import { countsValidUntil, dependsOnOtherImages } from './counts-validity.ts';
import { namesOfReport } from './report-names.ts';
import { imageCounts } from '../report/image/image-summary.ts';
import type { InstanceReports } from '../report/image/instance-reports.ts';
import { reportableImage } from '../report/image/indexed-image.ts';

/**
 * Computes the report of an image and counts its findings. Returns undefined if the image was removed from the index.
 *
 * @throws the errors of the report; ThreadExhausted if the function runs in a thread
 */
export type CountImage = (digest: Digest, signal?: AbortSignal) => Promise<CountedImage | undefined>;

/**
 * Creates a counter in this thread. The counter reads the revision of each input before the input, so that a concurrent
 * change makes the counts outdated.
 */
export function createImageCount(
  store: Store,
  reports: Pick<InstanceReports, 'report' | 'rules' | 'basis'>,
): CountImage {
  return async (digest, signal) => {
    const basis = await reports.basis();
    const revisions = await store.counts.revisions();
    const countedAt = store.now();
    const found = await store.counts.find(digest);
    const reportable = found && (await reportableImage(store, digest));
    if (found === undefined || reportable === undefined) return undefined;
    const { rules } = await reports.rules();
    const feeds = await store.feeds.all();
    const namespace = reportable.layers.at(-1)?.distribution?.namespace;
    const validUntil = countsValidUntil({ feeds, namespace, rules }, countedAt);
    const report = await reports.report(reportable.image, reportable.layers, signal && { signal });
    return {
      id: found.id,
      generation: found.generation,
      counts: imageCounts(report),
      names: namesOfReport(report),
      rules: revisions.rules,
      mark: {
        countedAt,
        revision: revisions.data,
        images: dependsOnOtherImages(rules) ? revisions.images : null,
        basis,
        validUntil,
      },
    };
  };
}
