import type { CountMark } from '../../contracts/image-counts.ts';

/** The columns of a mark in the row of an image. */
export type MarkRow = {
  readonly is_counted: number;
  readonly counted_at: number | null;
  readonly counted_revision: number | null;
  readonly counted_images: number | null;
  readonly counted_basis: string | null;
  readonly valid_until: number | null;
};

/** Returns the mark in a row; undefined for an image that has not been counted since it was last recorded. */
export function markOfRow(row: MarkRow): CountMark | undefined {
  const { counted_at: countedAt, counted_revision: revision, counted_basis: basis } = row;
  if (row.is_counted === 0 || countedAt === null || revision === null || basis === null) return undefined;
  return { countedAt, revision, images: row.counted_images, basis, validUntil: row.valid_until };
}

/** The columns to select for a {@link MarkRow}. */
export const MARK_COLUMNS =
  'image.is_counted, image.counted_at, image.counted_revision, image.counted_images, image.counted_basis, image.valid_until';
