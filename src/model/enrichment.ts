import type { CvssVersion } from './cvss/cvss.ts';

/** A CVSS score that somebody gave a CVE. */
export type CvssScore = {
  readonly version: CvssVersion;
  readonly vector: string;
  /** As it is published with the vector. */
  readonly score: number;
  /** Who gave it: `nvd`, or the CNA or ADP as the NVD names it, by its e-mail address or UUID. */
  readonly source: string;
  /** The NVD calls the score of the one who has the last word on the CVE primary. */
  readonly type: 'primary' | 'secondary';
  /** From where the vulnerability can be reached. */
  readonly accessVector: 'network' | 'adjacent' | 'local' | 'physical';
  /** How hard it is to use; only version 2 has a medium. */
  readonly complexity: 'low' | 'medium' | 'high';
};

/** How likely it is that the CVE is exploited within 30 days (https://www.first.org/epss). */
export type Epss = {
  /** From 0 to 1. */
  readonly score: number;
  /** The part of all CVEs, from 0 to 1, that have this score or a lower one; the first lists did not tell it. */
  readonly percentile?: number;
  /** The day that the score is of, `YYYY-MM-DD`, where the list tells it. */
  readonly date?: string;
};

/**
 * The CVE is known to be exploited (https://www.cisa.gov/known-exploited-vulnerabilities-catalog). Days are `YYYY-MM-DD`; what
 * the catalog does not tell, or not understandably, is absent.
 */
export type Kev = {
  readonly name?: string;
  readonly added?: string;
  /** Until when the agencies of the United States must have acted, and what they must do. */
  readonly due?: string;
  readonly action?: string;
  /** Whether it is known to be used for ransomware. */
  readonly ransomware?: boolean;
};

/** The facts about a CVE, by their kind; each kind comes from one feed. */
export type Enrichments = {
  readonly cvss?: readonly CvssScore[];
  readonly epss?: Epss;
  readonly kev?: Kev;
};

export type EnrichmentKind = keyof Enrichments;

/** The one feed of each kind. */
export const ENRICHMENT_FEEDS: Readonly<Record<EnrichmentKind, string>> = { cvss: 'nvd', epss: 'epss', kev: 'kev' };

/** What a feed says of one CVE; without a value that it says nothing of it, or nothing any more. */
export type Enrichment<Kind extends EnrichmentKind = EnrichmentKind> = {
  readonly cve: string;
  readonly value?: NonNullable<Enrichments[Kind]>;
};

const CVE_ID_PATTERN = /^CVE-\d{4}-\d{4,19}$/;

/** Tells whether `text` is the identifier of a CVE, in the form that the CVE Program gives it. */
export function isCveId(text: string): boolean {
  return CVE_ID_PATTERN.test(text);
}
