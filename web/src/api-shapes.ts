import type { Distribution } from '../../src/model/releases/distribution.ts';
import type { ReportCve, ReportLayer, ReportFinding } from '../../src/model/report/report.ts';
import type { Severity, SeverityOrigin } from '../../src/model/severity.ts';
import type { FeedSummary } from '../../src/model/report/feed-summary.ts';
import type { Status } from '../../src/model/advisories/status.ts';

/** What the API answers beside the report, whose shape is that of the model. */
export type ApiFault = { readonly code: string; readonly message: string; readonly remedy: string };

/** An image on its way from being submitted to being known. */
export type Submission = {
  readonly id: string;
  readonly target: string;
  readonly platform: string | null;
  readonly state: 'queued' | 'reading' | 'done' | 'failed';
  readonly layers: { readonly total: number; readonly done: number; readonly known: number };
  readonly images: readonly string[];
  readonly error: ApiFault | null;
  /** ISO 8601. */
  readonly createdAt: string;
};

export type SubmissionList = { readonly submissions: readonly Submission[] };

export type ImageSummary = {
  readonly digest: string;
  readonly reference: string;
  readonly platform: string;
  readonly distribution: Distribution | null;
  readonly scannedAt: string;
  readonly layers: number;
  /** All counts are null unless it is `counted`. */
  readonly countState: 'counted' | 'waiting' | 'failed';
  /** Whether nothing that the counts depend on has changed since. */
  readonly isCurrent: boolean;
  readonly packages: number | null;
  readonly severities: Partial<Readonly<Record<Severity, number>>> | null;
  readonly suppressed: number | null;
  readonly fixable: number | null;
  readonly kev: number | null;
  readonly isIncomplete: boolean;
  readonly diagnostics: number | null;
};

export type ImageList = {
  readonly images: readonly ImageSummary[];
  readonly nextPage: string | null;
  /** Whether all images have current counts, also those that are not listed. */
  readonly isCurrent: boolean;
};

export type ImageWithHistory = ImageSummary & {
  /** The other images of the same reference, those that were scanned last first. */
  readonly history: readonly Pick<ImageSummary, 'digest' | 'platform' | 'scannedAt'>[];
};

export type GraphPackage = { readonly name: string; readonly version: string };

export type GraphFinding = Pick<ReportFinding, 'id' | 'severity' | 'status' | 'package' | 'version' | 'fixedIn'> & {
  readonly isSuppressed: boolean;
};

export type GraphLayer = Pick<ReportLayer, 'index' | 'createdBy' | 'origin' | 'size'> & {
  readonly added: readonly GraphPackage[];
  readonly removed: readonly GraphPackage[];
  readonly brings: readonly GraphFinding[];
  readonly repairs: readonly GraphFinding[];
};

/** The line of a package name in a release: its versions in the order of the package manager, between 0 and ∞. */
export type GraphLine = {
  readonly namespace: string;
  readonly name: string;
  readonly versions: readonly string[];
  readonly points: readonly GraphPoint[];
  readonly intervals: readonly GraphInterval[];
};

/** An installed version: the layer that brings it, and the one that removes it, if any. */
export type GraphPoint = { readonly version: string; readonly layer: number; readonly until: number | null };

/** Affected versions, from `0` or one on to below another or `∞`; up to and with it where `isToAffected`. */
export type GraphInterval = {
  readonly vulnerability: string;
  readonly from: string;
  readonly to: string;
  readonly isToAffected: boolean;
  readonly severity: Severity;
};

export type ImageGraph = { readonly layers: readonly GraphLayer[]; readonly lines: readonly GraphLine[] };

/** A change of what a feed says, with its worst severity before and after; null where it was not, or is no more. */
export type DataChange = {
  readonly feed: string;
  readonly vulnerability: string;
  readonly kind: string;
  readonly at: string;
  readonly isInitial: boolean;
  readonly before: Severity | null;
  readonly after: Severity | null;
};

export type DataChangeList = { readonly changes: readonly DataChange[]; readonly nextPage: string | null };

