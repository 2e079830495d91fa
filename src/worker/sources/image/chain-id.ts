import { hash } from 'node:crypto';
import type { Digest } from '../../../model/digest.ts';

/**
 * Names each layer of an image by its content and that of all layers below it, so that images share what they have in
 * common: the ChainID of image-spec config.md, behind a prefix that keeps it apart from the names that clients give.
 */
export function chainIds(diffIds: readonly Digest[]): string[] {
  let chain = '';
  return diffIds.map((diffId) => {
    chain = chain === '' ? diffId : `sha256:${hash('sha256', `${chain} ${diffId}`)}`;
    return `chain:${chain}`;
  });
}
