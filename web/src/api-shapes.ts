import type { Distribution } from '../../src/model/releases/distribution.ts';
import type { Report, ReportCve, ReportFinding, ReportLayer, ReportPackage } from '../../src/model/report/report.ts';
import type { Severity, SeverityOrigin } from '../../src/model/severity.ts';
import type { FeedSummary } from '../../src/model/report/feed-summary.ts';
import type { Status } from '../../src/model/advisories/status.ts';

/** The error in a `/v2` response. The shape of a report is in `src/model/report/report.ts`. */
export type ApiFault = { readonly code: string; readonly message: string; readonly remedy: string };

/** A submitted image and its progress. */
export type Submission = {
  readonly id: string;
  readonly target: string;
  readonly platform: string | null;
  readonly state: 'queued' | 'reading' | 'done' | 'failed';
  readonly layers: { readonly total: number; readonly done: number; readonly known: number };
  readonly images: readonly string[];
  readonly error: ApiFault | null;
  /** The time of the submission (ISO 8601). */
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
  /** The state of the counts, which are null unless the state is `counted`. */
  readonly countState: 'counted' | 'waiting' | 'failed';
  /** Whether the counts are up to date. */
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
  /** Whether all indexed images have current counts. */
  readonly isCurrent: boolean;
};

/** The overview, with the numbers of images, feeds and recent changes. */
export type Overview = {
  readonly images: Readonly<Record<'total' | 'exploited' | 'fixableHigh' | 'incomplete' | 'waiting', number>>;
  readonly isCurrent: boolean;
  /** The images with the most findings in KEV, then with the most findings of the worst severity. */
  readonly worst: readonly ImageSummary[];
  readonly endOfLife: readonly { readonly namespace: string; readonly endedOn: string; readonly images: number }[];
  readonly feeds: {
    readonly fresh: number;
    readonly failing: readonly FeedAge[];
    readonly neverUpdated: number;
    /** The NVD, EPSS and KEV feeds in any state. */
    readonly enrichments: readonly FeedAge[];
  };
  /** The changes of the last 7 days. `isWhole` is false if changes of advisories might be missing. */
  readonly week: {
    readonly since: string;
    readonly scanned: number;
    readonly advisories: Readonly<Record<'added' | 'changed' | 'withdrawn', number>>;
    readonly isWhole: boolean;
  };
};

export type ImageWithHistory = ImageSummary & {
  /** The other images with the same reference, most recently scanned first. */
  readonly history: readonly Pick<ImageSummary, 'digest' | 'platform' | 'scannedAt'>[];
};

export type GraphPackage = { readonly type: string; readonly name: string; readonly version: string };

export type GraphFinding = Pick<ReportFinding, 'id' | 'severity' | 'status' | 'package' | 'version' | 'fixedIn'> & {
  readonly isSuppressed: boolean;
};

export type GraphLayer = Pick<ReportLayer, 'index' | 'createdBy' | 'origin' | 'size'> & {
  readonly added: readonly GraphPackage[];
  readonly removed: readonly GraphPackage[];
  readonly brings: readonly GraphFinding[];
  readonly repairs: readonly GraphFinding[];
};

/**
 * A version line, which contains the versions of a package name in a namespace between 0 and ∞, in the order of the
 * package manager.
 */
export type GraphLine = {
  readonly namespace: string;
  readonly name: string;
  readonly versions: readonly string[];
  readonly points: readonly GraphPoint[];
  readonly intervals: readonly GraphInterval[];
};

/** An installed version of these packages, with the layer that adds it, and the layer that removes it, if any. */
export type GraphPoint = {
  readonly version: string;
  readonly layer: number;
  readonly until: number | null;
  readonly packages: readonly string[];
};

/** Affected versions, from `from` (or `0`) up to but excluding `to` (or `∞`); with `isToAffected`, including `to`. */
export type GraphInterval = {
  readonly vulnerability: string;
  readonly from: string;
  readonly to: string;
  readonly isToAffected: boolean;
  readonly severity: Severity;
};

export type ImageGraph = { readonly layers: readonly GraphLayer[]; readonly lines: readonly GraphLine[] };

/**
 * A change of an advisory, with the worst severity before and after the change. A severity is null if there was no
 * advisory.
 */
