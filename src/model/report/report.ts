import type { Distribution } from '../releases/distribution.ts';
import type { Enrichments } from '../enrichment.ts';
import type { LibraryFlag } from '../feature.ts';
import type { FindingClass } from './finding-class.ts';
import type { ReportCounts } from './finding-counts.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { Severity, SeverityOrigin } from '../severity.ts';
import type { FeedSummary } from './feed-summary.ts';
import type { Status } from '../advisories/status.ts';

/** The report of an image: the names are a contract with whoever reads the JSON form; fields may only be added. */
export type Report = {
  readonly schemaVersion: 2;
  /** When it was made, ISO 8601: what is said is so by the data of that moment. */
  readonly createdAt: string;
  /** The version of Clair that made it. */
  readonly clairVersion: string;
  readonly target: {
    readonly kind: string;
    readonly reference: string;
    readonly digest: string;
    readonly platform: string;
  };
  readonly distribution: Distribution | null;
  /** The repositories that the packages come from, where the image tells them (Red Hat). */
  readonly contentSets: readonly string[];
  readonly layers: readonly ReportLayer[];
  readonly packages: readonly ReportPackage[];
  /** Of the vulnerabilities, without those that are suppressed. */
  readonly counts: ReportCounts;
  readonly findings: readonly ReportFinding[];
  /** Findings that somebody ruled out: they are no vulnerabilities of the report, and stay visible with who said so. */
  readonly suppressed: readonly SuppressedFinding[];
  /** What the feeds do not say yet, or cannot; of the pairs the first {@link MAX_LISTED_UNDECIDED}. */
  readonly undecided: { readonly count: number; readonly listed: readonly ReportUndecided[] };
  /** Which feeds the packages were checked against: one entry for each namespace of the image, by name. */
  readonly coverage: readonly ReportCoverage[];
  readonly feeds: readonly ReportFeed[];
  readonly diagnostics: readonly (Diagnostic & { readonly incomplete: boolean })[];
};

export type ReportLayer = {
  readonly index: number;
  readonly digest: string;
  readonly diffId: string;
  /** The instruction that made it, as the history of the image has it. */
  readonly createdBy: string;
  readonly origin: LayerOrigin;
  /** Bytes as the image stores it, compressed or not; null where that is not told. */
  readonly size: number | null;
  readonly packagesAdded: number;
  readonly packagesRemoved: number;
};

/** Whether a layer came with the base image, or the instructions of this very image made it (docs/report.md). */
export type LayerOrigin = 'base' | 'own' | 'unknown';

export type ReportPackage = {
  /** The release that the package is judged in; null for a package that no feed judges, such as one of a third party. */
  readonly namespace: string | null;
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  readonly type: string;
  readonly purl: string;
  readonly source: { readonly name: string; readonly version: string };
  /** Where it is in the image; empty for packages that the database of a package manager lists. */
  readonly paths: readonly string[];
  /** Of a library: whether it is installed for development only, bundled in another package, or vendored. */
  readonly flags: readonly LibraryFlag[];
  /** The package of the distribution that owns the files at all of its paths; null where there is none, or more than one. */
  readonly owner: PackageOwner | null;
  /** The index of the layer that brought the present version. */
  readonly layer: number;
};

/** One vulnerability in one package, whatever its names and the feeds that list it. */
/** A package of a distribution that owns the files of a library. */
export type PackageOwner = { readonly type: string; readonly name: string; readonly version: string };

export type ReportFinding = {
  /** The name that people search for: the CVE, else the GHSA, else the identifier of an advisory. */
  readonly id: string;
  /** All other names of the vulnerability, sorted; none of an erratum, whose CVEs are `cves`. */
  readonly aliases: readonly string[];
  /** The CVEs that it is about: itself, or those that an advisory fixes. */
  readonly cves: readonly ReportCve[];
  readonly namespace: string;
  readonly severity: Severity;
  /** Where the severity comes from. */
  readonly severityFrom: SeverityOrigin;
  readonly status: Status;
  /** From 0 to 100, with one decimal: severity, CVSS, EPSS and KEV in one number (`riskOf`). */
  readonly risk: number;
  /** Whether it is in kernel headers, which gates leave out unless they are asked for. */
  readonly class: FindingClass;
  /** The type of the package, as its package URL has it. */
  readonly type: string;
  readonly package: string;
  readonly version: string;
  readonly purl: string;
  readonly source: { readonly name: string; readonly version: string };
  /** The first version of the source package that no advisory finds affected; null where no fix exists. */
  readonly fixedIn: string | null;
  readonly layer: number;
  readonly link: string;
  /** The pages of all advisories about the vulnerability, `link` first. */
  readonly links: readonly string[];
  readonly description: string;
};

export type SuppressedFinding = ReportFinding & { readonly suppression: ReportSuppression };

/** The rule that took a finding out of the vulnerabilities. */
export type ReportSuppression = {
  readonly by: 'ignore' | 'openvex' | 'csaf';
  /** The file, with the line or the statement. */
  readonly where: string;
  /** The code of a VEX document for why it does not affect; null where there is none. */
  readonly justification: string | null;
  /** In words of whoever said so; empty where there are none. */
  readonly reason: string;
  readonly author: string | null;
  /** The last day that the rule holds on, `YYYY-MM-DD`; null for one without an end. */
  readonly expires: string | null;
};

/** What is known of a CVE, whatever the package: its CVSS scores, how likely it is exploited, whether it is. */
export type ReportCve = { readonly id: string } & Enrichments;

/** A package of which a feed does not say whether a vulnerability affects it: not a finding, and no all-clear. */
export type ReportUndecided = Pick<
  ReportFinding,
  'id' | 'namespace' | 'status' | 'package' | 'version' | 'purl' | 'source' | 'layer'
> & {
  /** The feed of vulnerabilities that does not say it, as {@link ReportFeed} names it. */
  readonly reportedBy: string;
};

/** How many undecided pairs a report lists; their number is told whole. */
export const MAX_LISTED_UNDECIDED = 1000;

export type ReportCoverage = {
  /** `debian:12`, `npm`; null for packages that no feed can cover, such as those of third parties. */
  readonly namespace: string | null;
  /** How many packages of the image are in the namespace. */
  readonly packages: number;
  /** The feeds that cover it, by name; without one its packages were not checked. */
  readonly feeds: readonly string[];
};

export type ReportFeed = FeedSummary & {
  /** Whether it covers a namespace of the image's packages. */
  readonly isUsed: boolean;
  /** Whether it lists vulnerabilities only once they are fixed, so that unfixed ones are missing from every report. */
  readonly listsFixedOnly: boolean;
};
