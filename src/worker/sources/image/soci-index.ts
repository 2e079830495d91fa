import { ClairError } from '../../../errors.ts';
import type { LayerParts } from '../../parts/read-parts.ts';
import type { Descriptor, ImagePlace, ReadManifest } from './image-manifest.ts';

/** The artifact types of SOCI indexes (soci-snapshotter, soci/soci_index.go). */
export const SOCI_INDEX_TYPES: RegExp = /^application\/vnd\.amazon\.soci\.index\./;

/** The annotation of an image with a SOCI index of version 2. */
const SOCI_INDEX = 'com.amazon.soci.index-digest';

/** The artifact type of a SOCI index of version 1, which refers to the image, so the image does not name the index. */
const SOCI_INDEX_1 = 'application/vnd.amazon.soci.index.v1+json';

/** Scans do not wait longer for a list that can only add the reason why whole layers are read. */
const MAX_MILLISECONDS = 5000;

/** The index of version 1 is the only wanted entry, and registries that filter by type return it on the first page. */
const ONE_PAGE = { maxPages: 1, maxFound: 1 } as const;

/**
 * Returns unusable parts with the reason why the SOCI index of an image, of version 2, is not used. The spans of a SOCI
 * index do not prove the content of the tar, because the author of the index chooses the initial window of the decoder.
 */
export function sociParts(
  { openRange }: ImagePlace,
  { value: { annotations } }: ReadManifest,
  { size = 0 }: Descriptor,
): LayerParts | undefined {
  const isSoci = typeof annotations === 'object' && annotations !== null && SOCI_INDEX in annotations;
  return openRange === undefined || !isSoci ? undefined : unusable('the SOCI index of the image', size);
}

/**
 * Returns the function that looks for a SOCI index of version 1 and then returns unusable parts; undefined if the place
 * serves only whole blobs. A failure of the registry counts as no index, because the whole layer is read in any case.
 * The function throws only the abort reason of its signal and errors other than `ClairError`.
 */
export function findSociParts(
  { listReferrers }: ImagePlace,
  { digest }: ReadManifest,
  { size = 0 }: Descriptor,
  maxMilliseconds: number = MAX_MILLISECONDS,
): ((signal?: AbortSignal) => Promise<LayerParts | undefined>) | undefined {
  if (listReferrers === undefined) return undefined;
  return async (signal) => {
    const timeout = AbortSignal.timeout(maxMilliseconds);
    const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
    const isWanted = ({ artifactType = '' }): boolean => artifactType === SOCI_INDEX_1;
    const wish = { ...ONE_PAGE, artifactType: SOCI_INDEX_1, isWanted };
    try {
      const found = await listReferrers(digest, wish, either);
      return found.length === 0 ? undefined : unusable('the SOCI index that is attached to the image', size);
    } catch (error) {
      signal?.throwIfAborted();
      if (timeout.aborted || error instanceof ClairError) return undefined;
      throw error;
    }
  };
}

function unusable(index: string, size: number): LayerParts {
  const reason = `${index} cannot be used to verify parts of the layers`;
  return { anchor: { format: 'unusable', reason }, size, read: async () => new Uint8Array() };
}
