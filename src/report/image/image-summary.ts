import { isExploited } from '../../model/report/exploited-finding.ts';
import {
  type ImageCounts,
  isCurrentMark,
  type ListedImage,
  type PresentMark,
} from '../../database/contracts/image-counts.ts';
import type { IndexedImage } from '../../database/contracts/images.ts';
import type { Store } from '../../database/contracts/store.ts';
import { isIncomplete } from '../../model/report/diagnostic.ts';
import type { Report } from '../../model/report/report.ts';
import { SEVERITIES, type Severity, severityRank } from '../../model/severity.ts';

/**
 * An image in a list of the API. The field names are stable. Unless `countState` is `counted`, all counts are null and
 * `isIncomplete` is true.
 */
export type ImageSummary = Pick<Report['target'], 'digest' | 'reference' | 'platform'> &
  Pick<Report, 'distribution'> & {
    /** The time of the last scan (ISO 8601). */
    readonly scannedAt: string;
    readonly layers: number;
    /**
     * The state of the counts. The state is `waiting` until the image is counted. The state is `failed` if counting
     * failed, for example because the report of the image exceeds the limits of counting.
     */
    readonly countState: 'counted' | 'waiting' | 'failed';
    /** The time when the image was counted or counting failed (ISO 8601); null in the state `waiting`. */
    readonly countedAt: string | null;
    /** Whether the inputs of the counts have not changed since `countedAt`. */
    readonly isCurrent: boolean;
    readonly packages: number | null;
    readonly severities: Readonly<Record<Severity, number>> | null;
    readonly suppressed: number | null;
    readonly fixable: number | null;
    readonly fixableHigh: number | null;
    readonly kev: number | null;
    readonly isIncomplete: boolean;
    readonly hasStaleFeed: boolean | null;
    readonly hasMissingFeed: boolean | null;
    readonly diagnostics: number | null;
  };

/** Returns the counts of a report that the image list stores. */
export function imageCounts({
  packages,
  findings,
  suppressed,
  diagnostics,
}: Pick<Report, 'packages' | 'findings' | 'suppressed' | 'diagnostics'>): ImageCounts {
  const severities = SEVERITIES.map((severity) => [
    severity,
    findings.filter((finding) => finding.severity === severity).length,
  ]);
  const fixable = findings.filter(({ fixedIn }) => fixedIn !== null);
  return {
    packages: packages.length,
    severities: Object.fromEntries(severities),
    suppressed: suppressed.length,
    fixable: fixable.length,
    fixableHigh: fixable.filter(({ severity }) => severityRank(severity) >= severityRank('High')).length,
    kev: findings.filter(isExploited).length,
    isIncomplete: isIncomplete(diagnostics),
    hasStaleFeed: diagnostics.some(({ code }) => code === 'feed-stale' || code === 'feed-update-refused'),
    hasMissingFeed: diagnostics.some(({ code }) => code === 'namespace-without-data'),
    diagnostics: diagnostics.length,
  };
}

/** Returns the summary of an image from a new report, so the counts are current. */
export function imageSummary({ scannedAt }: Pick<IndexedImage, 'scannedAt'>, report: Report): ImageSummary {
  const { target, distribution, layers, createdAt } = report;
  return {
    digest: target.digest,
    reference: target.reference,
    platform: target.platform,
    distribution,
    scannedAt: new Date(scannedAt).toISOString(),
    layers: layers.length,
    countState: 'counted',
    countedAt: createdAt,
    isCurrent: true,
    ...imageCounts(report),
  };
}

/** The state of the stored counts of all images. */
export type CountState = Omit<PresentMark, 'now'> & {
  /** Returns whether the counts of all images are current at a time, in milliseconds since 1970. */
  readonly areCurrent: (now: number) => boolean;
};

/**
 * Reads the state of the stored counts. The caller must read the state before the counts, so that outdated counts never
 * look current.
 */
export async function readCountState(
  { counts }: Pick<Store, 'counts'>,
  basis: () => Promise<string>,
): Promise<CountState> {
  const present = { basis: await basis(), revisions: await counts.revisions() };
  const [waiting, whole] = [await counts.notCounted(1), await counts.whole()];
  return {
    ...present,
    // The check covers all images, because an outdated count can hide an image from a filtered list.
    areCurrent: (now) => waiting.length === 0 && isCurrentMark(whole, { ...present, now }),
  };
}

/** Returns the summary of an image with its stored counts. */
export function listedSummary(image: ListedImage, present: PresentMark): ImageSummary {
  const { digest, reference, platform, distribution, scannedAt, layers, mark, counts } = image;
  return {
    digest,
    reference,
    platform,
    distribution,
    scannedAt: new Date(scannedAt).toISOString(),
    layers,
    countState: mark === undefined ? 'waiting' : counts === null ? 'failed' : 'counted',
    countedAt: mark === undefined ? null : new Date(mark.countedAt).toISOString(),
    isCurrent: isCurrentMark(mark, present),
    // Counts from earlier releases lack some fields; these fields remain null until the image is counted again.
    ...NO_COUNTS,
    ...(mark !== undefined && counts),
  };
}

const NO_COUNTS = {
  packages: null,
  severities: null,
  suppressed: null,
  fixable: null,
  fixableHigh: null,
  kev: null,
  isIncomplete: true,
  hasStaleFeed: null,
  hasMissingFeed: null,
  diagnostics: null,
} as const;
