import type { ByteStream } from '../../../bytes/byte-stream.ts';
import type { Digest } from '../../../model/digest.ts';
import type { RegistryClient } from './registry-client.ts';

/** An image in a registry, which may have attached documents. */
export type AttachmentPlace = {
  /** The repository in messages. */
  readonly where: string;
  readonly client: RegistryClient;
  /**
   * Opens a manifest or a blob. @throws ClairError `image/…`, `bytes/…` or `registry/…`, on opening or while the
   * content is read
   */
  readonly open: (name: string, signal?: AbortSignal) => ByteStream;
  /** The digest of the manifest. */
  readonly image: Digest;
  /** The digest of the configuration; some tools identify the image by this digest. */
  readonly config: Digest;
  /** The top-level index from which the image was selected, if any. */
  readonly index?: {
    readonly digest: Digest;
    readonly manifests: readonly { readonly digest: string; readonly annotations?: Readonly<Record<string, string>> }[];
  };
  /** Whether a mirror may respond; a mirror may lack attached documents. */
  readonly isMirrored: boolean;
};
