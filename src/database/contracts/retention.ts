import type { Digest } from '../../model/digest.ts';

/**
 * What is no longer kept. Nothing goes that something else needs: a layer that others are built on, or that is the
 * topmost one of an image; a change of which a notification tells.
 */
export type RetentionStore = {
  /** Finds what may go at this moment, all at once: what is only needed by something that goes is among it. Writes nothing. */
  readonly plan: (bounds: RetentionBounds) => Promise<RetentionPlan>;
  /** Says what the rows of a plan are called, in the order in which they go. */
  readonly list: (plan: RetentionPlan) => AsyncIterable<ObsoleteRow>;
  /**
   * Removes what was planned, in many small transactions, each whole or not at all; what is needed again by now stays.
   * Tells how many rows went, of each kind.
   *
   * @throws the reason of the signal; what was removed until then stays so.
   */
  readonly apply: (plan: RetentionPlan, signal?: AbortSignal) => Promise<RetentionCounts>;
};

/** The time, in milliseconds since 1970, before which something was last used that may go; absent: it stays for ever. */
export type RetentionBounds = {
  /** Of the last scan of an image. */
  readonly images?: number;
  /** Of the last time that somebody asked for a layer, which is known by the day, or of when it was stored. */
  readonly layers?: number;
  /** Of when a notification was read or given up. */
  readonly notifications?: number;
  /** Of a change; none goes that the notifier has not read. */
  readonly changeLog?: number;
};

/** In the order in which they go: nothing refers to what has gone before. */
export const OBSOLETE_KINDS = [
  'image',
  'layer',
  'layer_contents',
  'notification',
  'change_log',
  'feature',
  'line',
  'namespace',
] as const;

/** The tables that something goes from. */
export type ObsoleteKind = (typeof OBSOLETE_KINDS)[number];

export type ObsoleteRow = { readonly kind: ObsoleteKind; readonly name: string };

export type RetentionCounts = Readonly<Record<ObsoleteKind, number>>;

/** The ids of the rows that may go, of each table. */
export type RetentionPlan = Readonly<Record<Exclude<ObsoleteKind, 'layer' | 'layer_contents'>, readonly number[]>> & {
  readonly bounds: RetentionBounds;
  /** In groups of which no layer is built on another one of the same group or of a later one. */
  readonly layer: readonly (readonly number[])[];
  readonly layer_contents: readonly ContentsKey[];
};

/** What the contents of a layer are kept by. */
export type ContentsKey = readonly [digest: Digest, engineVersion: number];