export type DataChange = {
  readonly feed: string;
  readonly vulnerability: string;
  readonly kind: string;
  readonly at: string;
  readonly isInitial: boolean;
  readonly before: Severity | null;
  readonly after: Severity | null;
};

/** The first import of a feed. `changes` is a minimum unless `isWhole` is true. */
export type HiddenImport = { readonly feed: string; readonly changes: number; readonly isWhole: boolean };

export type DataChangeList = {
  readonly changes: readonly DataChange[];
  readonly nextPage: string | null;
  /** The first imports that the list leaves out; absent if the list contains first imports. */
  readonly firstImports?: readonly HiddenImport[];
  /** Whether the list of changes in indexed images is complete; absent for the list of all changes. */
  readonly isCurrent?: boolean;
};

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
  readonly title: string;
  /** The description of the first feed that provides one, otherwise of the NVD. */
  readonly description: string;
  /** The worst severity of all feeds and releases. */
  readonly severity: Severity;
  /** The number of indexed images with an unsuppressed finding. */
  readonly images: number;
  /** Whether `images` is up to date. */
  readonly isCurrent: boolean;
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
  /**
   * The worst severity of all feeds and releases. In a list sorted by severity or images, the worst severity of the
   * findings in images.
   */
  readonly severity: Severity;
  /** The number of indexed images with an unsuppressed finding. */
  readonly images: number;
  readonly feeds: readonly string[];
  readonly description: string;
};

export type VulnerabilityList = {
  readonly vulnerabilities: readonly VulnerabilityInBrief[];
  readonly nextPage: string | null;
  /** Whether the numbers of images are up to date. */
  readonly isCurrent: boolean;
};

/** An image with a vulnerable package, and its findings about the vulnerability. */
export type AffectedImage = Pick<ImageSummary, 'digest' | 'reference' | 'platform' | 'scannedAt'> & {
  readonly findings: readonly ImageFinding[];
};

export type ImageFinding = {
  readonly type: string;
  readonly package: string;
  readonly version: string;
  readonly arch: string;
  /** The matched paths in the image; empty for packages from a package database. */
  readonly paths: readonly string[];
  readonly namespace: string;
  readonly severity: Severity;
  readonly status: Status;
  readonly fixedIn: string | null;
  /** The index of the layer that added the package; layer 0 is the lowest layer. */
  readonly layer: number;
  readonly createdBy: string;
  readonly isSuppressed: boolean;
};

/** A page of the affected images. Even an empty page can have a next page. */
export type AffectedImageList = { readonly images: readonly AffectedImage[]; readonly nextPage: string | null };

/** An upgrade that fixes findings of an image. */
export type ImageUpgrade = {
  readonly type: string;
  readonly namespace: string;
  /** The name of the source package or library. */
  readonly name: string;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  readonly version: string;
  readonly layers: readonly number[];
  /** Null if Clair knows no safe command. */
  readonly command: string | null;
  readonly severities: Partial<Readonly<Record<Severity, number>>>;
  /** The number of fixed findings whose vulnerabilities are known to be exploited (KEV). */
  readonly exploited: number;
  readonly vulnerabilities: readonly string[];
};

export type ImageUpgrades = {
  /** The upgrades, the most urgent upgrade first. */
  readonly upgrades: readonly ImageUpgrade[];
  /** The number of findings that the upgrades fix. `findings` is the number of all findings. */
  readonly fixes: number;
  readonly findings: number;
};

export type ImageChangeKind = 'new' | 'fixed' | 'withdrawn' | 'rescored';

/** A finding before or after a change. */
export type FindingState = Pick<ImageFinding, 'version' | 'severity' | 'status' | 'fixedIn'>;

export type ImageChange = {
  readonly kind: ImageChangeKind;
  /** `image` if the image changed, and `data` if the feed data changed. */
  readonly cause: 'image' | 'data';
  /** The time at which the feed data changed (ISO 8601); null if the image changed, or if the time is unknown. */
  readonly at: string | null;
  readonly feed: string;
  readonly vulnerability: string;
  readonly type: string;
  readonly package: string;
  readonly before: FindingState | null;
  readonly after: FindingState | null;
};

