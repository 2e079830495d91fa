import { type Digest, isSha256Digest } from '../digest.ts';

/** The file states that rules can match. The database stores the state as the version of the file. */
export const FILE_STATES = ['present', 'absent'] as const;

export type FileState = (typeof FILE_STATES)[number];

/**
 * The version of a file whose state could not be determined. This version has no place in the version order, so no rule
 * matches the file; reports have a diagnostic.
 */
export const UNKNOWN_STATE = 'unknown';

/** The version of a file whose state is unknown because a layer was indexed without file digests. */
export const UNHASHED_STATE = 'unhashed';

/** The state of a file, as far as the layers determine the state. */
export type SeenState = FileState | typeof UNKNOWN_STATE | typeof UNHASHED_STATE;

/** Returns whether the state of a file is known. */
export function isFileState(state: SeenState): state is FileState {
  return state !== UNKNOWN_STATE && state !== UNHASHED_STATE;
}

/** The files that a rule is about. A layer has a feature with this name if the files are in this state. */
export type WatchedFile = { readonly name: string; readonly state: FileState };

/**
 * The meaning of the name of a watched file. The name selects files at a path or anywhere in the image, with a given
 * content or any content.
 */
export type FilePredicate = {
  /** A path in the form of `normalPath`, or a pattern of paths; undefined for files anywhere in the image. */
  readonly path: string | undefined;
  readonly content: { readonly digest: Digest; readonly isEqual: boolean } | undefined;
};

/** Matches the names of watched files with a given content. */
const CONTENT = /^(?:(?<path>.*?) )??(?<not>not )?(?<digest>sha256:[0-9a-f]{64})$/s;

/** Returns the name of a watched file. {@link filePredicate} returns the predicate of the name. */
export function watchedName({ path, content }: FilePredicate): string {
  const words = [
    ...(path === undefined ? [] : [path]),
    ...(content === undefined ? [] : [content.isEqual ? content.digest : `not ${content.digest}`]),
  ];
  return words.join(' ');
}

/** Returns the predicate that the name of a watched file states ({@link watchedName}). */
export function filePredicate(name: string): FilePredicate {
  const { path, not, digest = '' } = CONTENT.exec(name)?.groups ?? {};
  if (!isSha256Digest(digest)) return { path: name, content: undefined };
  return { path, content: { digest, isEqual: not === undefined } };
}

/** Returns whether a path has the form of a name of files with a given content. */
export function isContentName(path: string): boolean {
  return CONTENT.test(path);
}

/** Returns whether a path is a pattern, that is, contains `*`, which matches any characters. */
export function isPattern(path: string): boolean {
  return path.includes('*');
}
