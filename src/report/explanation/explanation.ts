import type { AffectedPackage } from '../../model/advisories/advisory.ts';
import type { FindingReachability } from '../../model/report/finding-reachability.ts';
import type {
  PackageOwner,
  Report,
  ReportCve,
  ReportLayer,
  ReportSuppression,
  ReportFinding,
} from '../../model/report/report.ts';
import type { Severity, SeverityOrigin } from '../../model/severity.ts';
import type { RuleOutcome } from './rule-outcome.ts';

/**
 * An explanation of why a vulnerability does or does not affect an image. New versions may add fields, but not change
 * or remove fields.
 */
export type Explanation = Pick<Report, 'target' | 'distribution' | 'diagnostics'> & {
  readonly schemaVersion: 2;
  readonly id: string;
  readonly verdict: Verdict;
  /** The verdict in a sentence. */
  readonly why: string;
  /** The installed packages that feeds list for the vulnerability, affected packages first. */
  readonly packages: readonly ExplainedPackage[];
  /** The CVEs of the vulnerability, with the CVSS scores, EPSS and KEV that determine the severity and the risk. */
  readonly cves: readonly ExplainedCve[];
  /** The state of the enrichment feeds; `updatedAt` is null for a feed without data. */
  readonly facts: readonly { readonly name: string; readonly updatedAt: string | null; readonly isStale: boolean }[];
  /** The advisories of the feeds about the vulnerability. */
  readonly records: readonly ExplainedRecord[];
};

/**
 * - `affected`: the vulnerability is a finding;
 * - `suppressed`: a rule suppresses the finding;
 * - `undecided`: a feed does not state, or Clair cannot determine, whether the installed version is affected;
 * - `not-affected`: listed packages are installed, but no affected range applies to them; or the image does not have
 *   the state of a file that a file rule requires;
 * - `not-installed`: no listed package is installed;
 * - `not-listed`: feeds list the vulnerability, but for no package of the image's release;
 * - `no-data`: no feed covers the release or the package, or the release is unknown;
 * - `unknown`: no stored feed lists the vulnerability.
 */
export type Verdict =
  | 'affected'
  | 'suppressed'
  | 'undecided'
  | 'not-affected'
  | 'not-installed'
  | 'not-listed'
  | 'no-data'
  | 'unknown';

/** A CVE with its enrichments, and its English description and day of publication (`YYYY-MM-DD`) in the NVD. */
export type ExplainedCve = ReportCve & { readonly description: string | null; readonly published: string | null };

export type ExplainedPackage = FindingReachability &
  Pick<ReportFinding, 'type' | 'package' | 'version' | 'source'> & {
    readonly arch: string;
    /** The path in the image; empty for packages of a package database. */
    readonly path: string;
    /** The possible names in advisories of a library whose group is uncertain; empty for other packages. */
    readonly candidates: readonly string[];
    /** The distribution package that owns the file; null if no package owns the file. */
    readonly owner: PackageOwner | null;
    readonly namespace: string;
    readonly verdict: Extract<Verdict, 'affected' | 'suppressed' | 'undecided' | 'not-affected'>;
    /** The layer that added the installed version. */
    readonly layer: Pick<ReportLayer, 'index' | 'createdBy' | 'origin'>;
    /**
     * The identifiers of the package's findings in the report, suppressed or not; an identifier can differ from the
     * explained identifier.
     */
    readonly findings: readonly string[];
    /** The severity of the finding and its origin; null if the package has no finding. */
    readonly severity: Severity | null;
    readonly severityFrom: SeverityOrigin | null;
    /** The risk of the finding, from 0 to 100; null if the package has no finding. */
    readonly risk: number | null;
    readonly rules: readonly ExplainedRule[];
    /** The rule that suppresses the finding, if any. */
    readonly suppression: ReportSuppression | null;
  };

/** An affected version range of a feed, with its outcome for a package. */
export type ExplainedRule = Pick<AffectedPackage, 'severity' | 'status'> & {
  readonly severityFrom: SeverityOrigin;
  readonly feed: string;
  /** The identifier of the advisory: the CVE itself, or an erratum that fixes the CVE. */
  readonly vulnerability: string;
  /** The package name in the advisory. */
  readonly name: string;
  /** Whether `name` is the name of a source package. */
  readonly isOfSource: boolean;
  /** The installed version of the package or source package `name`. */
  readonly installed: string;
  /** The first affected version; `0` if the range has no start. */
  readonly from: string;
  /** The end of the range; `∞` if the range has no end. */
  readonly to: string;
  /** Whether `to` itself is affected, because the advisory names the last affected version. */
  readonly isToAffected: boolean;
  /** The product that the rule is limited to; null for all products. */
  readonly product: string | null;
  readonly outcome: RuleOutcome;
  /** The outcome in a sentence. */
  readonly why: string;
};

export type ExplainedRecord = {
  readonly feed: string;
  readonly name: string;
  readonly aliases: readonly string[];
  readonly link: string;
  readonly description: string;
  /** The namespaces with affected packages. */
  readonly namespaces: readonly string[];
};
