import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { FeedValidators } from './fetcher.ts';

/** Validators by file name, for a feed of several files. */
export type FileValidators = ReadonlyMap<string, FeedValidators>;

/**
 * Returns the validators as a string, which is stored as the entity tag of the feed; undefined if a file has no
 * validators, or if there is no file.
 */
export function writeFileValidators(validators: FileValidators): string | undefined {
  const isComplete = [...validators.values()].every(({ etag, lastModified }) => etag ?? lastModified);
  return isComplete && validators.size > 0 ? JSON.stringify(Object.fromEntries(validators)) : undefined;
}

/** Parses the result of {@link writeFileValidators}; returns an empty map for any other string. */
export function parseFileValidators(text: string | undefined): FileValidators {
  const value = text === undefined ? undefined : parsed(text);
  return new Map(Value.Check(SHAPE, value) ? Object.entries(value) : []);
}

const SHAPE = Type.Record(
  Type.String(),
  Type.Object({ etag: Type.Optional(Type.String()), lastModified: Type.Optional(Type.String()) }),
);

/**
 * Returns undefined for text that is not JSON, because older versions of a fetcher stored the entity tag of a single
 * file.
 */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