export type AffectedRange = {
  readonly namespace: string;
  readonly package: string;
  readonly introduced: string | null;
  readonly fixedIn: string | null;
  readonly lastAffected: string | null;
  readonly status: Status;
  readonly severity: Severity;
  readonly severityFrom: SeverityOrigin;
};

export type VulnerabilityOfFeeds = {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly cves: readonly ReportCve[];
  readonly feeds: readonly {
    readonly feed: string;
    readonly link: string;
    readonly description: string;
    readonly severity: Severity;
    readonly affected: readonly AffectedRange[];
  }[];
};

export type VulnerabilityInBrief = {
  readonly id: string;
  /** The worst of whatever feed and release. */
  readonly severity: Severity;
  readonly feeds: readonly string[];
  readonly description: string;
};

export type VulnerabilityList = {
  readonly vulnerabilities: readonly VulnerabilityInBrief[];
  readonly nextPage: string | null;
};

/** An image in which a package with a vulnerability is installed, with the findings of its report that are about it. */
export type AffectedImage = Pick<ImageSummary, 'digest' | 'reference' | 'platform' | 'scannedAt'> & {
  readonly findings: readonly ImageFinding[];
};

export type ImageFinding = {
  readonly package: string;
  readonly version: string;
  readonly arch: string;
  readonly namespace: string;
  readonly severity: Severity;
  readonly status: Status;
  readonly fixedIn: string | null;
  /** The index of the layer that brought it; the base has 0. */
  readonly layer: number;
  readonly createdBy: string;
  readonly isSuppressed: boolean;
};

/** A page of it may be empty, and lead on all the same. */
export type AffectedImageList = { readonly images: readonly AffectedImage[]; readonly nextPage: string | null };

export type ImageChangeKind = 'new' | 'fixed' | 'withdrawn' | 'rescored';

/** A finding of an image as it is, or as it was. */
export type FindingState = Pick<ImageFinding, 'version' | 'severity' | 'status' | 'fixedIn'>;

export type ImageChange = {
  readonly kind: ImageChangeKind;
  /** Whether another image is under the reference, or the feeds changed what they say. */
  readonly cause: 'image' | 'data';
  /** When the data changed, ISO 8601; null where the image did. */
  readonly at: string | null;
  readonly feed: string;
  readonly vulnerability: string;
  readonly package: string;
  readonly before: FindingState | null;
  readonly after: FindingState | null;
};

/** What changed for an image since a time. */
export type ImageChanges = {
  readonly since: string;
  /** The image of the same reference and platform at that time; null where none was known then. */
  readonly comparedWith: Pick<ImageSummary, 'digest' | 'scannedAt'> | null;
  /** When an image of this name was first read, where that is later than `since`: changes begin then. */
  readonly baseline: string | null;
  /** False where the log of changes does not go back that far; then `knownFrom` is how far it does. */
  readonly isWhole: boolean;
  readonly knownFrom: string | null;
  readonly changes: readonly ImageChange[];
};

/** A notification, and how far its delivery has come. */
export type ListedNotification = {
  readonly name: string;
  readonly kind: string;
  readonly feed: string;
  readonly vulnerability: string;
  readonly createdAt: string;
  readonly notifiedAt: string | null;
  readonly readAt: string | null;
  /** Those that failed since it was delivered last or retried. */
  readonly attempts: number;
  readonly error: string | null;
  readonly dueAt: string | null;
  /** Those that took it: `webhook`, `amqp`. */
  readonly channels: readonly string[];
  /** The first one and reminders. */
  readonly deliveries: number;
  /** Delivered or failed. */
  readonly totalAttempts: number;
  /** The last one; `at` is null where it is not known. */
  readonly lastFailure: { readonly at: string | null; readonly reason: string } | null;
};

export type NotificationList = {
  readonly notifications: readonly ListedNotification[];
  readonly nextPage: string | null;
};

/** The notifications that are back in the queue: how many, and the names of some. */
export type RetriedNotifications = { readonly retried: number; readonly names: readonly string[] };

export type FeedRow = FeedSummary & { readonly state: string; readonly holds: string | null };

export type ServerStatus = {
  readonly version: string;
  /** What the token of the page may do. */
  readonly access: 'full' | 'read-only';
  readonly queue: { readonly queued: number; readonly reading: number };
};
