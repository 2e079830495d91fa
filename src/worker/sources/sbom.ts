import { resolve } from 'node:path';
import { fileBytes } from '../../bytes/file-bytes.ts';
import { ClairError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import { contentsDigest, type SbomChoices, sbomLayout } from '../layer/layer-layout.ts';
import { SBOM_LIMITS } from '../sboms/sbom-limits.ts';
import { parseRelease } from '../sboms/sbom-release.ts';
import { digestsOf } from './image/source-digests.ts';
import type { ImageSource } from './image-source.ts';
import { isDirectory } from './image-folder.ts';

export type SbomOptions = Omit<SbomChoices, 'image'> & {
  /** The digest of the image that the document must describe; any image by default. */
  readonly describes?: Digest | undefined;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Opens a software bill of materials as an image of one layer, whose bytes are the document. This function only hashes
 * the document; a reading thread parses the document with the layer. The same document with different choices is a
 * different image.
 *
 * @throws ClairError `image/target-invalid` for a directory or an unknown distribution; `bytes/…`; the abort reason
 */
export async function openSbom(
  path: string,
  { distribution, appliesVex, describes, signal }: SbomOptions,
): Promise<ImageSource> {
  if (isDirectory(path)) throw new ClairError('image/target-invalid', `${path} is a directory, not an SBOM`);
  if (distribution !== undefined) checkDistribution(distribution);
  const where = `SBOM ${path}`;
  const layout = sbomLayout({ distribution, appliesVex, image: describes });
  const open = async () => fileBytes(path);
  const digests = await digestsOf({ where, open }, signal, { maxUncompressedBytes: SBOM_LIMITS.maxBytes });
  const source = { where, ...digests, open, file: () => ({ path }) };
  return {
    kind: 'sbom',
    reference: path,
    target: `sbom:${resolve(path)}`,
    digest: layout === 'sbom' ? digests.diffId : contentsDigest(digests.diffId, layout),
    platform: 'linux/unknown',
    layers: [{ source, ...digests, layout, createdBy: '' }],
    close: async () => {},
  };
}

/**
 * Checks the release that a client chose.
 *
 * @throws ClairError `image/target-invalid` for text that names no distribution
 */
export function checkDistribution(distribution: string): void {
  if (/^\S{1,128}$/.test(distribution) && parseRelease(distribution) !== undefined) return;
  throw new ClairError(
    'image/target-invalid',
    `${JSON.stringify(distribution.slice(0, 128))} is not a distribution: use ID:VERSION, such as debian:12`,
  );
}
