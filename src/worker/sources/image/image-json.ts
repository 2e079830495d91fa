import { allBytes } from '../../../bytes/all-bytes.ts';
import { ClairError } from '../../../errors.ts';
import type { Digest } from '../../../model/digest.ts';
import { digestHash } from './digest-hash.ts';
import type { ImageFiles } from './image-files.ts';
import { hasShape, type Shape } from './json-shape.ts';

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
export async function readImageJson<Value>(
  files: Files,
  name: string,
  shape: Shape<Value>,
  promised?: Digest,
  refuse?: (value: unknown) => void,
): Promise<{ readonly value: Value; readonly digest: Digest }> {
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
  const value = parsed(bytes, name, files.where);
  if (!hasShape(shape, value)) {
    const what = shape.fault(value, '');
    throw new ClairError('image/unreadable', `${name} in ${files.where} is invalid: ${what}`);
  }
  return { value, digest };
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
