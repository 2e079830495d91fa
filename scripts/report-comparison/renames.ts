import type { Rename } from './differences/renamed-fields.ts';
import type { WordRename } from './differences/renamed-words.ts';

/**
 * Fields with another path after the compared change: the old path and the new one from the top of a written file, with
 * dots between names and without list elements. An entry also moves everything below its path, and the longest matching
 * path decides. A field of a renamed list uses the new path of the list:
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
  { from: 'explanations.answer.problems', to: 'explanations.answer.diagnostics' },
  { from: 'explanations.answer.packages.rules.source', to: 'explanations.answer.packages.rules.feed' },
  { from: 'explanations.answer.records.source', to: 'explanations.answer.records.feed' },
];

/** Replaced words in texts. */
export const WORD_RENAMES: readonly WordRename[] = [
  ...['report', 'explanations.answer'].map((path) => ({
    path: `${path}.diagnostics.code`,
    from: 'source-',
    to: 'feed-',
  })),
  ...[
    'report.findings',
    'report.suppressed',
    'explanations.answer.packages.rules',
    'explanations.answer.records.namespaces',
  ].map((path) => ({ path: `${path}.severityFrom`, from: 'source', to: 'feed' })),
  { path: 'explanations.answer.why', from: 'a source finds', to: 'a feed finds' },
  { path: 'explanations.answer.why', from: 'A source does', to: 'A feed does' },
  { path: 'explanations.answer.why', from: 'ranges that sources find', to: 'ranges that feeds find' },
  { path: 'explanations.answer.why', from: 'Sources speak', to: 'Feeds speak' },
  { path: 'explanations.answer.why', from: 'No source that', to: 'No feed that' },
];
