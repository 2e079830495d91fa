import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { FeedValidators } from './fetcher.ts';

/** The validators of each file of a feed that is published as several, by the file's name. */
export type FileValidators = ReadonlyMap<string, FeedValidators>;

/** Writes them as one text, to be kept in the place of an entity tag; undefined when one of the files has none. */
export function writeFileValidators(validators: FileValidators): string | undefined {
  const isComplete = [...validators.values()].every(({ etag, lastModified }) => etag ?? lastModified);
  return isComplete && validators.size > 0 ? JSON.stringify(Object.fromEntries(validators)) : undefined;
}

/** Reads such a text; no files are known when there is none, or it is something else. */
export function parseFileValidators(text: string | undefined): FileValidators {
  const value = text === undefined ? undefined : parsed(text);
  return new Map(Value.Check(SHAPE, value) ? Object.entries(value) : []);
}

const SHAPE = Type.Record(
  Type.String(),
  Type.Object({ etag: Type.Optional(Type.String()), lastModified: Type.Optional(Type.String()) }),
);

/** An entity tag of one file, which an older version of a fetcher kept, is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
