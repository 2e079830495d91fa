import type { ByteStream } from '../../bytes/byte-stream.ts';
import type { FilePart } from '../../bytes/file-bytes.ts';
import type { Digest } from '../../model/digest.ts';

/** Where the bytes of one layer come from; knows nothing of compression or tar. */
export type LayerSource = {
  /** What to call it in messages: a path, or a URL without query string and credentials. */
  readonly where: string;
  /** The digest of the bytes as they are stored (possibly compressed), when whoever names the layer promises one. */
  readonly digest?: Digest;
  /** The digest of the uncompressed tar, when the image's configuration promises one. */
  readonly diffId?: Digest;
  /**
   * Tells where the bytes lie, if that is a file of this machine: a thread that reads them need not be sent them.
   *
   * @throws ClairError as `open`
   */
  readonly file?: () => FilePart;
  /**
   * Opens the bytes from the start; may be called again.
   *
   * @throws ClairError `bytes/not-found` or `bytes/unreachable`, from here or while the stream is read.
   */
  readonly open: (signal?: AbortSignal) => Promise<ByteStream>;
};
