import { createHash } from 'node:crypto';
import type { TarEntry } from '../../bytes/tar/entry.ts';
import { type Digest, digestOfHex } from '../../model/digest.ts';
import { patternText } from '../detectors/path-pattern.ts';
import type { LinkTarget } from './link-targets.ts';

/** How the files of an image lie in the archive of a layer. */
export type LayerLayout =
  /** At its root, with whiteouts (image-spec, layer.md). */
  | 'docker'
  /** Below `rootfs/`, without whiteouts; beside it lies a manifest (App Container specification, "Image Layout"). */
  | 'aci';

const ACI_ROOT = 'rootfs/';

/** Gives a member with the paths that it has in the image, or null for one that is no part of it. */
export function memberInImage(entry: TarEntry, layout: LayerLayout): TarEntry | null {
  if (layout === 'docker') return entry;
  if (!entry.path.startsWith(ACI_ROOT)) return null;
  const path = entry.path.slice(ACI_ROOT.length);
  if (entry.kind !== 'hardlink') return { ...entry, path };
  const { target } = entry;
  // What lies beside the root of the image is told as such, so that it is not taken for a path in the image.
  return { ...entry, path, target: target.startsWith(ACI_ROOT) ? target.slice(ACI_ROOT.length) : `../${target}` };
}

/**
 * Names the contents of the tar `diffId` in a layout. The same bytes say something else in another layout, so only
 * those of Docker's have the digest of the tar itself.
 */
export function contentsDigest(diffId: Digest, layout: LayerLayout): Digest {
  return layout === 'docker' ? diffId : digestOfText(`${layout} ${diffId}`);
}

/** Names the contents of a layer that was read for what links lead to as well; `digest` names its contents without. */
export function linkedDigest(digest: Digest, targets: readonly LinkTarget[]): Digest {
  const parts = targets.map(({ wants, detector, as }) => [patternText(wants), detector, as]);
  return targets.length === 0 ? digest : digestOfText(`linked ${digest} ${JSON.stringify(parts)}`);
}

/** Names the contents of a layer that could not be had: nothing of what it may hold is known. */
export function absentDigest(diffId: Digest): Digest {
  return digestOfText(`absent ${diffId}`);
}

/** Gives a digest that names what is no tar by itself. */
export function digestOfText(text: string): Digest {
  return digestOfHex(createHash('sha256').update(text).digest('hex'));
}