/** The changes of an image since a time. */
export type ImageChanges = {
  readonly since: string;
  /**
   * The image with the same reference and platform at `baseline` or, if `baseline` is null, at `since`; null if the
   * database does not contain this image.
   */
  readonly comparedWith: Pick<ImageSummary, 'digest' | 'scannedAt'> | null;
  /**
   * The time at which the first image with this reference and platform was indexed, if later than `since`; the changes
   * start at this time.
   */
  readonly baseline: string | null;
  /**
   * Whether all data changes since `since` or `baseline` were read. If not, `knownFrom` is the time from which they
   * were read.
   */
  readonly isWhole: boolean;
  readonly knownFrom: string | null;
  readonly changes: readonly ImageChange[];
};

export type ListedNotification = {
  readonly name: string;
  readonly kind: string;
  readonly feed: string;
  readonly vulnerability: string;
  readonly createdAt: string;
  readonly notifiedAt: string | null;
  readonly readAt: string | null;
  /** The number of failed attempts since the last delivery or retry. */
  readonly attempts: number;
  readonly error: string | null;
  readonly dueAt: string | null;
  /** The channels that accepted the notification, such as `webhook` or `amqp`. */
  readonly channels: readonly string[];
  /** The number of deliveries, including reminders. */
  readonly deliveries: number;
  /** The number of all attempts, whether successful or failed. */
  readonly totalAttempts: number;
  /** The last failed attempt; `at` is null if unknown. */
  readonly lastFailure: { readonly at: string | null; readonly reason: string } | null;
};

export type NotificationList = {
  readonly notifications: readonly ListedNotification[];
  readonly nextPage: string | null;
};

/** The number of notifications that were put back in the queue, and at most 1,000 of their names. */
export type RetriedNotifications = { readonly retried: number; readonly names: readonly string[] };

/**
 * An ignore rule of the database. A null condition does not restrict the rule; any other null field is not set or
 * unknown.
 */
export type IgnoreRule = {
  readonly name: string;
  readonly id: readonly string[] | null;
  readonly package: string | null;
  readonly layer: string | null;
  readonly image: string | null;
  readonly reason: string;
  readonly author: string | null;
  /** The last day of the rule, in the form `YYYY-MM-DD`. */
  readonly expires: string | null;
  readonly createdAt: string;
  readonly createdBy: string | null;
  readonly endedAt: string | null;
  readonly endedBy: string | null;
  readonly state: string;
};

export type IgnoreRuleList = { readonly ignoreRules: readonly IgnoreRule[]; readonly nextPage: string | null };

/** The comparison of two images. */
export type ImageDifference = {
  readonly before: ComparedImage;
  readonly after: ComparedImage;
  /** The number of equal layers, counted from the base. */
  readonly sharedLayers: number;
  readonly packages: {
    readonly added: readonly ReportPackage[];
    readonly removed: readonly ReportPackage[];
    readonly changed: readonly PackageDifference[];
  };
  readonly findings: {
    readonly added: readonly ComparedFinding[];
    readonly removed: readonly ComparedFinding[];
    readonly changed: readonly FindingDifference[];
    /** The number of findings in both images with the same severity, status and fixed version. */
    readonly unchanged: number;
  };
};

export type ComparedImage = Pick<Report, 'target' | 'distribution' | 'diagnostics'> & {
  readonly layers: readonly Pick<ReportLayer, 'createdBy'>[];
};

type PackageDifference = Pick<ReportPackage, 'name' | 'type'> & {
  readonly before: Pick<ReportPackage, 'version'>;
  readonly after: Pick<ReportPackage, 'version'>;
};

/** A finding that only one of the images has, and the reason why the other image does not have it. */
export type ComparedFinding = ReportFinding & { readonly cause: string };

export type FindingDifference = { readonly before: ReportFinding; readonly after: ReportFinding };

/** The state of a feed, and the age of its data in seconds (null without data). */
export type FeedAge = Pick<FeedRow, 'name' | 'state' | 'ageSeconds'>;

export type FeedRow = FeedSummary & { readonly state: string; readonly holds: string | null };

export type ServerStatus = {
  readonly version: string;
  /** The access that the token grants. */
  readonly access: 'full' | 'read-only';
  readonly queue: { readonly queued: number; readonly reading: number };
};
