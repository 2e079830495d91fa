import { MAX_DIAGNOSTIC_EXAMPLES, type RecordDiagnostic } from '../../model/feed.ts';
import type { RecordDiagnostics } from '../feed/fetcher.ts';

/** The maximum length of stored messages in characters; enough to find the advisory upstream. */
export const MAX_EXAMPLE_LENGTH = 200;

/** Returns empty diagnostics, for the start of an update. */
export function noRecordDiagnostics(): RecordDiagnostics {
  return { count: 0, skipped: 0, examples: [] };
}

/** Counts a diagnostic, and keeps the diagnostic as an example unless the maximum number of examples is reached. */
export function addRecordDiagnostic(records: RecordDiagnostics, { kind, message }: RecordDiagnostic): void {
  records.count += 1;
  if (kind === 'skipped') records.skipped += 1;
  if (records.examples.length === MAX_DIAGNOSTIC_EXAMPLES) return;
  // Replace control characters, because messages quote the feed and are printed to terminals and logs.
  records.examples.push({ kind, message: message.slice(0, MAX_EXAMPLE_LENGTH).replaceAll(/\p{Cc}/gu, '\ufffd') });
}

/**
 * Returns the diagnostic of an advisory that is skipped as a whole or in part; the message names the skipped part and
 * the reason.
 */
export function skipped(message: string): RecordDiagnostic {
  return { kind: 'skipped', message };
}

/** Returns the diagnostic of an advisory that is applied as broadly as possible, or without some of its details. */
export function inexact(message: string): RecordDiagnostic {
  return { kind: 'inexact', message };
}

/** Returns a diagnostic whose message starts with the place of the advisory. */
export function at(place: string, { kind, message }: RecordDiagnostic): RecordDiagnostic {
  return { kind, message: `${place} ${message}` };
}

/**
 * Joins the diagnostics of one advisory into one diagnostic. The result is `skipped` if any of the diagnostics is
 * `skipped`.
 */
export function joined(diagnostics: readonly RecordDiagnostic[]): RecordDiagnostic {
  const message = diagnostics.map((each) => each.message).join('; ');
  return { kind: diagnostics.some(({ kind }) => kind === 'skipped') ? 'skipped' : 'inexact', message };
}
