import { MAX_DIAGNOSTIC_EXAMPLES, saysSkipped } from '../../model/feed.ts';
import type { RecordDiagnostics } from '../feed/fetcher.ts';

/** In characters; enough to find the record upstream. */
export const MAX_EXAMPLE_LENGTH = 200;

/** Returns diagnostics without any record. */
export function noRecordDiagnostics(): RecordDiagnostics {
  return { count: 0, skipped: 0, examples: [] };
}

/**
 * Counts a record that could not be understood. `example` states the record, the reason and whether it was skipped (see
 * {@link saysSkipped}).
 */
export function addRecordDiagnostic(records: RecordDiagnostics, example: string): void {
  records.count += 1;
  if (saysSkipped(example)) records.skipped += 1;
  if (records.examples.length === MAX_DIAGNOSTIC_EXAMPLES) return;
  // The example quotes the feed and is printed to terminals and logs.
  records.examples.push(example.slice(0, MAX_EXAMPLE_LENGTH).replaceAll(/\p{Cc}/gu, '\ufffd'));
}
