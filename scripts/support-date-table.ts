import {
  RELEASE_DATES,
  type ReleaseDates,
  type SupportExtension,
} from '../src/model/releases/support/release-dates.ts';
import { markdownTable, type TableMarkers, withTable } from './markdown-table.ts';

const MARKERS: TableMarkers = {
  begin: '<!-- support dates: written by `npx tsx scripts/write-coverage.ts` -->',
  end: '<!-- end of support dates -->',
};

/**
 * Puts the table of the support dates between its two markers in docs/reference/coverage.md.
 *
 * @throws Error for a text without the markers.
 */
export function withSupportDates(text: string): string {
  return withTable(text, MARKERS, supportDateTable());
}

function supportDateTable(): string {
  return markdownTable([
    ['namespace', 'standard support', 'extended support', 'source'],
    ...RELEASE_DATES.flatMap(rowsOf),
  ]);
}

function rowsOf({ namespace, source, extensions, releases }: ReleaseDates): readonly (readonly string[])[] {
  return Object.entries(releases).map(([version, ends]) => {
    const [standard, ...extended] = ends === 'rolling' ? ['rolling'] : ends;
    const name = version === '' ? namespace : `${namespace}:${version}`;
    const more = extended.map((until, index) => extensionText(extensions[index], until)).join(', ');
    const pages = [source, ...extensions.slice(0, extended.length).map((each) => each.source)];
    return [`\`${name}\``, standard, more, [...new Set(pages)].map((page) => `<${page}>`).join(' ')];
  });
}

function extensionText(extension: SupportExtension | undefined, until: string): string {
  if (extension === undefined) return until;
  return `${until} (${extension.name}${extension.isCovered ? '' : ', in no feed'})`;
}
