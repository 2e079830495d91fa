import {
  type BaseIssue,
  check,
  custom,
  type GenericSchema,
  type InferOutput,
  integer,
  minValue,
  number,
  object,
  type ObjectEntries,
  type ObjectSchema,
  pipe,
  safeParse,
  unknown,
} from 'valibot';
import { allBytes } from '../../../bytes/all-bytes.ts';
import { ClairError } from '../../../errors.ts';
import type { Digest } from '../../../model/digest.ts';
import { isObject } from '../../../model/json-values.ts';
import { digestHash } from './digest-hash.ts';
import type { ImageFiles } from './image-files.ts';

type Files = Pick<ImageFiles, 'where' | 'open'>;

/**
 * Registries need not accept manifests above 4 MB (distribution-spec, "Pushing manifests"); configurations have a
 * similar size.
 */
const MAX_JSON_BYTES = 4 * 1024 * 1024;

/**
 * Reads one of an image's JSON files and checks its shape.
 *
 * @param promised the expected digest, if the reference states one
 * @param refuse examines the value before its digest and shape are checked, and throws for known unsupported formats
 * @throws ClairError `image/unreadable` if the file is missing, is too large, is not JSON, or has an unexpected shape;
 * `bytes/digest-mismatch` if its digest is wrong; the errors of `files` and of `refuse`.
 */
export async function readImageJson<Schema extends GenericSchema>(
  files: Files,
  name: string,
  schema: Schema,
  promised?: Digest,
  refuse?: (value: unknown) => void,
): Promise<{ readonly value: InferOutput<Schema>; readonly digest: Digest }> {
  const bytes = await allBytes(files.open(name), MAX_JSON_BYTES);
  if (bytes === undefined) {
    throw new ClairError('image/unreadable', `${name} in ${files.where} is larger than ${MAX_JSON_BYTES} bytes`);
  }
  refuse?.(parsedOrNot(bytes));
  const hash = digestHash(promised);
  hash.update(bytes);
  const digest = hash.digest();
  if (promised !== undefined && digest !== promised) {
    throw new ClairError('bytes/digest-mismatch', `${name} in ${files.where} has digest ${digest}, not ${promised}`);
  }
  const result = safeParse(schema, parsed(bytes, name, files.where), { abortEarly: true });
  if (result.success) return { value: result.output, digest };
  throw new ClairError('image/unreadable', `${name} in ${files.where} is invalid: ${faultOf(result.issues[0])}`);
}

const SIZE_MESSAGE = 'must be an integer from 0';

/** The size of a blob in bytes. */
export const SIZE: GenericSchema<number> = pipe(number(), integer(SIZE_MESSAGE), minValue(0, SIZE_MESSAGE));

/** An object whose values are texts, such as annotations. */
export const TEXTS: GenericSchema<Texts> = custom<Texts>(isTexts, 'must be an object of texts');

export type Texts = Readonly<Record<string, string>>;

/** Returns whether a value is an object whose values are texts. The `record` of valibot skips some keys. */
export function isTexts(value: unknown): value is Texts {
  return isObject(value) && Object.values(value).every((each) => typeof each === 'string');
}

/** Returns the schema of objects with these members; the `object` of valibot also accepts lists. */
export function objectSchema<const Entries extends ObjectEntries>(
  entries: Entries,
): GenericSchema<unknown, InferOutput<ObjectSchema<Entries, undefined>>> {
  return pipe(unknown(), check(isObject, 'must be of type Object'), object(entries));
}

/** Returns the JSON pointer of a fault (RFC 6901) and what is wrong there, without values from the document. */
function faultOf({ kind, type, path, expected, received, message }: BaseIssue<unknown>): string {
  const pointer = path?.map(({ key }) => `/${String(key)}`).join('');
  const at = pointer ?? 'the document';
  if (received === 'undefined') return `${at} is missing`;
  return `${at} ${kind === 'schema' && type !== 'custom' ? `must be of type ${expected}` : message}`;
}

function parsed(bytes: Buffer, name: string, where: string): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new ClairError('image/unreadable', `${name} in ${where} is not valid JSON`, { cause: error });
  }
}

function parsedOrNot(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
