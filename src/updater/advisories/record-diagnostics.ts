import { MAX_DIAGNOSTIC_EXAMPLES, saysSkipped } from '../../model/feed.ts';
import type { RecordDiagnostics } from '../feed/fetcher.ts';

/** Maximum length of an example in characters; enough to find the record upstream. */
export const MAX_EXAMPLE_LENGTH = 200;

/** Returns diagnostics without any record. */
export function noRecordDiagnostics(): RecordDiagnostics {
  return { count: 0, skipped: 0, examples: [] };
}

/**
 * Counts a record that could not be understood. `example` names the record, the reason and the outcome: skipped,
 * entirely or in part, or accepted with a change (see {@link saysSkipped}).
 */
export function addRecordDiagnostic(records: RecordDiagnostics, example: string): void {
  records.count += 1;
  if (saysSkipped(example)) records.skipped += 1;
  if (records.examples.length === MAX_DIAGNOSTIC_EXAMPLES) return;
  // The example quotes the feed and is printed to terminals and logs.
  records.examples.push(example.slice(0, MAX_EXAMPLE_LENGTH).replaceAll(/\p{Cc}/gu, '\ufffd'));
}
