import { isDeepStrictEqual } from 'node:util';
import type { Digest } from '../../model/digest.ts';
import type { LayerContents } from '../layer/layer-contents.ts';
import { digestOfText } from '../layer/layer-layout.ts';
import { packContents, unpackContents } from '../layer/packed-contents.ts';

/**
 * Compares the contents of a layer that was read in part with the contents of the whole layer. Returns undefined if
 * detectors found the same in both, and otherwise the contents of the whole layer, marked as differing. Files that no
 * detector reads are not compared, because an eStargz layer contains files that its table of contents does not list.
 */
export function differingContents(part: Uint8Array, whole: Uint8Array): Uint8Array | undefined {
  const listed = unpackContents(part);
  // A layer that could not be read in part was read as a whole.
  if (listed.parts === undefined) return undefined;
  const contents = unpackContents(whole);
  if (isDeepStrictEqual(comparable(listed), comparable(contents))) return undefined;
  return packContents({ ...contents, isListedDifferently: true });
}

/**
 * Returns the key for the contents of a whole layer that differ from its parts. The key differs from that of the layer,
 * because other images may have the same layer with a correct table of contents.
 *
 * @param parts the key of the contents that were read in part
 */
export function differingDigest(parts: Digest): Digest {
  return digestOfText(`differing ${parts}`);
}

function comparable(contents: LayerContents): object {
  const inOrder = contents.entries.toSorted((one, other) =>
    one.path < other.path ? -1 : Number(one.path > other.path),
  );
  return { ...contents, entries: inOrder, others: undefined, parts: undefined };
}
