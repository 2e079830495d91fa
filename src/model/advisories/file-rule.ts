import { ClairError } from '../../errors.ts';
import { MAX_INDEXED_BYTES, isIndexable } from '../indexed-text.ts';
import { parseSeverity, SEVERITIES, type Severity } from '../severity.ts';
import { type Advisory, isAdvisoryId } from './advisory.ts';

/** The states of a file that rules can be about; also the versions of files. */
export const FILE_STATES = ['present', 'absent'] as const;

export type FileState = (typeof FILE_STATES)[number];

/**
 * The version of a file whose state could not be determined. It has no place in the order, so no rule matches it; reports
 * have a diagnostic.
 */
export const UNKNOWN_STATE = 'unknown';

/** The namespace of files, and the type of their features. */
export const FILES = 'file';

/** The feed of the advisories of file rules; no fetcher has this name. */
export const FILE_RULE_FEED = 'file-rules';

/** A manual advisory that affects images in which one of the files is in the given state. */
export type FileRule = {
  /** The name of the vulnerability; see `isAdvisoryId`. */
  readonly id: string;
  readonly when: FileState;
  /** Paths in the form of {@link normalPath}, each once. */
  readonly paths: readonly string[];
  readonly severity: Severity;
  readonly description: string;
  readonly link: string;
};

/** A rule as stored. */
export type StoredFileRule = FileRule & {
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** When all stored layers had been searched, in milliseconds since 1970; null before. The rule applies from then on. */
  readonly indexedAt: number | null;
};

/** A file that rules are about; layers have a point for the file where the file is in this state. */
export type WatchedFile = { readonly name: string; readonly state: FileState };

/** The limits of rules: a layer is searched for all files of all rules. */
export const MAX_FILE_RULES = 1000;
export const MAX_PATHS_OF_RULE = 100;
export const MAX_WATCHED_FILES = 5000;

/** The deepest directories of real images have about 30 names. */
const MAX_NAMES = 64;

/** Returns the advisory of a rule: one range for each file. */
export function advisoryOfRule({ id, when, paths, severity, description, link }: FileRule): Advisory {
  // A range without `fixed`: a file that appears or disappears is not a version to upgrade to.
  const range = when === 'present' ? { introduced: 'present' } : { lastAffected: 'absent' };
  const affected = paths.map((path) => ({
    namespace: FILES,
    package: path,
    ...range,
    severity,
    status: 'open' as const,
  }));
  return { id, link, description, affected };
}

/** The longest texts of a rule, in UTF-16 units. */
export const MAX_RULE_DESCRIPTION = 8192;
export const MAX_RULE_LINK = 2048;

/** The fields of a rule as a user writes them. */
export type WrittenFileRule = {
  readonly id: string;
  readonly when?: string | undefined;
  readonly paths: readonly string[];
  readonly severity: string;
  readonly description?: string | undefined;
  readonly link?: string | undefined;
};

/** Checks and normalises a rule. @throws ClairError `request/invalid`, `severity/invalid` */
export function fileRule({ id, when = 'present', paths, ...written }: WrittenFileRule): FileRule {
  if (!isAdvisoryId(id)) {
    throw invalid(
      `the name ${quoted(id)} must have 1 to 128 letters, digits and . _ : + -, and start with a letter or digit`,
    );
  }
  const state = FILE_STATES.find((each) => each === when);
  if (state === undefined) throw invalid(`the state ${quoted(when)} is unknown: use ${FILE_STATES.join(' or ')}`);
  if (paths.length === 0) throw invalid('a file rule needs at least one path');
  if (paths.length > MAX_PATHS_OF_RULE) throw invalid(`a file rule has at most ${MAX_PATHS_OF_RULE} paths`);
  const severity = parseSeverity(written.severity);
  if (severity === undefined) {
    const known = SEVERITIES.join(', ');
    throw new ClairError('severity/invalid', `the severity ${quoted(written.severity)} is unknown: use ${known}`);
  }
  const { description = '', link = '' } = written;
  if (description.length > MAX_RULE_DESCRIPTION)
    throw invalid(`the description has more than ${MAX_RULE_DESCRIPTION} characters`);
  if (link.length > MAX_RULE_LINK) throw invalid(`the link has more than ${MAX_RULE_LINK} characters`);
  return { id, when: state, paths: [...new Set(paths.map(checkedPath))].toSorted(), severity, description, link };
}

function checkedPath(path: string): string {
  const normal = normalPath(path);
  if ('path' in normal) return normal.path;
  throw invalid(`the path ${quoted(path)} ${normal.reason}`);
}

function invalid(message: string): ClairError {
  return new ClairError('request/invalid', message);
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}

/**
 * Returns a path without leading, trailing and double slashes and `.` segments, as in the list of a layer's members.
 * Returns a reason instead if no member can have the path.
 */
export function normalPath(path: string): { readonly path: string } | { readonly reason: string } {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  const normal = names.join('/');
  if (normal === '') return { reason: 'names no file' };
  if (names.includes('..')) return { reason: 'contains ".."' };
  if (names.length > MAX_NAMES) return { reason: `has more than ${MAX_NAMES} names` };
  if (path.includes('\0')) return { reason: 'contains a NUL character' };
  if (!isIndexable(normal)) return { reason: `has more than ${MAX_INDEXED_BYTES} bytes` };
  return { path: normal };
}
