import {
  type BaseIssue,
  check,
  type GenericSchema,
  type InferOutput,
  integer,
  minValue,
  number,
  pipe,
  record,
  safeParse,
  string,
  unknown,
} from 'valibot';
import { allBytes } from '../../../bytes/all-bytes.ts';
import { ClairError } from '../../../errors.ts';
import type { Digest } from '../../../model/digest.ts';
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
export const TEXTS: GenericSchema<unknown, Readonly<Record<string, string>>> = pipe(
  unknown(),
  check((value) => !Array.isArray(value), 'must be of type Object'),
  record(string(), string()),
);

/** Returns the JSON pointer of a fault (RFC 6901) and what is wrong there, without values from the document. */
function faultOf({ kind, path, expected, received, message }: BaseIssue<unknown>): string {
  const pointer = path?.map(({ key }) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  const at = pointer ?? 'the document';
  if (received === 'undefined') return `${at} is missing`;
  return `${at} ${kind === 'schema' && expected !== null ? `must be of type ${expected}` : message}`;
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
