import type { Rename } from './differences/renamed-fields.ts';

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
  { from: 'report.diagnostics', to: 'report.diagnostics' },
  { from: 'explanations.answer.diagnostics', to: 'explanations.answer.diagnostics' },
];
