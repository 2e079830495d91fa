import {
  RELEASE_DATES,
  type ReleaseDates,
  type SupportExtension,
} from '../../src/model/releases/support/release-dates.ts';
import { markdownTable } from './markdown-table.ts';

/** Returns the table of the support dates for docs/reference/coverage.md. */
export function supportDateTable(): string {
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
