import type { CvssVersion } from './cvss/cvss.ts';

export type CvssScore = {
  readonly version: CvssVersion;
  readonly vector: string;
  /** The score as published with the vector. */
  readonly score: number;
  /** The author: `nvd`, or the CNA or ADP as the NVD names it, by e-mail address or UUID. */
  readonly source: string;
  /** The rank that the NVD gives the score; the primary score has precedence. */
  readonly type: 'primary' | 'secondary';
  /** The access to the system that an attack requires. */
  readonly accessVector: 'network' | 'adjacent' | 'local' | 'physical';
  /** The difficulty of an attack; only version 2 has `medium`. */
  readonly complexity: 'low' | 'medium' | 'high';
  /**
   * The weaknesses that the author states, such as `CWE-79`; the first score of a CVE also has the weaknesses that
   * authors without a score state. Absent if there are none.
   */
  readonly cwes?: readonly string[];
};

/** The probability that the CVE is exploited within 30 days (https://www.first.org/epss). */
export type Epss = {
  /** The probability from 0 to 1. */
  readonly score: number;
  /** The fraction of CVEs with this score or lower, from 0 to 1; absent in the first lists. */
  readonly percentile?: number;
  /** The day of the score, `YYYY-MM-DD`, if given. */
  readonly date?: string;
};

/**
 * An entry of the KEV catalog: the CVE is known to be exploited
 * (https://www.cisa.gov/known-exploited-vulnerabilities-catalog). Days are `YYYY-MM-DD`; missing and invalid fields are
 * absent.
 */
export type Kev = {
  readonly name?: string;
  readonly added?: string;
  /** The deadline for US federal agencies, and the required action. */
  readonly due?: string;
  readonly action?: string;
  /** Whether ransomware is known to use the vulnerability. */
  readonly ransomware?: boolean;
};

/** The enrichments of a CVE by kind; each kind comes from one feed. */
export type Enrichments = {
  readonly cvss?: readonly CvssScore[];
  readonly epss?: Epss;
  readonly kev?: Kev;
};

export type EnrichmentKind = keyof Enrichments;

export const ENRICHMENT_FEEDS: Readonly<Record<EnrichmentKind, string>> = { cvss: 'nvd', epss: 'epss', kev: 'kev' };

/**
 * The enrichment of one CVE in a feed; the value is absent if the feed does not list the CVE, or no longer lists it.
 */
export type Enrichment<Kind extends EnrichmentKind = EnrichmentKind> = {
  readonly cve: string;
  readonly value?: NonNullable<Enrichments[Kind]>;
};

/** Returns the weaknesses of a CVE, each once, with those of the first score first. */
export function weaknessesOf({ cvss = [] }: Enrichments): readonly string[] {
  return [...new Set(cvss.flatMap(({ cwes = [] }) => cwes))];
}

/** A CWE identifier (https://cwe.mitre.org), as the source of a regular expression. */
export const CWE_ID_PATTERN: string = String.raw`^CWE-[1-9]\d{0,4}$`;

const CWE_ID = new RegExp(CWE_ID_PATTERN);

/**
 * Reports whether `text` is a CWE identifier (https://cwe.mitre.org), unlike the NVD's placeholders for no weakness.
 */
export function isCweId(text: string): boolean {
  return CWE_ID.test(text);
}

const CVE_ID_PATTERN = /^CVE-\d{4}-\d{4,19}$/;

/** Reports whether `text` is a CVE identifier in the format of the CVE Program. */
export function isCveId(text: string): boolean {
  return CVE_ID_PATTERN.test(text);
}
