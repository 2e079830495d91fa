import type { Distribution } from '../releases/distribution.ts';
import type { Enrichments } from '../enrichment.ts';
import type { LibraryFlag } from '../feature.ts';
import type { FindingClass } from './finding-class.ts';
import type { FindingReachability } from './finding-reachability.ts';
import type { ReportCounts } from './finding-counts.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { Severity, SeverityOrigin } from '../severity.ts';
import type { FeedSummary } from './feed-summary.ts';
import type { NoteKind, Status } from '../advisories/status.ts';

/** The report of an image. The field names are stable in the JSON format; fields may only be added. */
export type Report = {
  readonly schemaVersion: 2;
  /** The time of the report (ISO 8601); the report uses the feed data from that time. */
  readonly createdAt: string;
  readonly clairVersion: string;
  readonly target: {
    readonly kind: string;
    readonly reference: string;
    readonly digest: string;
    readonly platform: string;
  };
  readonly distribution: Distribution | null;
  /** The repositories of the packages, if the image names them (Red Hat). */
  readonly contentSets: readonly string[];
  readonly layers: readonly ReportLayer[];
  /**
   * Whether Clair compared the layers with their digests, now or when it stored them. Uncompressed layers of a local
   * archive are only read in part, unless `--verify` is set.
   */
  readonly layersVerified: boolean;
  readonly packages: readonly ReportPackage[];
  /** Counts without suppressed findings. */
  readonly counts: ReportCounts;
  readonly findings: readonly ReportFinding[];
  /** Suppressed findings with their rule; they are not counted as findings. */
  readonly suppressed: readonly SuppressedFinding[];
  /**
   * Pairs of vulnerability and package for which the feed does not state whether the package is affected; lists the
   * first {@link MAX_LISTED_UNDECIDED}.
   */
  readonly undecided: { readonly count: number; readonly listed: readonly ReportUndecided[] };
  /**
   * Advisories that are not vulnerabilities, such as the end of a package's maintenance; they are never counted as
   * findings.
   */
  readonly notes: readonly ReportNote[];
  /** The feeds that packages were checked against: one entry per namespace of the image, by name. */
  readonly coverage: readonly ReportCoverage[];
  readonly feeds: readonly ReportFeed[];
  readonly diagnostics: readonly (Diagnostic & { readonly incomplete: boolean })[];
};

export type ReportLayer = {
  readonly index: number;
  readonly digest: string;
  readonly diffId: string;
  /** The instruction that created the layer, from the history of the image. */
  readonly createdBy: string;
  readonly origin: LayerOrigin;
  /** Bytes as stored in the image, compressed or not; null if unknown. */
  readonly size: number | null;
  readonly packagesAdded: number;
  readonly packagesRemoved: number;
  /** The programs that the layer added and whose origin is unknown (`executable-origin-unknown`). */
  readonly unknownExecutables: number;
};

/** Whether a layer belongs to the base image or to the image itself (docs/reference/report.md). */
export type LayerOrigin = 'base' | 'own' | 'unknown';

export type ReportPackage = {
  /** The namespace of the package; null if no feed can cover it, such as a third-party package. */
  readonly namespace: string | null;
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  readonly type: string;
  readonly purl: string;
  readonly source: { readonly name: string; readonly version: string };
  /** Paths in the image; empty for packages of a package database. */
  readonly paths: readonly string[];
  /** For a library: whether it is, at all its paths, only for development, bundled in another package, or vendored. */
  readonly flags: readonly LibraryFlag[];
  /** The names that a library of uncertain group may have in advisories; empty for other packages. */
  readonly candidates: readonly string[];
  /**
   * The distribution package that owns the files at all paths; null if not all files are owned by one package.
   */
  readonly owner: PackageOwner | null;
  /** The index of the layer that added the current version. */
  readonly layer: number;
};

/**
 * A distribution package that owns the files of a library; name and version are null if only the type of the package is
 * known.
 */
