import type { ByteStream } from '../../../bytes/byte-stream.ts';
import type { FilePart } from '../../../bytes/file-bytes.ts';
import type { ImageLayer } from '../image-source.ts';
import type { LayerSource } from '../layer-source.ts';

/** The named files of a saved image, in a directory or an archive. Names are relative, with `/` as separator. */
export type ImageFiles = {
  readonly where: string;
  readonly has: (name: string) => boolean;
  /** Opens a file. @throws ClairError `image/unreadable` when there is no such file. */
  readonly open: (name: string) => ByteStream;
  /** Returns the location of a file's bytes. @throws ClairError `image/unreadable` when there is no such file. */
  readonly part: (name: string) => FilePart;
  readonly close: () => Promise<void>;
};

/** Returns the bytes of the layer saved under `name`. A missing layer is an error only when opened. */
export function layerBytes(files: ImageFiles, name: string): Pick<LayerSource, 'open' | 'file'> {
  return { open: async () => files.open(name), file: () => files.part(name) };
}

/** Returns the size of the layer saved under `name`, if known without reading it. */
export function storedSize(files: ImageFiles, name: string): Pick<ImageLayer, 'size'> {
  const size = files.has(name) ? files.part(name).range?.length : undefined;
  return size === undefined ? {} : { size };
}
