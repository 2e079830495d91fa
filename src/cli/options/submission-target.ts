import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { ClairError } from '../../errors.ts';
import { imageReferenceText } from '../../model/image-reference.ts';
import { parseTarget } from '../../worker/sources/target.ts';
import { STANDARD_INPUT } from './standard-input.ts';

/** An image that the server pulls, or an archive to upload. */
export type SubmissionTarget =
  | { readonly kind: 'reference'; readonly reference: string }
  | { readonly kind: 'archive'; readonly path: string; readonly name: string }
  | { readonly kind: 'standard-input'; readonly name: string };

/**
 * Parses a target of `clair scan` for a server.
 *
 * @throws ClairError `cli/usage` for a target that a server cannot accept, with the alternative; the errors of
 * `parseTarget` for an invalid target
 */
export function submissionTarget(text: string): SubmissionTarget {
  if (text === STANDARD_INPUT) return { kind: 'standard-input', name: 'standard-input' };
  const target = parseTarget(text);
  if (target.kind === 'registry') return { kind: 'reference', reference: imageReferenceText(target.reference) };
  const { path } = target;
  if (target.kind === 'sbom') {
    throw new ClairError('cli/usage', `clair submit does not accept the SBOM ${path}: use clair scan sbom:${path}`);
  }
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
  return { kind: 'archive', path, name: basename(path).slice(-MAX_NAME_LENGTH) };
}

/** The longest name that the API accepts, in characters. */
const MAX_NAME_LENGTH = 256;
