import { createHash } from 'node:crypto';
import type { Layer } from '../../model/layer.ts';

/**
 * Returns a key for the contents of a chain of layers: chains with the same key have the same state, regardless of the
 * names of their layers.
 *
 * @param below the key of the chain below; absent for a base layer
 */
export function chainKey(
  below: string | undefined,
  { digest, engineVersion }: Pick<Layer, 'digest' | 'engineVersion'>,
): string {
  return createHash('sha256')
    .update(JSON.stringify([below ?? null, digest, engineVersion]))
    .digest('base64');
}
