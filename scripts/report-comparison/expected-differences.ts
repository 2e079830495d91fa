import type { ExpectedDifference } from './differences/judged-differences.ts';

const REWORDED = 'the sentence is reworded; codes and fields are compared';

/**
 * The intended differences of the compared change, with reasons. Paths use the names after the renames; an entry also
 * covers everything below its path:
 *
 *     { kind: 'added', path: 'report.packages.paths', reason: 'packages list their paths' },
 *     { kind: 'changed', path: 'report.schemaVersion', before: 1, after: 2, reason: 'fields have other names' },
 */
export const EXPECTED_DIFFERENCES: readonly ExpectedDifference[] = [
  { kind: 'changed', path: 'report.schemaVersion', before: 1, after: 2, reason: 'fields have other names' },
  {
    kind: 'changed',
    path: 'explanations.answer.schemaVersion',
    before: 1,
    after: 2,
    reason: 'fields have other names',
  },
  { kind: 'added', path: 'report.findings.type', reason: 'findings have the type of their package' },
  { kind: 'added', path: 'report.suppressed.type', reason: 'findings have the type of their package' },
  { kind: 'added', path: 'report.findings.aliases', reason: 'aliases of the vulnerability, without errata' },
  { kind: 'added', path: 'report.suppressed.aliases', reason: 'aliases of the vulnerability, without errata' },
  { kind: 'added', path: 'report.findings.links', reason: 'the pages of all advisories' },
  { kind: 'added', path: 'report.suppressed.links', reason: 'the pages of all advisories' },
  { kind: 'added', path: 'explanations.answer.packages.findings', reason: 'the findings of the package' },
  { kind: 'added', path: 'report.coverage', reason: 'the feeds that cover each namespace' },
  { kind: 'added', path: 'report.packages.paths', reason: 'paths of libraries; empty for packages of a database' },
  { kind: 'added', path: 'report.packages.flags', reason: 'flags of libraries' },
  {
    kind: 'added',
    path: 'report.packages.owner',
    reason: 'the owner of the files of libraries; null for system packages',
  },
  ...[
    'report.diagnostics.message',
    'explanations.answer.diagnostics.message',
    'explanations.answer.why',
    'explanations.answer.packages.rules.why',
  ].map((path) => ({ kind: 'changed', path, reason: REWORDED }) as const),
  // In lists of sentences a reworded one is another item.
  ...['outcomes.outcome.recordDiagnostics.examples', 'unread'].flatMap(
    (path) =>
      [
        { kind: 'removed', path, reason: REWORDED },
        { kind: 'added', path, reason: REWORDED },
      ] as const,
  ),
];
