import type { Digest } from '../../model/digest.ts';

/**
 * Removes obsolete data, except data that other data needs: a layer that is below other layers or topmost in an image,
 * and a change with a notification.
 */
export type RetentionStore = {
  /** Returns all data that may be removed now, including data that is used only by data in the plan. Writes nothing. */
  readonly plan: (bounds: RetentionBounds) => Promise<RetentionPlan>;
  /** Returns the rows of a plan with their names, in the order of removal. */
  readonly list: (plan: RetentionPlan) => AsyncIterable<ObsoleteRow>;
  /**
   * Removes the planned rows in many small transactions, except rows that other data needs again. Returns the number of
   * removed rows of each kind.
   *
   * @throws the abort reason of the signal; rows that were already removed stay removed.
   */
  readonly apply: (plan: RetentionPlan, signal?: AbortSignal) => Promise<RetentionCounts>;
};

/**
 * The times, in milliseconds since 1970, before which data may be removed. Without a time, data of that kind is kept.
 */
export type RetentionBounds = {
  /** The last scan of an image. */
  readonly images?: number;
  /** The day of the last request for a layer, or the time when the layer was stored. */
  readonly layers?: number;
  /** The time when a notification was read or became dead, or when a per-update notification was created. */
  readonly notifications?: number;
  /** The time of a change; changes that the notifier has not read stay. */
  readonly changeLog?: number;
};

/** The kinds of obsolete data in the order of removal. No row refers to a row of an earlier kind. */
export const OBSOLETE_KINDS = [
  'image',
  'layer',
  'layer_contents',
  'notification',
  'update_notification',
  'change_log',
  'program',
  'feature',
  'line',
  'namespace',
] as const;

export type ObsoleteKind = (typeof OBSOLETE_KINDS)[number];

export type ObsoleteRow = { readonly kind: ObsoleteKind; readonly name: string };

export type RetentionCounts = Readonly<Record<ObsoleteKind, number>>;

/** The ids of the rows to remove. */
export type RetentionPlan = Readonly<Record<Exclude<ObsoleteKind, 'layer' | 'layer_contents'>, readonly number[]>> & {
  readonly bounds: RetentionBounds;
  /** Layers in groups by depth, deepest first: no layer is built on a layer of the same or an earlier group. */
  readonly layer: readonly (readonly number[])[];
  readonly layer_contents: readonly ContentsKey[];
  /** The names of the notifications in `update_notification` that still wait for delivery. */
  readonly undelivered: readonly string[];
};

export type ContentsKey = readonly [digest: Digest, engineVersion: number];
