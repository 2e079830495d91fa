import { compressionOf, HEAD_BYTES } from '../../bytes/compression.ts';
import { type FilePart, openFilePart, stampOfFile, unreadableFile } from '../../bytes/file-bytes.ts';
import type { FileStamp } from '../../bytes/file-stamp.ts';
import type { Digest } from '../../model/digest.ts';
import type { LayerReader, LayerReaderOptions } from '../layer/layer-reader.ts';
import type { ImageSource, TargetKind } from '../sources/image-source.ts';
import type { LayerSource } from '../sources/layer-source.ts';
import type { KnownLayer } from './known-layers.ts';

/** The layers of an image that can be read by seeking, because their bytes are not compared with their digests. */
export type ClaimedLayers = {
  /** Layers with the digests that the image states, by the function that returns the location of the bytes. */
  readonly layers: ReadonlyMap<NonNullable<LayerSource['file']>, KnownLayer>;
  /** The size of all layers together, in bytes. */
  readonly bytes: number;
};

/**
 * Returns the layers of a local image if all of them are uncompressed: their files are then found by seeking from
 * header to header. Returns undefined for other images, for images whose digests were computed from the bytes, and for
 * images that state contradictory digests.
 *
 * @throws ClairError `bytes/not-found` and `bytes/unreachable` for a layer that cannot be opened
 */
export async function claimedLayers(
  image: Pick<ImageSource, 'kind' | 'layers' | 'areDigestsComputed'>,
): Promise<ClaimedLayers | undefined> {
  if (!CLAIMING_KINDS.has(image.kind) || image.areDigestsComputed === true) return undefined;
  const layers = new Map<NonNullable<LayerSource['file']>, KnownLayer>();
  const places = new Map<Digest, string>();
  let bytes = 0;
  for (const { source, diffId } of image.layers.filter(({ absent }) => absent === undefined)) {
    const { file } = source;
    if (file === undefined || (source.digest ?? diffId) !== diffId) return undefined;
    const part = file();
    const place = `${part.range?.start ?? 0} ${part.path}`;
    // The image states the same digest for two layers, so the second layer would get the contents of the first layer.
    if ((places.get(diffId) ?? place) !== place) return undefined;
    places.set(diffId, place);
    const { isCompressed, stamp } = await startOf(part);
    if (isCompressed) return undefined;
    layers.set(file, { digest: diffId, stamp, readAt: Date.now() });
    bytes += part.range?.length ?? Number(stamp.size);
  }
  return { layers, bytes };
}

/** Returns a reader that reads claimed layers by seeking. */
export function seekingReader(reader: LayerReader, { layers }: ClaimedLayers): LayerReader {
  const withClaim = (source: LayerSource, options: LayerReaderOptions | undefined): LayerReaderOptions => {
    const known = source.file && layers.get(source.file);
    return { ...options, ...(known && { known }) };
  };
  return {
    ...reader,
    read: async (source, options) => await reader.read(source, withClaim(source, options)),
    readFile: async (source, request, options) => await reader.readFile(source, request, withClaim(source, options)),
  };
}

/** The image sources that are files of the user. A daemon and a registry verify the layers that they store. */
const CLAIMING_KINDS: ReadonlySet<TargetKind> = new Set(['docker-archive', 'oci', 'oci-archive']);

async function startOf(part: FilePart): Promise<{ readonly isCompressed: boolean; readonly stamp: FileStamp }> {
  const file = await openFilePart(part);
  try {
    const stamp = await stampOfFile(file);
    const length = Math.min(HEAD_BYTES, part.range?.length ?? HEAD_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, part.range?.start ?? 0);
    return { isCompressed: compressionOf(buffer.subarray(0, bytesRead)) !== 'none', stamp };
  } catch (error) {
    throw unreadableFile(error, part.path);
  } finally {
    await file.close();
  }
}
