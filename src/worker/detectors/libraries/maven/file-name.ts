import { isId } from './coordinates.ts';

/** The artifact and version in the name of an archive, in Maven's form: `ARTIFACT-VERSION[-CLASSIFIER].SUFFIX`. */
export type NameParts = { readonly artifact: string; readonly version?: string };

/** Words that follow a number in versions; other words are classifiers, such as `all` and `linux-x86_64`. */
const QUALIFIER =
  /^(?:a|alpha|b|beta|m|milestone|rc|cr|pre|preview|ea|dev|snapshot|incubating|release|final|ga|sp|pl|jre|android|redhat|jbossorg|jboss|fuse|empty|atlassian|cdh|hdp|emr|amzn)(?:[.\d]|$)/i;

/**
 * Splits the name of an archive. The version starts at the last number, or at a number before it with only qualifiers
 * in between: `log4j-1.2-api-2.19.0` has version 2.19.0, `eap-6.0.23.SP1-redhat-00001` has 6.0.23.SP1-redhat-00001.
 */
export function splitFileName(fileName: string): NameParts {
  const stem = stemOf(fileName);
  if (stem.length > MAX_CHARACTERS) return { artifact: stem };
  const parts = stem.split('-');
  const digits = parts.findLastIndex(startsWithDigit);
  const last = digits < 1 ? parts.findLastIndex((part) => TAG.test(part)) : digits;
  if (last < 1) return { artifact: artifactOf(parts) };
  let first = last;
  for (let at = last - 1; at > 0; at -= 1) {
    // In `log4j-1.2-1.2.17` the first number is part of the name.
    if (parts[first]?.startsWith(`${parts[at]}.`) === true) break;
    if (startsWithDigit(parts[at])) first = at;
    else if (!QUALIFIER.test(parts[at] ?? '')) break;
  }
  let end = last + 1;
  while (end < parts.length && QUALIFIER.test(parts[end] ?? '')) end += 1;
  if (parts[last + 1] === EMPTY) end = parts.length;
  const version = parts
    .slice(first, end)
    .join('-')
    .replace(/^v(?=\d)/i, '');
  const artifact = artifactOf(parts.slice(0, first));
  // Debian names some archives after a series: `spring3-core-3.x.jar`.
  return /(?:^|\.)x$/i.test(version) ? { artifact } : { artifact, version };
}

/** The maximum length of a file name on Linux. */
const MAX_CHARACTERS = 255;

/**
 * Returns the name of an archive without its suffix, and without the mark of a copy: `guava (1).jar`, `guava copy.jar`.
 */
export function stemOf(fileName: string): string {
  return fileName
    .slice(0, Math.max(0, fileName.lastIndexOf('.')))
    .replaceAll(/ {0,9}\(\d{1,9}\)/g, '')
    .replace(/(?: -)? copy(?: \d{1,9})?$/i, '')
    .trim();
}

/**
 * Returns the artifact. Replaces characters that artifact IDs cannot contain; such characters come from renaming the
 * archive.
 */
function artifactOf(parts: readonly string[]): string {
  const artifact = parts.join('-');
  const cleaned = artifact.replaceAll(/[^A-Za-z0-9_.]+/g, '-').replaceAll(/^-|-$/g, '');
  return isId(artifact) ? artifact : cleaned;
}

/**
 * Matches a version in the form of repository tags, as in `foo-v1.2.3`. A single number may be part of the artifact.
 */
const TAG = /^v\d+\.\d/i;

/** The qualifier of an archive without code: `listenablefuture-9999.0-empty-to-avoid-conflict-with-guava`. */
const EMPTY = 'empty';

function startsWithDigit(part: string | undefined): boolean {
  return part !== undefined && /^\d/.test(part);
}
