import type { ByteStream } from '../../bytes/byte-stream.ts';

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
  readonly close: () => Promise<void>;
};
