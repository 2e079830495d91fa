import { severityOfScores } from '../../../model/advisories/nvd-rating.ts';
import { type EnrichmentKind, type EnrichmentValues, nvdEntryOf } from '../../../model/enrichment.ts';
import { severityRank } from '../../../model/severity.ts';

/** The kinds of stored rows. The text of a CVE in the NVD has its own row, because reports need only the scores. */
export type RowKind = EnrichmentKind | 'text';

/** A row of an enrichment; `value` is JSON. */
export type EnrichmentRow = {
  readonly kind: RowKind;
  readonly value: string;
  /** The severity rank of scores; null for other kinds and for scores without a rating. */
  readonly severity: number | null;
};

/** Returns the rows that store an enrichment: for the NVD the scores and, if there is one, the text. */
export function rowsOfEnrichment(kind: EnrichmentKind, value: string): readonly EnrichmentRow[] {
  if (kind !== 'cvss') return [{ kind, value, severity: null }];
  const parsed: EnrichmentValues['cvss'] = JSON.parse(value);
  const { scores, ...text } = nvdEntryOf(parsed);
  const severity = severityRank(severityOfScores(scores)) || null;
  const rated: EnrichmentRow = { kind, value: JSON.stringify(scores), severity };
  if (Object.keys(text).length === 0) return [rated];
  return [rated, { kind: 'text', value: JSON.stringify(text), severity: null }];
}

/**
 * Returns the JSON of an NVD entry from the JSON of its scores and of its text, if any. An older release that runs
 * during an upgrade stores the texts beside the scores.
 */
export function nvdValue(scores: string, text: string | undefined): string {
  return text === undefined || scores.startsWith('{') ? scores : `{"scores":${scores},${text.slice(1)}`;
}
