import { isRepository, referenceParts } from '../../../src/model/image-reference.ts';

/**
 * Returns the image of a new rule: the repository of the image, or its digest if its reference names no repository. The
 * image is never empty, because an empty field means all images.
 */
export function presetImage({ reference, digest }: { readonly reference: string; readonly digest: string }): string {
  const { repository } = referenceParts(reference);
  return isRepository(repository) ? repository : digest;
}
