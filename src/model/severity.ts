/** The severities of Clair v4 and of other tools, from lowest to highest. */
export const WIDELY_KNOWN_SEVERITIES = ['Unknown', 'Negligible', 'Low', 'Medium', 'High', 'Critical'] as const;

/** The severities of Clair v2 (`Priority` in its API), from lowest to highest. */
export const SEVERITIES: readonly [...typeof WIDELY_KNOWN_SEVERITIES, 'Defcon1'] = [
  ...WIDELY_KNOWN_SEVERITIES,
  'Defcon1',
];

export type Severity = (typeof SEVERITIES)[number];

/**
 * The origin of a severity: the rating of the feed (`feed`), a CVSS score in the advisory of the feed (`cvss`), or the
 * NVD scores of the CVE if the feed has no rating (`nvd`).
 */
export const SEVERITY_ORIGINS = ['feed', 'cvss', 'nvd'] as const;

export type SeverityOrigin = (typeof SEVERITY_ORIGINS)[number];

/** Returns a severity as text, with its origin unless the origin is the feed, such as `High by NVD`. */
export function severityText({ severity, severityFrom }: { severity: Severity; severityFrom: SeverityOrigin }): string {
  return severityFrom === 'feed' ? severity : `${severity} by ${severityFrom.toUpperCase()}`;
}

/**
 * Returns the index of a severity in {@link SEVERITIES}; 0 for Unknown. The database stores and compares these ranks.
 */
export function severityRank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

/** Returns the severity of a rank; Unknown for an invalid rank, which only a damaged database contains. */
export function severityOfRank(rank: number): Severity {
  return SEVERITIES[rank] ?? 'Unknown';
}

/** Returns the highest severity in a list; Unknown for an empty list. */
export function worstSeverity(all: readonly { readonly severity: Severity }[]): Severity {
  return severityOfRank(Math.max(0, ...all.map(({ severity }) => severityRank(severity))));
}

/** Returns a severity for other tools. Replaces Defcon1, which other tools reject, with Critical. */
export function widelyKnownSeverity(severity: Severity): Exclude<Severity, 'Defcon1'> {
  return severity === 'Defcon1' ? 'Critical' : severity;
}

/** Parses a severity in any case; returns undefined for other words. */
export function parseSeverity(word: string): Severity | undefined {
  const wanted = word.toLowerCase();
  return SEVERITIES.find((severity) => severity.toLowerCase() === wanted);
}
