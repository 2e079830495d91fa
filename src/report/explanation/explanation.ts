import type { AffectedPackage } from '../../model/advisories/advisory.ts';
import type { Report, ReportCve, ReportLayer, ReportSuppression, ReportFinding } from '../../model/report/report.ts';
import type { SeverityOrigin } from '../../model/severity.ts';
import type { RuleOutcome } from './rule-outcome.ts';

/** Why a vulnerability is a finding of an image, or why it is none. Fields may only be added. */
export type Explanation = Pick<Report, 'target' | 'distribution' | 'diagnostics'> & {
  readonly schemaVersion: 2;
  readonly id: string;
  readonly verdict: Verdict;
  /** The verdict in a sentence. */
  readonly why: string;
  /** The installed packages that feeds speak of under this name, those that are affected first. */
  readonly packages: readonly ExplainedPackage[];
  /** The CVEs that it is about, with every score, EPSS and KEV: what the severity and the risk are made of. */
  readonly cves: readonly ReportCve[];
  /** From when the data is that these are of; null for what was never fetched. */
  readonly facts: readonly { readonly name: string; readonly updatedAt: string | null; readonly isStale: boolean }[];
  /** What the feeds say of it, each in its own words. */
  readonly records: readonly ExplainedRecord[];
};

/**
 * - `affected`: it is a finding; `suppressed`: it was one, until a rule took it out;
 * - `undecided`: a feed does not say yet whether it affects the installed version;
 * - `not-affected`: packages that feeds speak of are installed, all of them outside of what is affected;
 * - `not-installed`: none of the packages that feeds speak of is installed;
 * - `not-listed`: feeds know it, and list no affected package of the image's release;
 * - `no-data`: no feed covers the image's release or the package, or the release is not known;
 * - `unknown`: no feed that was read knows it.
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

export type ExplainedPackage = Pick<ReportFinding, 'package' | 'version' | 'source'> & {
  readonly arch: string;
  readonly namespace: string;
  readonly verdict: Extract<Verdict, 'affected' | 'suppressed' | 'undecided' | 'not-affected'>;
  /** The layer that brought the present version. */
  readonly layer: Pick<ReportLayer, 'index' | 'createdBy' | 'origin'>;
  /** The identifiers of its findings in the report, suppressed or not: the name that is explained may be another one. */
  readonly findings: readonly string[];
  /** The risk of the finding, from 0 to 100; null where it is none. */
  readonly risk: number | null;
  readonly rules: readonly ExplainedRule[];
  /** The rule that took the finding out; null where none did. */
  readonly suppression: ReportSuppression | null;
};

/** One interval that a feed finds affected, and what it means for a package. */
export type ExplainedRule = Pick<AffectedPackage, 'severity' | 'status'> & {
  readonly severityFrom: SeverityOrigin;
  readonly feed: string;
  /** The record of the source that says it: the CVE itself, or an advisory that fixes it. */
  readonly vulnerability: string;
  /** The name that the source uses, and whether it is that of a source package. */
  readonly name: string;
  readonly isOfSource: boolean;
  /** The version of that name that is installed. */
  readonly installed: string;
  /** The first affected version; `0` for all from the beginning. */
  readonly from: string;
  /** Where the affected versions end; `∞` for nowhere. */
  readonly to: string;
  /** Whether `to` is affected itself, as where only the last affected version is told. */
  readonly isToAffected: boolean;
  /** The product that it is limited to; null for all. */
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
  /** The releases in which it finds packages affected. */
  readonly namespaces: readonly string[];
};
