import { MAX_DIAGNOSTIC_EXAMPLES, type RecordDiagnostic } from '../../model/feed.ts';
import type { RecordDiagnostics } from '../feed/fetcher.ts';

/** Stored messages have at most this many characters, enough to find the advisory upstream. */
export const MAX_EXAMPLE_LENGTH = 200;

/** Returns the diagnostics of an update that has found nothing to report. */
export function noRecordDiagnostics(): RecordDiagnostics {
  return { count: 0, skipped: 0, examples: [] };
}

/** Counts one diagnostic, and keeps it as an example if there are not too many examples yet. */
export function addRecordDiagnostic(records: RecordDiagnostics, { kind, message }: RecordDiagnostic): void {
  records.count += 1;
  if (kind === 'skipped') records.skipped += 1;
  if (records.examples.length === MAX_DIAGNOSTIC_EXAMPLES) return;
  // Messages quote the feed and are printed to terminals and logs, so control characters are removed.
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

/** Prefixes the message of a diagnostic with the place of the advisory. */
export function at(place: string, { kind, message }: RecordDiagnostic): RecordDiagnostic {
  return { kind, message: `${place} ${message}` };
}

/**
 * Joins the diagnostics of one advisory into one diagnostic, which is `skipped` if any of the diagnostics is `skipped`.
 */
export function joined(diagnostics: readonly RecordDiagnostic[]): RecordDiagnostic {
  const message = diagnostics.map((each) => each.message).join('; ');
  return { kind: diagnostics.some(({ kind }) => kind === 'skipped') ? 'skipped' : 'inexact', message };
}
