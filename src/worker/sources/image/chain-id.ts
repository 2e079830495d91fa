import { hash } from 'node:crypto';
import type { Digest } from '../../../model/digest.ts';

/**
 * Names each layer by its content and the content of all layers below, so that images share common layers: the ChainID
 * of image-spec config.md, with a prefix that distinguishes the name from names given by clients.
 */
export function chainIds(diffIds: readonly Digest[]): string[] {
  let chain = '';
  return diffIds.map((diffId) => {
    chain = chain === '' ? diffId : `sha256:${hash('sha256', `${chain} ${diffId}`)}`;
    return `chain:${chain}`;
  });
}
