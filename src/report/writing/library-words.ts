import { isLibrary } from '../../model/package-kind.ts';
import type { Report, ReportFinding, ReportNote, ReportPackage } from '../../model/report/report.ts';
import { groupedBy } from './grouped.ts';
import { numberWords } from '../../model/counted-noun.ts';

/**
 * Returns the first path and the number of further paths, such as `app/package.json and 2 more`. Without paths, the
 * text is empty.
 */
export function pathWords(paths: readonly string[], length: number = Number.POSITIVE_INFINITY): string {
  const [first] = paths;
  if (first === undefined) return '';
  const more = paths.length > 1 ? ` and ${numberWords(paths.length - 1)} more` : '';
  return `${shortenedPath(first, Math.max(MIN_PATH, length - more.length))}${more}`;
}

/** Paths of at most this length, in UTF-16 code units, are never shortened. */
const MIN_PATH = 12;

/**
 * Shortens a path to at most `length` UTF-16 code units. The function omits directories in the middle, as in
 * `usr/…/lodash/package.json`, because the last directories identify the file best, followed by the first directory. If
 * only the file name fits, the result is like `…/path-to-regexp/…`: the file name is the same for all packages, so the
 * directory distinguishes packages better.
 */
export function shortenedPath(path: string, length: number): string {
  if (path.length <= length) return path;
  const [first = '', ...parts] = path.split('/');
  const [withFirst, without] = [`${first}/…`, '…'].map((start) => ({
    start,
    end: endOf(parts, length - start.length),
  }));
  if (withFirst !== undefined && withFirst.end.length > 1) return [withFirst.start, ...withFirst.end].join('/');
  const directory = `…/${parts.at(-2) ?? first}/…`;
  if (without?.end.length === 1 && directory.length <= length) return directory;
  if (without !== undefined && without.end.length > 0) return [without.start, ...without.end].join('/');
  return `…${path.slice(path.length - Math.max(0, length - 1)).replace(/^[\uDC00-\uDFFF]/, '')}`;
}

/** Returns the last parts of a path that fit into `length` UTF-16 code units, counting a slash for each part. */
function endOf(parts: readonly string[], length: number): readonly string[] {
  let left = length;
  const start = parts.findLastIndex((part) => (left -= part.length + 1) < 0);
  return parts.slice(start + 1);
}

/**
 * Returns the owner of a library as text, such as `deb python3-requests 2.28.1`, or `deb package` if only its type is
 * known.
 */
export function ownerWords({ type, name, version }: NonNullable<ReportPackage['owner']>): string {
  return name === null ? `${type} package` : `${type} ${name}${version === null ? '' : ` ${version}`}`;
}

/**
 * Returns the package of a finding as text. If the group of the package is uncertain, the text is like `log4j-core
 * (perhaps org.apache.logging.log4j:log4j-core)`.
 */
export function packageWords({ package: name, candidates }: Pick<ReportFinding, 'package' | 'candidates'>): string {
  return candidates.length === 0 ? name : `${name} (perhaps ${candidates.join(' or ')})`;
}

/** Returns a sentence with the names under which Clair matches a package whose group is uncertain. */
export function candidateWords(candidates: readonly string[]): string {
  return `The group ID of the package is uncertain: advisories for ${candidates.join(' and ')} were matched.`;
}

/**
 * Returns the number of packages as text. If some packages are libraries, the text includes the number of each type, as
 * in `156 (98 npm, 58 deb)`.
 */
export function packageCountWords(packages: readonly Pick<ReportPackage, 'type'>[]): string {
  const total = numberWords(packages.length);
  if (!packages.some(isLibrary)) return total;
  const counts = [...groupedBy(packages, ({ type }) => type)].map(([type, of]) => ({ type, count: of.length }));
  const words = counts.toSorted((a, b) => b.count - a.count).map(({ type, count }) => `${numberWords(count)} ${type}`);
  return `${total} (${words.join(', ')})`;
}

/** Returns a function that looks up the owner of a package by its package URL; null without an owner. */
export function ownersOf({ packages }: Pick<Report, 'packages'>): (purl: string) => ReportPackage['owner'] {
  const owners = new Map(packages.flatMap(({ purl, owner }) => (owner === null ? [] : [[purl, owner] as const])));
  return (purl) => owners.get(purl) ?? null;
}

/** Returns a note as a clause, with the first line of the description of its advisory. */
export function noteWords({ id, kind, package: name, version, description }: ReportNote): string {
  const [summary = ''] = description.trim().split('\n');
  return `${name} ${version} ${NOTE_WORDS[kind]}: ${id}${summary === '' ? '' : `, ${summary}`}`;
}

const NOTE_WORDS: Readonly<Record<ReportNote['kind'], string>> = {
  unmaintained: 'is unmaintained',
  unsound: 'is unsound',
  notice: 'has a notice',
};
