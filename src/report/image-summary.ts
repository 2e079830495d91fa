import type { KnownImage } from '../database/known-images.ts';
import { isIncomplete } from '../model/problem.ts';
import type { Report } from '../model/report.ts';
import { SEVERITIES, type Severity } from '../model/severity.ts';

/** What a list of images says of one: the names are a contract with whoever reads the JSON of the API. */
export type ImageSummary = Pick<Report['target'], 'digest' | 'reference' | 'platform'> &
  Pick<Report, 'distribution'> & {
    /** ISO 8601. */
    readonly scannedAt: string;
    /** How many there are. */
    readonly layers: number;
    readonly packages: number;
    /** The findings by severity, without those that a rule suppresses. */
    readonly severities: Readonly<Record<Severity, number>>;
    readonly suppressed: number;
    /** The findings that an upgrade repairs, and those that are known to be exploited. */
    readonly fixable: number;
    readonly kev: number;
    readonly isIncomplete: boolean;
    readonly problems: number;
  };

/** Puts the report of a known image in numbers. */
export function imageSummary({ scannedAt }: Pick<KnownImage, 'scannedAt'>, report: Report): ImageSummary {
  const { target, distribution, layers, packages, vulnerabilities, suppressed, problems } = report;
  const severities = SEVERITIES.map((severity) => [
    severity,
    vulnerabilities.filter((finding) => finding.severity === severity).length,
  ]);
  return {
    digest: target.digest,
    reference: target.reference,
    platform: target.platform,
    distribution,
    scannedAt: new Date(scannedAt).toISOString(),
    layers: layers.length,
    packages: packages.length,
    severities: Object.fromEntries(severities),
    suppressed: suppressed.length,
    fixable: vulnerabilities.filter(({ fixedIn }) => fixedIn !== null).length,
    kev: vulnerabilities.filter(({ cves }) => cves.some(({ kev }) => kev !== undefined)).length,
    isIncomplete: isIncomplete(problems),
    problems: problems.length,
  };
}
