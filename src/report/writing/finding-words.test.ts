import { expect, it } from 'vitest';
import { findingOf, libraryFindingOf } from '../testing/report-builder.ts';
import { UNDECIDED } from '../testing/reports.ts';
import { affectedWords, clauseOf, remedyOf, undecidedWords } from './finding-words.ts';
import type { ReportFinding } from '../../model/report/report.ts';
import { FILES } from '../../model/advisories/file-rule.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

/** The name of the watched file of a rule that requires `DIGEST`. */
const CHANGED = `etc/motd not ${DIGEST}`;

function fileFindingOf(name: string, version: string): ReportFinding {
  return findingOf({ id: 'MOTD', type: FILES, package: name, version, fixedIn: null });
}

it.each([
  ['not reachable.', 'not reachable'],
  ['not reachable', 'not reachable'],
  ['later ...', 'later ...'],
  ['', ''],
])('omits the full stop of a sentence before further text: %j', (sentence, clause) => {
  expect(clauseOf(sentence)).toBe(clause);
});

it.each([
  [findingOf(), 'Upgrade curl to 2 or later.'],
  [findingOf({ source: { name: 'src', version: '1' } }), 'Upgrade curl (source package src) to 2 or later.'],
  [libraryFindingOf(), 'Upgrade lodash 4.17.20 to 4.17.21.'],
  [libraryFindingOf({ fixedIn: null, status: 'open' }), 'No fixed version is known (open).'],
  [libraryFindingOf({ class: 'malicious', fixedIn: null }), 'Remove lodash: the package is malicious.'],
  [
    libraryFindingOf({ type: 'golang', package: 'stdlib', version: '1.22.1', fixedIn: '1.22.5' }),
    'Rebuild the program with Go 1.22.5.',
  ],
  [fileFindingOf(CHANGED, 'present'), `Replace the file etc/motd with a file that has the digest ${DIGEST}.`],
  [fileFindingOf(`etc/motd ${DIGEST}`, 'present'), `Remove the file etc/motd with the digest ${DIGEST}.`],
  [fileFindingOf('etc/motd', 'absent'), 'Add the file etc/motd.'],
  [fileFindingOf(DIGEST, 'present'), `Remove the file ${DIGEST}.`],
])('names the remedy of a finding', (finding, words) => {
  expect(remedyOf(finding)).toBe(words);
});

it('describes a file whose content differs from the content that a file rule requires', () => {
  expect(affectedWords(fileFindingOf(CHANGED, 'present'))).toBe(
    `The file etc/motd with a digest other than ${DIGEST} is present: MOTD`,
  );
});

it.each([
  ['under-investigation', 'debian has not decided whether CVE-2026-3 affects curl 7.88.1-10 (under-investigation).'],
  ['undetermined', 'With the data of debian, it is unknown whether CVE-2026-3 affects curl 7.88.1-10 (undetermined).'],
] as const)('describes an undecided pair with the status %s', (status, words) => {
  expect(undecidedWords({ ...UNDECIDED, status })).toBe(words);
});