export type PackageOwner = { readonly type: string; readonly name: string | null; readonly version: string | null };

export type ReportFinding = FindingReachability & {
  /** The best-known name: the first of a CVE ID, a GHSA ID and the identifier of an advisory. */
  readonly id: string;
  /** The other names of the vulnerability, sorted. The CVEs of an erratum are in `cves` instead. */
  readonly aliases: readonly string[];
  /** The CVEs of the finding: its own ID, or the CVEs that an advisory fixes. */
  readonly cves: readonly ReportCve[];
  readonly namespace: string;
  readonly severity: Severity;
  readonly severityFrom: SeverityOrigin;
  readonly status: Status;
  /** The risk from 0 to 100 with one decimal: severity, CVSS, EPSS and KEV combined (`riskOf`). */
  readonly risk: number;
  /** Whether the finding is in kernel headers, which gates exclude by default. */
  readonly class: FindingClass;
  /** The package URL type of the package. */
  readonly type: string;
  readonly package: string;
  readonly version: string;
  readonly purl: string;
  /** The candidates of a library of uncertain group that the advisories are about; empty for other packages. */
  readonly candidates: readonly string[];
  /** The matched paths in the image; empty for packages from a package database. */
  readonly paths: readonly string[];
  readonly source: { readonly name: string; readonly version: string };
  /** The first version of the source package that no advisory affects; null without a fix. */
  readonly fixedIn: string | null;
  readonly layer: number;
  readonly link: string;
  /** The URLs of all advisories about the vulnerability, `link` first. */
  readonly links: readonly string[];
  readonly description: string;
};

export type SuppressedFinding = ReportFinding & { readonly suppression: ReportSuppression };

/** The rule that suppressed a finding. */
export type ReportSuppression = {
  /** `sbom`: a VEX statement in the SBOM itself. */
  readonly by: 'ignore' | 'openvex' | 'csaf' | 'sbom' | 'attestation';
  /** The file, with the line or the statement. */
  readonly where: string;
  /** The justification code of a VEX document; null without a code. */
  readonly justification: string | null;
  /** The reason in words; empty without a reason. */
  readonly reason: string;
  readonly author: string | null;
  /** The last day of the rule, `YYYY-MM-DD`; null without an end. */
  readonly expires: string | null;
};

/** The enrichments of a CVE: CVSS scores, EPSS and KEV. */
export type ReportCve = { readonly id: string } & Enrichments;

/** A package for which a feed does not state whether a vulnerability affects it: neither a finding nor unaffected. */
export type ReportUndecided = Pick<
  ReportFinding,
  'id' | 'namespace' | 'status' | 'package' | 'version' | 'purl' | 'source' | 'layer'
> & {
  /** The name of the feed ({@link ReportFeed}) that does not state whether the package is affected. */
  readonly reportedBy: string;
};

/** An advisory about a package, but not about a vulnerability (RustSec informational advisories). */
export type ReportNote = Pick<
  ReportFinding,
  'id' | 'namespace' | 'type' | 'package' | 'version' | 'purl' | 'paths' | 'layer' | 'link' | 'description'
> & { readonly kind: NoteKind };

/** Maximum number of undecided pairs in a report; `count` includes all pairs. */
export const MAX_LISTED_UNDECIDED = 1000;

export type ReportCoverage = {
  /** `debian:12`, `npm`; null for packages that no feed can cover, such as third-party packages. */
  readonly namespace: string | null;
  readonly packages: number;
  /** The feeds that cover the namespace, by name; without feeds, the packages in the namespace were not checked. */
  readonly feeds: readonly string[];
};

export type ReportFeed = FeedSummary & {
  /** Whether the feed covers a namespace of the image. */
  readonly isUsed: boolean;
  /** Whether the feed lists only fixed vulnerabilities, so that unfixed vulnerabilities are missing. */
  readonly listsFixedOnly: boolean;
};
