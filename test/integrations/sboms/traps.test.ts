import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** The files with the tests of the traps. */
const FILES = {
  packages: ['src/worker/sboms/sbom-traps.test.ts'],
  structure: ['src/worker/sboms/sbom-structure-traps.test.ts'],
  statements: ['src/worker/sboms/sbom-statements.test.ts'],
  attached: ['src/compose/attestations/attached-documents.long.test.ts'],
  large: ['test/integrations/sboms/large-sboms.test.ts'],
  trip: ['test/conformance/images/sbom-round-trip.test.ts'],
  gitlab: ['src/report/gitlab.test.ts', 'src/report/testing/gitlab-rules.ts'],
  sarif: ['src/report/sarif/limits.test.ts', 'src/report/sarif/limits.long.test.ts', 'src/report/sarif.test.ts'],
  webhooks: ['test/integrations/webhooks/webhooks.test.ts'],
  files: ['test/integrations/files.test.ts'],
  pipelines: ['test/integrations/pipelines.test.ts'],
} as const;

type Row = readonly [row: number, trap: string, files: keyof typeof FILES, test: string];

/**
 * The numbered rows of section 6 of the contract (sbom.md), and for each row a part of the title of the test that
 * covers the row.
 */
const SBOM: readonly Row[] = [
  [1, 'a document without a distribution looks clean', 'packages', '1 without a distribution'],
  [2, 'a code name is unknown', 'packages', '2 a release by its code name'],
  [3, 'the release of Alpine lacks a name', 'packages', '3 a release by its version'],
  [4, 'packages are matched by a guessed source in silence', 'packages', '4 no source packages'],
  [5, 'the file name of a source rpm is a name', 'packages', '5 the name of a source rpm'],
  [6, 'a lost epoch is an epoch of 0', 'packages', 'trap 6 if the packages state'],
  [7, 'an epoch counts twice', 'packages', '7 an epoch twice'],
  [8, 'no epoch differs from 0', 'packages', '8 an epoch of 0'],
  [9, 'the Debian epoch is lost', 'packages', '9 a Debian epoch'],
  [10, 'a plus is a blank', 'packages', '10 a raw plus'],
  [11, 'a version is decoded twice', 'packages', '11 a version that is encoded twice'],
  [12, 'source packages are reported twice', 'packages', '12 source packages beside binaries'],
  [13, 'advisories of one architecture are missed', 'packages', '13 an architecture of another system'],
  [14, 'a component without a version ends the document', 'packages', '14 no version'],
  [15, 'fields win over the package URL', 'packages', '15 another version in its fields'],
  [16, 'an invalid package URL ends the document', 'packages', '16 an invalid package URL'],
  [17, 'a package of an unknown module looks clean', 'packages', '17 a package of an unknown module'],
  [18, 'an unknown repository looks clean', 'packages', '18 no repository'],
  [19, 'Alpine edge is not mentioned', 'packages', '19 no Alpine repositories'],
  [20, 'a CPE alone is judged', 'packages', '20 a CPE only'],
  [21, 'other types are not counted', 'packages', '21 another type'],
  [22, 'nested components are lost', 'structure', '22 nested components'],
  [23, 'the type decides what a package is', 'structure', '23 packages of other types'],
  [24, 'the main component is lost', 'structure', '24 the main component'],
  [25, 'the pedigree is installed', 'structure', '25 a pedigree'],
  [26, 'an excluded component is installed', 'structure', '26 an excluded component'],
  [27, 'an external component is installed', 'structure', '27 an external component'],
  [28, 'duplicates count twice', 'structure', '28 duplicates'],
  [29, 'dependencies decide what is installed', 'structure', '29 no dependencies'],
  [30, 'the first of several systems wins', 'structure', '30 two releases, by dependencies'],
  [30, 'a package of an unknown system is judged', 'structure', '30 two releases, and a package of either'],
  [31, 'several images look like one', 'structure', '31 two images'],
  [32, 'broken references end the document', 'structure', '32 broken references'],
  [33, 'unusual relationships end the document', 'structure', '33 relationships with unusual words'],
  [34, 'files are components', 'structure', '34 many files'],
  [34, 'a large document blocks the server', 'large', 'is never blocked by'],
  [35, 'a category decides', 'structure', '35 the category of package managers'],
  [36, 'the second package of tag-value is lost', 'structure', '36 two packages in tag-value'],
  [37, 'identifiers of SPDX 3 are lost', 'structure', '37 other identifiers and types'],
  [38, 'file overlap removes the package', 'structure', '38 a library in the files'],
  [39, 'an empty document is refused', 'structure', '39 nothing'],
  [40, 'tools are installed', 'structure', '40 tools'],
  [41, 'a newer version has no packages', 'structure', '41 a newer version'],
  [42, 'hostile names have an effect', 'structure', '42 hostile names'],
  [43, 'the SBOM of another image counts', 'structure', 'trap 43 an SBOM that names %s'],
  [43, 'an attached SBOM of another image counts', 'attached', 'a statement about another image'],
  [44, 'an incomplete document looks complete', 'structure', '44 an incomplete composition'],
  [45, 'VEX is applied unasked', 'structure', '45 VEX'],
  [45, 'VEX suppresses findings in other versions', 'statements', "'another version'"],
  [46, 'findings of another scanner are merged', 'structure', '46 findings of another scanner'],
  [47, 'an attached SBOM hides packages', 'attached', 'never replaces the layers'],
  [49, 'one of two SBOMs wins', 'attached', 'is listed with the other documents, newest first, and replaces none'],
  [50, 'it is not said what was judged', 'structure', 'trap 50 states how many components'],
];

