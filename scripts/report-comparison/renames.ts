import type { Rename } from './differences/renamed-fields.ts';
import type { WordRename } from './differences/renamed-words.ts';

/**
 * The fields that have a different path after the compared change. Both paths start at the top of a written file, with
 * dots between names and without list elements. An entry also moves everything below its path, and the longest matching
 * path is used. A field of a renamed list uses the new path of the list:
 *
 *     { from: 'report.vulnerabilities', to: 'report.findings' },
 *     { from: 'report.vulnerabilities.cves', to: 'report.findings.aliases' },
 */
export const RENAMES: readonly Rename[] = [
  { from: 'report.vulnerabilities', to: 'report.findings' },
  { from: 'report.sources', to: 'report.feeds' },
  { from: 'report.sources.coversRelease', to: 'report.feeds.isUsed' },
  { from: 'report.sources.unclearRecords', to: 'report.feeds.recordDiagnostics' },
  { from: 'report.problems', to: 'report.diagnostics' },
  { from: 'outcomes.outcome.unclear', to: 'outcomes.outcome.recordDiagnostics' },
  { from: 'explanations.answer.problems', to: 'explanations.answer.diagnostics' },
  { from: 'explanations.answer.packages.rules.source', to: 'explanations.answer.packages.rules.feed' },
  { from: 'explanations.answer.records.source', to: 'explanations.answer.records.feed' },
];

/** The words that are replaced in the values at a path. */
export const WORD_RENAMES: readonly WordRename[] = [
  ...['report', 'explanations.answer'].map((path) => ({
    path: `${path}.diagnostics.code`,
    from: 'source-',
    to: 'feed-',
  })),
  ...['report', 'explanations.answer'].map((path) => ({
    path: `${path}.diagnostics.code`,
    from: 'feed-record-unclear',
    to: 'feed-record-inexact',
  })),
  ...[
    'report.findings',
    'report.suppressed',
    'explanations.answer.packages.rules',
    'explanations.answer.records.namespaces',
  ].map((path) => ({ path: `${path}.severityFrom`, from: 'source', to: 'feed' })),
];
