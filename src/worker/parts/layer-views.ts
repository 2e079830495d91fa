import { isDeepStrictEqual } from 'node:util';
import type { Store } from '../../database/contracts/store.ts';
import type { Digest } from '../../model/digest.ts';
import type { LayerContents } from '../layer/layer-contents.ts';
import { digestOfText } from '../layer/layer-layout.ts';
import { packContents, unpackContents } from '../layer/packed-contents.ts';
import type { ImageLayer } from '../sources/image-source.ts';
import { partsDigest } from './layer-anchor.ts';

/** The packed contents of a layer, the digest that is their key, and the digest of the tar. */
export type KeyedContents = { readonly digest: Digest; readonly tar: Digest; readonly contents: Uint8Array };

export type LayerViewsOptions = {
  readonly store: Pick<Store, 'layers'>;
  readonly engineVersion: number;
  /** Returns the contents of a whole layer, which are read again for verification. */
  readonly readWhole: (layer: ImageLayer, how: ViewOptions) => Promise<KeyedContents>;
  /** Compares packed contents as {@link differingContents} does, which takes long for large contents. */
  readonly compare: (part: Uint8Array, whole: Uint8Array, signal?: AbortSignal) => Promise<Uint8Array | undefined>;
};

export type ViewOptions = { readonly isVerified: boolean; readonly signal: AbortSignal | undefined };

/** Compares layers that were read in part before with the whole layers. */
export type LayerViews = {
  /**
   * Returns the contents of a whole layer if detectors find other files in the layer than in its parts. The contents are
   * marked, and have a key of their own, because other images may have the same layer with a correct table of contents.
   * Reads the whole layer only if `isWhole` and if the layer was read in part before; otherwise a difference is known
   * only from an earlier comparison. Also returns unmarked contents that were read for verification.
   *
   * @throws ClairError the errors of `readWhole`
   */
  readonly whole: (
    layer: ImageLayer,
    how: ViewOptions & { readonly isWhole: boolean },
  ) => Promise<KeyedContents | undefined>;
};

/** Creates the comparison of stored contents. */
export function createLayerViews({
  store: { layers },
  engineVersion,
  readWhole,
  compare,
}: LayerViewsOptions): LayerViews {
  return {
    async whole(layer, { isWhole, ...how }) {
      const { anchor, digest: blob } = layer.source;
      if (anchor === undefined || blob === undefined) return undefined;
      const key = partsDigest(blob, layer.diffId, anchor);
      const digest = digestOfText(`differing ${key}`);
      // Housekeeping may have removed the contents that were compared, because no layer uses these contents.
      const known = await layers.contents(digest, engineVersion);
      if (known !== undefined && !how.isVerified) return { digest, tar: layer.diffId, contents: known };
      const part = isWhole ? await layers.contents(key, engineVersion) : undefined;
      if (known === undefined && part === undefined) return undefined;
      const whole = await readWhole(layer, how);
      const contents = known ?? (part && (await compare(part, whole.contents, how.signal)));
      if (contents !== undefined) return { digest, tar: whole.tar, contents };
      return how.isVerified ? whole : undefined;
    },
  };
}

/**
 * Returns the marked contents of the whole layer; undefined if detectors found the same in the parts. Files that no
 * detector reads are not compared, because an eStargz layer has files that its table of contents does not list. Files
 * that are read only because a link leads to them are stored elsewhere, and are not compared either.
 */
export function differingContents(part: Uint8Array, whole: Uint8Array): Uint8Array | undefined {
  const listed = unpackContents(part);
  // A layer that could not be read in part was read as a whole.
  if (listed.parts === undefined) return undefined;
  const contents = unpackContents(whole);
  if (isDeepStrictEqual(comparable(listed), comparable(contents))) return undefined;
  return packContents({ ...contents, isListedDifferently: true });
}

function comparable(contents: LayerContents): object {
  const inOrder = contents.entries.toSorted((one, other) =>
    one.path < other.path ? -1 : Number(one.path > other.path),
  );
  return { ...contents, entries: inOrder, others: undefined, parts: undefined };
}
