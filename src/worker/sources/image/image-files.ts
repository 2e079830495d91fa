import type { ByteStream } from '../../../bytes/byte-stream.ts';
import type { FilePart } from '../../../bytes/file-bytes.ts';
import type { ImageLayer } from '../image-source.ts';
import type { LayerSource } from '../layer-source.ts';

/**
 * The named files that an image is saved as, whether they lie in a directory or in an archive. Names are relative,
 * with `/` between their parts.
 */
export type ImageFiles = {
  /** The path of the directory or archive, for messages. */
  readonly where: string;
  readonly has: (name: string) => boolean;
  /** @throws ClairError `image/unreadable` when there is no such file. */
  readonly open: (name: string) => ByteStream;
  /** Where the bytes of a file lie. @throws ClairError `image/unreadable` when there is no such file. */
  readonly part: (name: string) => FilePart;
  readonly close: () => Promise<void>;
};

/** The bytes of the layer that is saved under `name`. That it is missing is an error only for whoever opens it. */
export function layerBytes(files: ImageFiles, name: string): Pick<LayerSource, 'open' | 'file'> {
  return { open: async () => files.open(name), file: () => files.part(name) };
}

/** How many bytes the layer has that is saved under `name`, where the files tell it without being read. */
export function storedSize(files: ImageFiles, name: string): Pick<ImageLayer, 'size'> {
  const size = files.has(name) ? files.part(name).range?.length : undefined;
  return size === undefined ? {} : { size };
}
