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

/** The report of an image. The field names of the JSON format are stable; fields may only be added. */
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
   * Whether Clair compared the layers with their digests, in this run or when it stored the layers. Clair reads only
   * parts of layers of registries with partial fetch and, unless `--verify` is set, only parts of uncompressed layers
   * of a local archive.
   */
  readonly layersVerified: boolean;
  readonly packages: readonly ReportPackage[];
  /** The counts of the findings, without suppressed findings. */
  readonly counts: ReportCounts;
  readonly findings: readonly ReportFinding[];
  /** The suppressed findings with their rules; the counts do not include suppressed findings. */
  readonly suppressed: readonly SuppressedFinding[];
  /**
   * The pairs of a vulnerability and a package for which it is unknown whether the package is affected. `listed`
   * contains the first {@link MAX_LISTED_UNDECIDED} pairs.
   */
  readonly undecided: { readonly count: number; readonly listed: readonly ReportUndecided[] };
  /**
   * The advisories that are not about vulnerabilities, but for example about the end of a package's maintenance. These
   * advisories never count as findings.
   */
  readonly notes: readonly ReportNote[];
  /**
   * The feeds that packages were checked against. There is an entry for each namespace of the image, sorted by name.
   */
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
  /** The number of bytes in the image, compressed or not; null if unknown. */
  readonly size: number | null;
  readonly packagesAdded: number;
  readonly packagesRemoved: number;
  /** The programs of unknown origin that the layer added (`executable-origin-unknown`). */
  readonly unknownExecutables: number;
};

/** Whether a layer belongs to the base image or to the image itself (docs/reference/report.md). */
export type LayerOrigin = 'base' | 'own' | 'unknown';

export type ReportPackage = {
  /** The namespace of the package; null if no feed can cover the package, such as a third-party package. */
  readonly namespace: string | null;
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  readonly type: string;
  readonly purl: string;
  readonly source: { readonly name: string; readonly version: string };
  /** Paths in the image; empty for packages of a package database. */
  readonly paths: readonly string[];
  /**
   * The flags that a library has at all its paths: only for development, bundled in another package, or vendored. Empty
   * for other packages.
   */
  readonly flags: readonly LibraryFlag[];
  /** The names that a library of uncertain group may have in advisories; empty for other packages. */
  readonly candidates: readonly string[];
  /**
   * The distribution package that owns the files at all paths; null if no single package owns all files.
   */
  readonly owner: PackageOwner | null;
  /** The index of the layer that added the current version. */
  readonly layer: number;
};

/**
 * A distribution package that owns the files of a library. The name and version are null if only the type of the
 * package is known.
 */
export type PackageOwner = { readonly type: string; readonly name: string | null; readonly version: string | null };

export type ReportFinding = FindingReachability & {
  /** The best-known name: a CVE ID if there is one, otherwise a GHSA ID, otherwise the identifier of an advisory. */
  readonly id: string;
  /** The other names of the vulnerability, sorted. The CVEs of an erratum are in `cves` instead. */
  readonly aliases: readonly string[];
  /** The CVEs of the finding: its own ID, or the CVEs that an erratum fixes. */
  readonly cves: readonly ReportCve[];
  readonly namespace: string;
  readonly severity: Severity;
  readonly severityFrom: SeverityOrigin;
  readonly status: Status;
  /** The risk from 0 to 100 with one decimal, which combines severity, CVSS, EPSS and KEV (`riskOf`). */
  readonly risk: number;
  /** The class of the finding; gates exclude findings in kernel headers by default. */
  readonly class: FindingClass;
  /** The package URL type of the package. */
  readonly type: string;
  readonly package: string;
  readonly version: string;
  readonly purl: string;
  /** The candidates of a library of uncertain group that the advisories name; empty for other packages. */
  readonly candidates: readonly string[];
  /** The matched paths in the image; empty for packages from a package database. */
  readonly paths: readonly string[];
  readonly source: { readonly name: string; readonly version: string };
  /** The lowest fixed version of the package or its source package that no advisory affects; null without a fix. */
  readonly fixedIn: string | null;
  readonly layer: number;
  readonly link: string;
  /** The URLs of all advisories about the vulnerability; `link` comes first. */
  readonly links: readonly string[];
  readonly description: string;
};

export type SuppressedFinding = ReportFinding & { readonly suppression: ReportSuppression };

/** The rule that suppressed a finding. */
export type ReportSuppression = {
  /**
   * The kind of the rule; `sbom` is a VEX statement in the SBOM itself, and `attestation` a VEX statement attached to
   * the image.
   */
  readonly by: 'ignore' | 'openvex' | 'csaf' | 'sbom' | 'attestation';
  /** The place of the rule: the line or statement in a document, or the name of the rule in the database. */
  readonly where: string;
  /** The justification code of a VEX document; null without a code. */
  readonly justification: string | null;
  /** The reason in words; empty without a reason. */
  readonly reason: string;
  readonly author: string | null;
  /** The last day of the rule in the form `YYYY-MM-DD`; null if the rule does not expire. */
  readonly expires: string | null;
};

/** The enrichments of a CVE: CVSS scores, EPSS and KEV. */
export type ReportCve = { readonly id: string } & Enrichments;

/**
 * A package for which it is unknown whether a vulnerability affects the package: the feed does not state this, or an
 * SBOM lacks the epoch that the comparison needs. The package is not a finding, but it does not count as unaffected
 * either.
 */
export type ReportUndecided = Pick<
  ReportFinding,
  'id' | 'namespace' | 'status' | 'package' | 'version' | 'purl' | 'source' | 'layer'
> & {
  /** The name of the feed ({@link ReportFeed}) whose advisory is about the package. */
  readonly reportedBy: string;
};

/** An advisory about a package, but not about a vulnerability (RustSec informational advisories). */
export type ReportNote = Pick<
  ReportFinding,
  'id' | 'namespace' | 'type' | 'package' | 'version' | 'purl' | 'paths' | 'layer' | 'link' | 'description'
> & { readonly kind: NoteKind };

/** The maximum number of undecided pairs in a report; `count` includes all pairs. */
export const MAX_LISTED_UNDECIDED = 1000;

export type ReportCoverage = {
  /**
   * The namespace, such as `debian:12` or `npm`; null for packages that no feed can cover, such as third-party
   * packages.
   */
  readonly namespace: string | null;
  readonly packages: number;
  /**
   * The feeds that cover the namespace, sorted by name. Without feeds, the packages in the namespace were not checked.
   */
  readonly feeds: readonly string[];
};

export type ReportFeed = FeedSummary & {
  /** Whether the feed covers a namespace of the image. */
  readonly isUsed: boolean;
  /** Whether the feed lists only fixed vulnerabilities, so that unfixed vulnerabilities are missing. */
  readonly listsFixedOnly: boolean;
};
