import { createHash } from 'node:crypto';
import type { TarEntry } from '../../bytes/tar/entry.ts';
import { type Digest, digestOfHex, isDigest } from '../../model/digest.ts';
import { patternText } from '../detectors/path-pattern.ts';
import type { LinkTarget } from './link-targets.ts';

export type LayerLayout =
  /** The image is at the root of the archive, with whiteouts (image-spec, layer.md). */
  | 'docker'
  /**
   * The image is below `rootfs/`, without whiteouts, next to a manifest (App Container specification, "Image Layout").
   */
  | 'aci'
  /** The bytes are a software bill of materials, which lists the packages of the image. */
  | SbomLayout;

/** The layout of a software bill of materials, with the choices of the client: `sbom debian:12 vex=embedded`. */
export type SbomLayout = 'sbom' | `sbom ${string}`;

/** The choices of the client for a software bill of materials. */
export type SbomChoices = {
  /** The release of the packages, such as `debian:12`; by default, the release that the document states. */
  readonly distribution?: string | undefined;
  /** Whether the VEX statements of the document suppress findings. */
  readonly appliesVex?: boolean | undefined;
  /** The digest of the image that the document must describe; by default, any image. */
  readonly image?: Digest | undefined;
};

const APPLIES_VEX = 'vex=embedded';
const IMAGE = 'image=';

/** Returns the layout of a software bill of materials. @param choices `distribution` must not contain blanks */
export function sbomLayout({ distribution, appliesVex = false, image }: SbomChoices): SbomLayout {
  const words = [
    ...(distribution === undefined ? [] : [distribution]),
    ...(appliesVex ? [APPLIES_VEX] : []),
    ...(image === undefined ? [] : [`${IMAGE}${image}`]),
  ];
  return words.length === 0 ? 'sbom' : `sbom ${words.join(' ')}`;
}

/** Returns the choices that {@link sbomLayout} wrote into a layout. */
export function choicesOf(layout: SbomLayout): SbomChoices {
  const words = layout.split(' ').slice(1);
  const distribution = words.find((word) => word !== APPLIES_VEX && !word.startsWith(IMAGE));
  const image = words.find((word) => word.startsWith(IMAGE))?.slice(IMAGE.length) ?? '';
  return {
    ...(distribution !== undefined && { distribution }),
    appliesVex: words.includes(APPLIES_VEX),
    ...(isDigest(image) && { image }),
  };
}

/** Returns whether the bytes of a layer are a software bill of materials. */
export function isSbomLayout(layout: LayerLayout): layout is SbomLayout {
  return layout === 'sbom' || layout.startsWith('sbom ');
}

const ACI_ROOT = 'rootfs/';

/** Returns a member with its paths in the image, or null for a member outside the image. */
export function memberInImage(entry: TarEntry, layout: LayerLayout): TarEntry | null {
  if (layout !== 'aci') return entry;
  if (!entry.path.startsWith(ACI_ROOT)) return null;
  const path = entry.path.slice(ACI_ROOT.length);
  if (entry.kind !== 'hardlink') return { ...entry, path };
  const { target } = entry;
  // Marks a target outside the image, so that the target is not mistaken for a path in the image.
  return { ...entry, path, target: target.startsWith(ACI_ROOT) ? target.slice(ACI_ROOT.length) : `../${target}` };
}

/** Returns whether the target of a hard link is in the image; in an ACI it may be outside the image's root. */
export function isInImage(target: string): boolean {
  return !target.startsWith('../');
}

/**
 * Returns the key for the contents of the tar `diffId` in a layout. A different layout results in different contents,
 * so only the Docker layout uses the tar's own digest.
 */
export function contentsDigest(diffId: Digest, layout: LayerLayout): Digest {
  return layout === 'docker' ? diffId : digestOfText(`${layout} ${diffId}`);
}

/** Returns the key for the contents of a layer read with link targets; `digest` is the key without link targets. */
export function linkedDigest(digest: Digest, targets: readonly LinkTarget[]): Digest {
  const parts = targets.map(({ wants, detector, as }) => [patternText(wants), detector, as]);
  return targets.length === 0 ? digest : digestOfText(`linked ${digest} ${JSON.stringify(parts)}`);
}

/** Returns the key for the contents of a layer that could not be read. */
export function absentDigest(diffId: Digest): Digest {
  return digestOfText(`absent ${diffId}`);
}

/** Returns the digest of a string, as a key for data that is not a tar. */
export function digestOfText(text: string): Digest {
  return digestOfHex(createHash('sha256').update(text).digest('hex'));
}
