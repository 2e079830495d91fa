import type { CvssVersion } from './cvss/cvss.ts';

export type CvssScore = {
  readonly version: CvssVersion;
  readonly vector: string;
  /** The score that was published with the vector. */
  readonly score: number;
  /** The author of the score: `nvd`, or the e-mail address or UUID that the NVD uses for the CNA or ADP. */
  readonly source: string;
  /** The rank of the score in the NVD; primary scores take precedence. */
  readonly type: 'primary' | 'secondary';
  /** The access to the system that an attack requires. */
  readonly accessVector: 'network' | 'adjacent' | 'local' | 'physical';
  /** The difficulty of an attack; only version 2 has `medium`. */
  readonly complexity: 'low' | 'medium' | 'high';
  /**
   * The weaknesses that the author states, such as `CWE-79`, only in the author's first score. The first score of a CVE
   * also has the weaknesses that authors without a score state. Absent without a weakness.
   */
  readonly cwes?: readonly string[];
};

/** The probability that the CVE is exploited within 30 days (https://www.first.org/epss). */
export type Epss = {
  /** The probability from 0 to 1. */
  readonly score: number;
  /** The fraction of CVEs with this score or lower, from 0 to 1; absent in the first lists, and if invalid. */
  readonly percentile?: number;
  /** The day of the score in the form `YYYY-MM-DD`, if given. */
  readonly date?: string;
};

/**
 * An entry of the KEV catalog for a CVE that is known to be exploited
 * (https://www.cisa.gov/known-exploited-vulnerabilities-catalog). Days have the form `YYYY-MM-DD`; missing and invalid
 * fields are absent.
 */
export type Kev = {
  readonly name?: string;
  readonly added?: string;
  /** The deadline for US federal agencies. */
  readonly due?: string;
  /** The action that the agencies must take. */
  readonly action?: string;
  /** Whether ransomware is known to use the vulnerability. */
  readonly ransomware?: boolean;
};

/** The enrichments of a CVE by kind. The enrichments of a kind come from a single feed. */
export type Enrichments = {
  readonly cvss?: readonly CvssScore[];
  readonly epss?: Epss;
  readonly kev?: Kev;
};

export type EnrichmentKind = keyof Enrichments;

export const ENRICHMENT_FEEDS: Readonly<Record<EnrichmentKind, string>> = { cvss: 'nvd', epss: 'epss', kev: 'kev' };

/** The text of a CVE in the NVD. */
export type CveText = {
  /** The English description. */
  readonly description?: string;
  /** The day of publication in the form `YYYY-MM-DD`. */
  readonly published?: string;
};

/** The entry of a CVE in the NVD. A CVE that is not analysed yet has a text and no scores. */
export type NvdEntry = CveText & { readonly scores: readonly CvssScore[] };

/** The values that feeds and exports provide, by kind. A list of scores is an entry without a text. */
export type EnrichmentValues = {
  readonly cvss: readonly CvssScore[] | NvdEntry;
  readonly epss: Epss;
  readonly kev: Kev;
};

/** The enrichment of a CVE in a feed. The value is absent if the feed does not list the CVE. */
export type Enrichment<Kind extends EnrichmentKind = EnrichmentKind> = {
  readonly cve: string;
  readonly value?: EnrichmentValues[Kind];
};

/** Returns the entry of a CVE in the NVD from the value of a feed or an export. */
export function nvdEntryOf(value: EnrichmentValues['cvss']): NvdEntry {
  return 'scores' in value ? value : { scores: value };
}

/** Returns the distinct weaknesses of a CVE; the weaknesses of the first score come first. */
export function weaknessesOf({ cvss = [] }: Enrichments): readonly string[] {
  return [...new Set(cvss.flatMap(({ cwes = [] }) => cwes))];
}

/** The source of a regular expression that matches a CWE identifier (https://cwe.mitre.org). */
export const CWE_ID_PATTERN: string = String.raw`^CWE-[1-9]\d{0,4}$`;

const CWE_ID = new RegExp(CWE_ID_PATTERN);

/**
 * Returns whether `text` is a CWE identifier (https://cwe.mitre.org). The NVD also uses placeholders for an unknown
 * weakness, which are not identifiers.
 */
export function isCweId(text: string): boolean {
  return CWE_ID.test(text);
}

const CVE_ID_PATTERN = /^CVE-\d{4}-\d{4,19}$/;

/** Returns whether `text` is a CVE identifier in the format of the CVE Program. */
export function isCveId(text: string): boolean {
  return CVE_ID_PATTERN.test(text);
}
