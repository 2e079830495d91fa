import type { ImageSource } from './image-source.ts';

/** The images of a target: one, or one for each platform. */
export type ImageSet = {
  readonly images: readonly PlatformImage[];
  /** Closes shared resources; must be called only after all images were read. */
  readonly close: () => Promise<void>;
};

export type PlatformImage = {
  /** `os/architecture[/variant]` as in the index, or `unnamed`. */
  readonly platform: string;
  /**
   * Opens the image; closing it does not affect the other images.
   *
   * @throws ClairError `image/…`, `bytes/…` or `registry/…`
   */
  readonly open: () => Promise<ImageSource>;
};
