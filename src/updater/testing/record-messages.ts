import type { RecordDiagnostic, RecordDiagnostics } from '../../model/feed.ts';

/** Returns the messages of the diagnostics that are stored as examples. */
export function messagesOf(diagnostics: readonly RecordDiagnostic[]): readonly string[] {
  return diagnostics.map(({ message }) => message);
}

/** Returns the diagnostics of a feed with only the messages of the examples. */
export function withMessages({
  examples,
  ...counts
}: RecordDiagnostics): Omit<RecordDiagnostics, 'examples'> & { readonly examples: readonly string[] } {
  return { ...counts, examples: messagesOf(examples) };
}
