import { listsFixedOnly } from '../../src/model/report/fixed-only-feeds.ts';
import { ENRICHERS } from '../../src/updater/enrichers/index.ts';
import type { DescribedFetcher } from '../../src/updater/feed/fetcher.ts';
import { FETCHERS } from '../../src/updater/fetchers/index.ts';
import type { Detector, DetectorCoverage } from '../../src/worker/detectors/detector.ts';
import { DETECTORS } from '../../src/worker/detectors/index.ts';
import { RELEASE_FILE_NOTES } from '../../src/worker/detectors/os/distributions.ts';
import { isFixed, patternText } from '../../src/worker/detectors/path-pattern.ts';
import { TARGET_FORMS, TARGET_NOTE } from '../../src/worker/sources/target-forms.ts';
import { generatedHead } from './generated-head.ts';
import { markdownTable } from './markdown-table.ts';
import { operatingSystemTable } from './operating-system-table.ts';
import { supportDateTable } from './support-date-table.ts';

const INTRODUCTION = `${generatedHead('the lists in src')}

# Coverage

This page lists the images, releases, packages and feeds that Clair supports. Clair reports packages outside these tables as unchecked, never as clean.
`;

const SUPPORT_DATES = `The table lists the last day of support that the vendor's page states, or \`unknown\` if the page states no day. A report on a release past its end of life
is incomplete ([end of life](../explanation/completeness.md#end-of-life)). Releases outside the table have no date and are never
reported as past their end of life.
`;

const PACKAGE_DATABASES = `[Third-party packages](../explanation/completeness.md#third-party-packages) are listed but not checked. opkg packages are not read. If a database is damaged, the readable packages are listed, and the report is incomplete.
`;

const LANGUAGE_PACKAGES = `Clair reads packages anywhere in the image; [language packages](../explanation/language-packages.md) states which are
matched. The feed [osv](#osv) contains the advisories.
`;

const FEEDS = `Each feed can also be read from a local file, directory, tar or zip (\`--from\`; plain, gzip, xz, zstd or bzip2) and from another URL
(\`updater.addresses\`). If Clair cannot parse an entry in full, Clair treats the package as affected in the widest range that the entry
allows, with the status \`unknown\`, or [skips](../explanation/completeness.md#skipped-entries) the entry.
[Severity](../explanation/severity.md#feed-ratings) lists the ratings of each feed.
`;

const ENRICHMENT = `Enrichment is data about CVEs, joined by CVE ID. Enrichment produces no findings. CVSS scores determine the severity of advisories without a severity from their feed
([severity](../explanation/severity.md#origin)).
`;

/** Returns the text of docs/reference/coverage.md. */
export function coveragePage(): string {
  return [
    INTRODUCTION,
    '## Images\n',
    imageTable(),
    `${TARGET_NOTE}\n`,
    '## Operating systems\n',
    operatingSystemTable(),
    `${RELEASE_FILE_NOTES.join('\n\n')}\n`,
    '## Support dates\n',
    SUPPORT_DATES,
    supportDateTable(),
    '## Package databases\n',
    PACKAGE_DATABASES,
    databaseTable(),
    notesOf(DATABASES),
    '## Language packages\n',
    LANGUAGE_PACKAGES,
    markdownTable([['detector', 'what it reads'], ...LIBRARIES.map(({ id, coverage }) => [id, coverage.use])]),
    notesOf(LIBRARIES),
    '## Feeds\n',
    FEEDS,
    feedTable(),
    ...FETCHERS.map(feedSection),
    '## Enrichment\n',
    ENRICHMENT,
    enrichmentTable(),
    listOf(ENRICHERS.map(({ id, coverage }) => `${id}: ${coverage.note}`)),
  ].join('\n');
}

function imageTable(): string {
  return markdownTable([
    ['form', 'target', 'notes'],
    ...Object.values(TARGET_FORMS).map(({ name, target, note }) => [name, target, note]),
  ]);
}

type DescribedDetector = Detector & { readonly coverage: DetectorCoverage };

const DESCRIBED_DETECTORS: readonly DescribedDetector[] = DETECTORS.flatMap((detector) =>
  detector.coverage === undefined ? [] : [{ ...detector, coverage: detector.coverage }],
);

const LIBRARIES = DESCRIBED_DETECTORS.filter(({ kind }) => kind === 'features');
const DATABASES = DESCRIBED_DETECTORS.filter(({ kind }) => kind !== 'features');

function notesOf(detectors: readonly DescribedDetector[]): string {
  return listOf(detectors.flatMap(({ id, coverage }) => coverage.notes.map((note) => `${id}: ${note}`)));
}

function databaseTable(): string {
  return markdownTable([
    ['format', 'paths', 'use'],
    ...DATABASES.map((detector) => [detector.id, pathsOf(detector), detector.coverage.use]),
  ]);
}

function pathsOf({ wants }: Detector): string {
  const directoriesOf = new Map<string, string[]>();
  for (const path of wants.filter(isFixed).map(patternText)) {
    const [, directory = '', name = ''] = /^(.*)\/([^/]+)$/.exec(path) ?? [];
    directoriesOf.set(name, [...(directoriesOf.get(name) ?? []), directory]);
  }
  const namesIn = new Map<string, string[]>();
  for (const [name, directories] of directoriesOf) {
    const place = codeList(directories);
    namesIn.set(place, [...(namesIn.get(place) ?? []), name]);
  }
  return [...namesIn].map(([place, names]) => `${codeList(names)} in ${place}`).join('; ');
}

function feedTable(): string {
  return markdownTable([
    ['feed', 'upstream', 'namespaces', 'unfixed vulnerabilities'],
    ...FETCHERS.map(({ id, url, coverage }) => [
      `\`${id}\``,
      url,
      codeList(coverage.namespaces),
      listsFixedOnly(id) ? 'missing' : 'included',
    ]),
  ]);
}

function feedSection({ id, coverage: { reads, severity, states, notes } }: DescribedFetcher): string {
  const table = states === undefined ? [] : [markdownTable([['state in the feed', 'status'], ...states])];
  const list = notes.length === 0 ? [] : [listOf(notes)];
  return [`### ${id}\n`, `Clair reads ${reads}. Severity: ${severity}.\n`, ...table, ...list].join('\n');
}

function enrichmentTable(): string {
  return markdownTable([
    ['feed', 'upstream', 'content'],
    ...ENRICHERS.map(({ id, url, coverage }) => [`\`${id}\``, url, coverage.content]),
  ]);
}

function codeList(texts: readonly string[]): string {
  return texts.map((text) => `\`${text}\``).join(', ');
}

function listOf(items: readonly string[]): string {
  return items.map((item) => `- ${item}\n`).join('');
}
