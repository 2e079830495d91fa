import type { ExpectedDifference } from './differences/judged-differences.ts';

const REACHABILITY = ['reachability', 'reachabilityBasis', 'reachabilityReason'];
const IN_PROGRAM = 'whether the vulnerable function is in a Go program';
const NEW_DIGEST = 'directories are read for libraries too, so they have another digest';
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
  { kind: 'added', path: 'report.notes', reason: 'informational advisories of language packages' },
  ...['findings', 'suppressed'].flatMap((list) => [
    { kind: 'added', path: `report.${list}.paths`, reason: 'paths of libraries' } as const,
    ...REACHABILITY.map((field) => ({ kind: 'added', path: `report.${list}.${field}`, reason: IN_PROGRAM }) as const),
  ]),
  ...['type', 'path', 'owner'].map(
    (field) =>
      ({ kind: 'added', path: `explanations.answer.packages.${field}`, reason: 'explains libraries too' }) as const,
  ),
  ...REACHABILITY.map(
    (field) => ({ kind: 'added', path: `explanations.answer.packages.${field}`, reason: IN_PROGRAM }) as const,
  ),
  ...['layers.packages.type', 'images.packages.type', 'images.packages.paths'].map(
    (field) => ({ kind: 'added', path: `affected.answer.${field}`, reason: 'lists libraries too' }) as const,
  ),
  // The digest of a directory covers the files that detectors read, which are more than before.
  ...['report.target.digest', 'report.layers.digest', 'report.layers.diffId', 'explanations.answer.target.digest'].map(
    (path) => ({ kind: 'changed', path, reason: NEW_DIGEST }) as const,
  ),
  ...['affected.answer.layers', 'affected.answer.images'].flatMap(
    (path) =>
      [
        { kind: 'removed', path, reason: NEW_DIGEST },
        { kind: 'added', path, reason: NEW_DIGEST },
      ] as const,
  ),
  ...[
    'errors.message',
    'report.diagnostics.message',
    'explanations.answer.diagnostics.message',
    'explanations.answer.why',
    'explanations.answer.packages.rules.why',
  ].map((path) => ({ kind: 'changed', path, reason: REWORDED }) as const),
  // In a list of sentences, a reworded sentence counts as a different item.
  ...['outcomes.outcome.recordDiagnostics.examples', 'unread'].flatMap(
    (path) =>
      [
        { kind: 'removed', path, reason: REWORDED },
        { kind: 'added', path, reason: REWORDED },
      ] as const,
  ),
];
