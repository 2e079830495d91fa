import { MAX_DIAGNOSTIC_EXAMPLES, saysSkipped } from '../../model/feed.ts';
import type { RecordDiagnostics } from '../feed/fetcher.ts';

/** How many characters are kept of an example: enough to find the record upstream. */
export const MAX_EXAMPLE_LENGTH = 200;

/** A count at the start of a feed. */
export function noRecordDiagnostics(): RecordDiagnostics {
  return { count: 0, skipped: 0, examples: [] };
}

/**
 * Counts one more record that could not be understood; `example` says which, why, and what was done with it: `skipped`,
 * also in part, or how it was taken ({@link saysSkipped}).
 */
export function addRecordDiagnostic(records: RecordDiagnostics, example: string): void {
  records.count += 1;
  if (saysSkipped(example)) records.skipped += 1;
  if (records.examples.length === MAX_DIAGNOSTIC_EXAMPLES) return;
  // The words are partly the feed's own, and end up in terminals and logs.
  records.examples.push(example.slice(0, MAX_EXAMPLE_LENGTH).replaceAll(/\p{Cc}/gu, '\ufffd'));
}
