import { ClairError } from '../../errors.ts';
import { MAX_INDEXED_BYTES, isIndexable } from '../indexed-text.ts';
import { parseSeverity, SEVERITIES, type Severity } from '../severity.ts';
import { type Digest, digestOfHex, isSha256Digest } from '../digest.ts';
import { type Advisory, isAdvisoryId } from './advisory.ts';
import { isContentName, isPattern, type WatchedFile, watchedName } from './watched-file.ts';

/**
 * The condition under which a rule affects an image. Depending on the condition, a rule affects an image if one of the
 * rule's files is present, is absent, or is present with different content.
 */
export const RULE_STATES = ['present', 'absent', 'changed'] as const;

/** The namespace of files and the type of their features. */
export const FILES = 'file';

/** The feed of the advisories of file rules; no fetcher has this name. */
export const FILE_RULE_FEED = 'file-rules';

/** A manual advisory that affects images in which one of the files is in the given state. */
export type FileRule = {
  /** The name of the vulnerability; see `isAdvisoryId`. */
  readonly id: string;
  readonly when: (typeof RULE_STATES)[number];
  /** The distinct paths and patterns in the form of {@link normalPath}; empty for files anywhere in the image. */
  readonly paths: readonly string[];
  /** The distinct SHA-256 digests of the content of the files; absent or empty for any content. */
  readonly digests?: readonly Digest[];
  readonly severity: Severity;
  readonly description: string;
  readonly link: string;
};

export type StoredFileRule = FileRule & {
  /** The time of creation in milliseconds since 1970. */
  readonly createdAt: number;
  /**
   * The time when the search of all stored layers finished, in milliseconds since 1970; null before that time. The rule
   * applies from that time.
   */
  readonly indexedAt: number | null;
};

/** The limits of file rules. Limits are needed because each layer is searched for all files of all rules. */
export const MAX_FILE_RULES = 1000;
export const MAX_PATHS_OF_RULE = 100;
export const MAX_DIGESTS_OF_RULE = 100;
export const MAX_FILES_OF_RULE = 100;
export const MAX_WATCHED_FILES = 5000;

/** The limit of patterns is lower, because every path of a layer is compared with every pattern. */
export const MAX_WATCHED_PATTERNS = 100;
const MAX_STARS = 8;

/** The maximum number of segments of a path; the deepest paths in real images have about 30 segments. */
const MAX_NAMES = 64;

/** Returns the files that a rule is about: all combinations of a path and a digest. */
export function filesOfRule({
  when,
  paths,
  digests = [],
}: Pick<FileRule, 'when' | 'paths' | 'digests'>): readonly WatchedFile[] {
  const isEqual = when !== 'changed';
  const state = when === 'changed' ? 'present' : when;
  const places = paths.length === 0 ? [undefined] : paths;
  const contents = digests.length === 0 ? [undefined] : digests.map((digest) => ({ digest, isEqual }));
  return places.flatMap((path) => contents.map((content) => ({ name: watchedName({ path, content }), state })));
}

/** Returns the advisory of a rule, with a range for each file. */
export function advisoryOfRule({ id, severity, description, link, ...rule }: FileRule): Advisory {
  const affected = filesOfRule(rule).map(({ name, state }) => ({
    namespace: FILES,
    package: name,
    // The range has no `fixed`, because a file that appears or disappears is not a version to which users can upgrade.
    ...(state === 'present' ? { introduced: 'present' } : { lastAffected: 'absent' }),
    severity,
    status: 'open' as const,
  }));
  return { id, link, description, affected };
}

/** The maximum lengths of the texts of a rule, in UTF-16 code units. */
export const MAX_RULE_DESCRIPTION = 8192;
export const MAX_RULE_LINK = 2048;

/** The fields of a rule in the form that a user writes. */
export type WrittenFileRule = {
  readonly id: string;
  readonly when?: string | undefined;
  readonly paths?: readonly string[] | undefined;
  /** The digests, with or without the prefix `sha256:`. */
  readonly digests?: readonly string[] | undefined;
  readonly severity: string;
  readonly description?: string | undefined;
  readonly link?: string | undefined;
};

