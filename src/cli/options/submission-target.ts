import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { ClairError } from '../../errors.ts';
import { imageReferenceText } from '../../model/image-reference.ts';
import { parseTarget } from '../../worker/sources/target.ts';
import { STANDARD_INPUT } from './standard-input.ts';

/** What can be submitted: an image that the server fetches, or the archive of one that it is sent. */
export type SubmissionTarget =
  | { readonly kind: 'reference'; readonly reference: string }
  | { readonly kind: 'archive'; readonly path: string; readonly name: string }
  | { readonly kind: 'standard-input'; readonly name: string };

/**
 * Reads a target as `clair scan` takes it, as far as a server can take it too.
 *
 * @throws ClairError `cli/usage` for what a server cannot take, with what to do instead; as `parseTarget` for what is no target
 */
export function submissionTarget(text: string): SubmissionTarget {
  if (text === STANDARD_INPUT) return { kind: 'standard-input', name: 'standard-input' };
  const target = parseTarget(text);
  if (target.kind === 'registry') return { kind: 'reference', reference: imageReferenceText(target.reference) };
  const { path } = target;
  if (target.kind === 'rootfs') {
    throw new ClairError(
      'cli/usage',
      `${path} is a root file system of this machine, which no server sees: clair scan does`,
    );
  }
  if (statSync(path).isDirectory()) {
    const message = `${path} is a directory: a server takes archives, as in tar -cC ${path} . | clair submit -`;
    throw new ClairError('cli/usage', message);
  }
  if (target.tag !== undefined) {
    const message = `a server takes ${path} as a whole: save the image ${target.tag} alone, and submit that archive`;
    throw new ClairError('cli/usage', message);
  }
  return { kind: 'archive', path, name: basename(path).slice(-MAX_NAME_LENGTH) };
}

/** The longest name that the API takes. */
const MAX_NAME_LENGTH = 256;
