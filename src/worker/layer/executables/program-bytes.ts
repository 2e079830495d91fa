import type { ChunkedBytes } from '../../../bytes/chunks/chunked-bytes.ts';

/** Multi-call programs, such as busybox, are 1 to 4 MiB, and their links follow within one or two directories. */
export const MAX_PROGRAM_BYTES: number = 8 * 1024 * 1024;

/** The content of the most recent programs of a layer, for hard links that may follow in the archive. */
export type ProgramBytes = {
  /**
   * Keeps a copy of a program that fits; overwrites the oldest programs. `start` is the `start` of its
   * `ExecutableFacts`.
   */
  readonly keep: (path: string, start: string, bytes: ChunkedBytes) => void;
  /**
   * Returns the content of the program; undefined if it is not in memory. The bytes are valid until the next program is
   * kept.
   */
  readonly at: (path: string, start: string) => Uint8Array | undefined;
};

type Place = { readonly first: number; readonly end: number; readonly start: string };

/** Creates an empty list, which allocates memory when the first program is added. */
export function createProgramBytes(maxBytes: number = MAX_PROGRAM_BYTES): ProgramBytes {
  // Use a ring buffer, so that replaced programs leave no garbage.
  let block: Buffer | undefined;
  let next = 0;
  /** The programs, the oldest first. */
  const places = new Map<string, Place>();
  const forget = (isOverwritten: (place: Place) => boolean): void => {
    for (const [path, place] of places) {
      if (!isOverwritten(place)) return;
      places.delete(path);
    }
  };
  return {
    keep(path, start, bytes) {
      if (bytes.length > maxBytes) return;
      block ??= Buffer.allocUnsafeSlow(maxBytes);
      if (next + bytes.length > maxBytes) {
        forget(({ first }) => first >= next);
        next = 0;
      }
      const [first, end] = [next, next + bytes.length];
      forget((place) => place.first >= first && place.first < end);
      for (let at = 0; at < bytes.length; ) {
        const chunk = bytes.chunkAt(at);
        chunk.bytes.copy(block, first + at);
        at = chunk.start + chunk.bytes.length;
      }
      places.delete(path);
      places.set(path, { first, end, start });
      next = end;
    },
    at(path, start) {
      const place = places.get(path);
      return place?.start === start ? block?.subarray(place.first, place.end) : undefined;
    },
  };
}