/** Checks and normalises a rule. @throws ClairError `request/invalid`, `severity/invalid` */
export function fileRule({ id, when = 'present', paths = [], digests = [], ...written }: WrittenFileRule): FileRule {
  if (!isAdvisoryId(id)) {
    throw invalid(
      `the name ${quoted(id)} must have 1 to 128 characters (letters, digits and . _ : + -), and start with a letter or digit`,
    );
  }
  const state = RULE_STATES.find((each) => each === when);
  if (state === undefined) throw invalid(`the state ${quoted(when)} is unknown: use present, absent or changed`);
  const of = checkedFiles(state, paths, digests);
  const severity = parseSeverity(written.severity);
  if (severity === undefined) {
    const known = SEVERITIES.join(', ');
    throw new ClairError(
      'severity/invalid',
      `the severity ${quoted(written.severity)} is unknown: use one of ${known}`,
    );
  }
  const { description = '', link = '' } = written;
  if (description.length > MAX_RULE_DESCRIPTION)
    throw invalid(`the description is longer than ${MAX_RULE_DESCRIPTION} characters`);
  if (link.length > MAX_RULE_LINK) throw invalid(`the link is longer than ${MAX_RULE_LINK} characters`);
  return { id, when: state, ...of, severity, description, link };
}

function checkedFiles(
  when: FileRule['when'],
  writtenPaths: readonly string[],
  writtenDigests: readonly string[],
): Pick<FileRule, 'paths' | 'digests'> {
  if (writtenPaths.length + writtenDigests.length === 0) throw invalid('a file rule needs at least one path or digest');
  if (writtenPaths.length > MAX_PATHS_OF_RULE)
    throw invalid(`a file rule can have at most ${MAX_PATHS_OF_RULE} paths, not ${writtenPaths.length}`);
  if (writtenDigests.length > MAX_DIGESTS_OF_RULE)
    throw invalid(`a file rule can have at most ${MAX_DIGESTS_OF_RULE} digests, not ${writtenDigests.length}`);
  const paths = [...new Set(writtenPaths.map(checkedPath))].toSorted();
  const digests = [...new Set(writtenDigests.map(checkedDigest))].toSorted();
  if (when === 'changed' && (paths.length === 0 || paths.some(isPattern) || digests.length !== 1))
    throw invalid(
      'a rule with `when: changed` needs exactly one digest, and at least one path; its paths must not contain *',
    );
  if (when === 'absent' && paths.length > 0 && digests.length > 1)
    throw invalid('a rule with `when: absent` and paths can have only one digest: create a rule for each digest');
  const of = { paths, ...(digests.length > 0 && { digests }) };
  const files = filesOfRule({ when, ...of });
  if (files.length > MAX_FILES_OF_RULE)
    throw invalid(
      `a file rule can have at most ${MAX_FILES_OF_RULE} pairs of a path and a digest, not ${files.length}`,
    );
  const long = files.find(({ name }) => !isIndexable(name));
  if (long !== undefined)
    throw invalid(`the path and digest ${quoted(long.name)} are longer than ${MAX_INDEXED_BYTES} bytes`);
  return of;
}

function checkedPath(path: string): string {
  const normal = normalPath(path);
  if ('reason' in normal) throw invalid(`the path ${quoted(path)} ${normal.reason}`);
  // With a digest, a path that ends with " not" would look like the name of a changed file (`PATH not DIGEST`).
  if (normal.path.endsWith(' not')) throw invalid(`the path ${quoted(path)} must not end with " not"`);
  if (isContentName(normal.path))
    throw invalid(`the path ${quoted(path)} ends with a digest: specify the digest separately`);
  if (normal.path.split('*').length - 1 > MAX_STARS)
    throw invalid(`the path ${quoted(path)} contains more than ${MAX_STARS} wildcards (*)`);
  if (/^[*/]*$/.test(normal.path))
    throw invalid(`the path ${quoted(path)} matches every file: name a file or a directory`);
  return normal.path;
}

/** The digest of an empty file, which almost every image contains. */
const EMPTY_FILE = digestOfHex('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');

function checkedDigest(written: string): Digest {
  const text = written.toLowerCase();
  const digest = text.startsWith('sha256:') ? text : `sha256:${text}`;
  if (!isSha256Digest(digest))
    throw invalid(`the digest ${quoted(written)} must be a SHA-256 digest (64 hexadecimal digits)`);
  if (digest === EMPTY_FILE)
    throw invalid(`the digest ${quoted(written)} is the digest of an empty file, which almost every image contains`);
  return digest;
}

function invalid(message: string): ClairError {
  return new ClairError('request/invalid', message);
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}

/**
 * Returns a path without leading, trailing or double slashes and without `.` segments, as in the list of a layer's
 * members. If no member can have the path, returns the reason.
 */
export function normalPath(path: string): { readonly path: string } | { readonly reason: string } {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  const normal = names.join('/');
  if (normal === '') return { reason: 'names no file' };
  if (names.includes('..')) return { reason: 'contains ".."' };
  if (names.length > MAX_NAMES) return { reason: `has more than ${MAX_NAMES} segments` };
  if (path.includes('\0')) return { reason: 'contains a NUL character' };
  if (!isIndexable(normal)) return { reason: `is longer than ${MAX_INDEXED_BYTES} bytes` };
  return { path: normal };
}
