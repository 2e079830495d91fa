import type { Rename } from './differences/renamed-fields.ts';
import type { WordRename } from './differences/renamed-words.ts';

/**
 * The fields that have another path after the change that is compared: the old path and the new one, both from the top of a
 * written file, with dots between names and nothing for the elements of a list. What lies below a path moves with it. The
 * longest path that fits decides, so a field of a renamed list is named by the new path of the list:
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

/** The words that texts have instead of others. */
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