/** The rows of sbom.md without a test, with the reason. */
const SBOM_NOT_DONE: ReadonlyMap<number, string> = new Map([
  [48, 'Clair has no reader for SBOM files inside images, so that none of them can replace the package database.'],
]);

/**
 * The numbered rows of section 1 of the contract (ci-and-admission.md), and for each row a part of the title of the
 * test that covers the row.
 */
const GITLAB: readonly Row[] = [
  [1, 'one bad text refuses the report', 'gitlab', 'cuts texts at the limits of the schema'],
  [2, 'an image without a distribution looks clean', 'gitlab', "['distribution-unknown', 'fatal']"],
  [3, 'negligible findings trip policies', 'gitlab', 'maps each severity to the GitLab severities'],
  [4, 'a finding is new in each report', 'gitlab', 'keeps the ID of a finding with a new tag'],
  [5, 'more than 20 identifiers are written', 'gitlab', 'GitLab stores at most 20 identifiers'],
  [6, 'the name of the image has a digest', 'gitlab', 'GitLab tracks findings by the text before the last colon'],
  [7, 'suppressed findings vanish', 'gitlab', 'omits findings that an ignore rule accepts and states how many'],
  [8, 'platforms are mixed', 'gitlab', 'is one document for all platforms'],
  [9, 'the GitLab variables have no effect', 'pipelines', 'CS_IMAGE'],
  [10, 'a report is lost when the job fails', 'files', 'artifacts.when'],
];

/** The limits of section 2, and the webhook requirements of section 3. */
const OTHERS: readonly Row[] = [
  [1, 'GitHub refuses an upload', 'sarif', 'is cut to the size after compression'],
  [2, 'GitHub shows other results than the worst', 'sarif', 'is sorted by severity and states how many'],
  [3, 'an upload has too many runs', 'sarif', 'are cut to the runs with the most severe findings'],
  [4, 'a webhook is answered twice', 'webhooks', 'once for a repeated webhook'],
  [5, 'a webhook names any registry', 'webhooks', 'never pull from a private host'],
  [6, 'a webhook is believed', 'webhooks', 'resolve the tag themselves'],
  [7, 'attestations are scanned', 'webhooks', "'sha256-'.padEnd(71, 'b')}.att"],
  [8, 'webhooks are open', 'webhooks', 'are off without a secret'],
];

const textOf = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

describe.each([
  ['an SBOM', SBOM],
  ['the GitLab report', GITLAB],
  ['SARIF and webhooks', OTHERS],
])('a trap of %s', (_of, rows) => {
  it.each(rows)('in row %i has a test: %s', (_row, _trap, files, words) => {
    expect(FILES[files].some((path) => textOf(path).includes(words))).toBe(true);
  });
});

it.each([
  [SBOM, SBOM_NOT_DONE, 50],
  [GITLAB, new Map<number, string>(), 10],
])('every row of a contract has a test, or a reason', (rows, notDone, last) => {
  const named = new Set([...rows.map(([row]) => row), ...notDone.keys()]);
  expect(Array.from({ length: last }, (_, at) => at + 1).filter((row) => !named.has(row))).toEqual([]);
});
