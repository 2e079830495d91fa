/** The severities of the original, from least to worst (`Priority` in its API). */
export const SEVERITIES = ['Unknown', 'Negligible', 'Low', 'Medium', 'High', 'Critical', 'Defcon1'] as const;

export type Severity = (typeof SEVERITIES)[number];

/**
 * Where a severity comes from: the feed's own rating (`feed`), a CVSS score in the feed's advisory (`cvss`), or, where the
 * feed rates nothing, the scores that the NVD lists for the CVE (`nvd`).
 */
export const SEVERITY_ORIGINS = ['feed', 'cvss', 'nvd'] as const;

export type SeverityOrigin = (typeof SEVERITY_ORIGINS)[number];

/** A severity for people, with where it comes from when that is not the feed itself: `High by NVD`. */
export function severityText({ severity, severityFrom }: { severity: Severity; severityFrom: SeverityOrigin }): string {
  return severityFrom === 'feed' ? severity : `${severity} by ${severityFrom.toUpperCase()}`;
}

/** The place of a severity in the order above, 0 for Unknown: what the database stores and compares. */
export function severityRank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

/** The severity at a place of the order; a rank outside of it, which only a damaged database holds, is Unknown. */
export function severityOfRank(rank: number): Severity {
  return SEVERITIES[rank] ?? 'Unknown';
}

/** The worst of several severities; of none, Unknown. */
export function worstSeverity(all: readonly { readonly severity: Severity }[]): Severity {
  return severityOfRank(Math.max(0, ...all.map(({ severity }) => severityRank(severity))));
}

/** Reads the word of a severity in any case; gives undefined for any other word. */
export function parseSeverity(word: string): Severity | undefined {
  const wanted = word.toLowerCase();
  return SEVERITIES.find((severity) => severity.toLowerCase() === wanted);
}
