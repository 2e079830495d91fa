import type { SourceState } from '../../model/source.ts';

export type SourceStore = {
  readonly all: () => Promise<readonly SourceState[]>;
  readonly find: (source: string) => Promise<SourceState | undefined>;
  /** Notes an attempt that found the upstream unchanged. */
  readonly recordUnchanged: (source: string, at: number) => Promise<void>;
  /** Records a failed attempt; the data stays. With `isRefused` the newest data is known and was not accepted. */
  readonly recordFailure: (
    source: string,
    at: number,
    error: string,
    options?: { readonly isRefused?: boolean },
  ) => Promise<void>;
  /** Keeps from when on the data of a source is too old, in milliseconds; as by default with null. For one that was tried. */
  readonly setStaleAfter: (source: string, staleAfter: number | null) => Promise<void>;
  /** The sources that hold data for a namespace. */
  readonly covering: (namespace: string) => Promise<readonly string[]>;
};
