import type { TarEntry } from '../../../bytes/tar/entry.ts';
import type { Detector, LinkedFiles } from '../../detectors/detector.ts';

/** A store of 2,000 packages contains about 6 MiB of manifests. */
export const MAX_LINKED_BYTES: number = 16 * 1024 * 1024;

/** The bytes of files at unwanted paths, for hard links at wanted paths that may follow in the archive. */
export type LinkedBytes = {
  /** Returns whether the content of an unwanted file may be needed. */
  readonly mayWant: (entry: TarEntry) => boolean;
  /**
   * Keeps the content if a detector reads it and the limit allows; returns whether the content was kept. `order` is the
   * file's place in the archive.
   */
  readonly keep: (path: string, bytes: Uint8Array, order: number) => boolean;
  /** Drops the file at a path because another member replaces it. */
  readonly drop: (path: string) => void;
  readonly at: (path: string) => KeptBytes | undefined;
};

export type KeptBytes = { readonly bytes: Uint8Array; readonly order: number };

/**
 * Creates an empty list. Package managers install a package as hard links to their store, and an archive contains the
 * content of a file only at the first of its paths. Without these bytes, the layer would have to be read a second time.
 *
 * @param maxBytes the maximum number of bytes in all files together; further files are not kept, and the layer is read
 * again for links to these files
 */
export function createLinkedBytes(detectors: readonly Detector[], maxBytes: number = MAX_LINKED_BYTES): LinkedBytes {
  const wanted: ReadonlySet<LinkedFiles> = new Set(detectors.flatMap(({ linked }) => (linked ? [linked] : [])));
  const kept = new Map<string, KeptBytes>();
  let left = maxBytes;
  const drop = (path: string): void => {
    if (kept.size === 0) return;
    left += kept.get(path)?.bytes.length ?? 0;
    kept.delete(path);
  };
  return {
    mayWant({ kind, path, size }) {
      if (kind !== 'file' || size > left) return false;
      for (const { maxBytes: most, isNamed } of wanted) if (size <= most && isNamed(path)) return true;
      return false;
    },
    keep(path, bytes, order) {
      drop(path);
      const isWanted = [...wanted].some(({ isNamed, holds }) => isNamed(path) && holds(bytes));
      if (!isWanted || bytes.length > left) return false;
      left -= bytes.length;
      // Copy the bytes, because they are part of a larger buffer.
      kept.set(path, { bytes: Uint8Array.from(bytes), order });
      return true;
    },
    drop,
    at: (path) => kept.get(path),
  };
}
