import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { ClairError } from '../../errors.ts';
import { imageReferenceText } from '../../model/image-reference.ts';
import { parseTarget } from '../../worker/sources/target.ts';
import { STANDARD_INPUT } from './standard-input.ts';

/**
 * An image for the server to pull, or an archive or SBOM to upload; without a path, the archive or SBOM comes from
 * standard input.
 */
export type SubmissionTarget =
  | { readonly kind: 'reference'; readonly reference: string }
  | { readonly kind: 'archive' | 'sbom'; readonly path?: string; readonly name: string };

/**
 * Parses a target of `clair scan` for a server.
 *
 * @throws ClairError `cli/usage`, with the alternative, for a target that a server cannot accept; the errors of
 * `parseTarget` for an invalid target
 */
export function submissionTarget(text: string): SubmissionTarget {
  if (text === STANDARD_INPUT) return { kind: 'archive', name: NAME_OF_INPUT };
  if (text === `sbom:${STANDARD_INPUT}`) return { kind: 'sbom', name: NAME_OF_INPUT };
  const target = parseTarget(text);
  if (target.kind === 'registry') return { kind: 'reference', reference: imageReferenceText(target.reference) };
  if ('name' in target) {
    const { kind, name } = target;
    const message = `a server cannot read the images of ${kind} on this machine: run ${kind} save ${name} | clair submit -`;
    throw new ClairError('cli/usage', message);
  }
  const { path } = target;
  if (target.kind === 'sbom') return { kind: 'sbom', path, name: nameOf(path) };
  if (target.kind === 'rootfs') {
    throw new ClairError('cli/usage', `a server cannot read the directory ${path} on this machine: use clair scan`);
  }
  if (statSync(path).isDirectory()) {
    const message = `${path} is a directory, but a server accepts only archives: run tar -cC ${path} . | clair submit -`;
    throw new ClairError('cli/usage', message);
  }
  if (target.tag !== undefined) {
    const message = `a server cannot choose the tag ${target.tag} in ${path}: save that image alone and submit the archive`;
    throw new ClairError('cli/usage', message);
  }
  return { kind: 'archive', path, name: nameOf(path) };
}

const NAME_OF_INPUT = 'standard-input';

function nameOf(path: string): string {
  return basename(path).slice(-MAX_NAME_LENGTH);
}

/** The maximum length of a name that the API accepts, in characters. */
const MAX_NAME_LENGTH = 256;
