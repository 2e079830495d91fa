import type { ImageSource } from './image-source.ts';

/** The images that a target stands for: one, or one for each platform. */
export type ImageSet = {
  readonly images: readonly PlatformImage[];
  /** Closes what the images share; only when all of them have been read. */
  readonly close: () => Promise<void>;
};

/** An image that can be opened. */
export type PlatformImage = {
  /** `os/architecture[/variant]` as the index has it, or `unnamed`. */
  readonly platform: string;
  /**
   * Opens it, with what it alone holds; closing it leaves the others as they are.
   *
   * @throws ClairError `image/…`, `bytes/…` or `registry/…`
   */
  readonly open: () => Promise<ImageSource>;
};
