import { ClairError } from '../../errors.ts';
import { SCHEMES } from '../../versions/index.ts';
import type { SchemeId } from '../../versions/scheme.ts';

/** Gives the key of a version as a feed writes it; undefined for one that no package can have. */
export function versionKey(version: string, scheme: SchemeId): Uint8Array | undefined {
  try {
    return SCHEMES[scheme].key(version);
  } catch (error) {
    if (error instanceof ClairError && error.code === 'version/invalid') return undefined;
    throw error;
  }
}
