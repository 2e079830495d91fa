import type { ImageSummary } from '../api-shapes.ts';
import { FROM_WORST } from '../parts/severity-word.tsx';
import type { Sorting } from '../parts/sort-heading.tsx';

/** What images can be sorted by. */
export type ImageColumn = 'reference' | 'severities' | 'fixable' | 'kev' | 'packages' | 'scannedAt';

/** Sorts images; by severities the one with more of the worst comes last, and whatever is equal stays as it was. */
export function sortImages(
  images: readonly ImageSummary[],
  { column, isDescending }: Sorting<ImageColumn>,
): readonly ImageSummary[] {
  const sign = isDescending ? -1 : 1;
  return images.toSorted((one, other) => sign * compare(one, other, column));
}

function compare(one: ImageSummary, other: ImageSummary, column: ImageColumn): number {
  if (column === 'severities') {
    const differs = FROM_WORST.find((severity) => countOf(one, severity) !== countOf(other, severity));
    return differs === undefined ? 0 : countOf(one, differs) - countOf(other, differs);
  }
  const [left, right] = [one[column], other[column]];
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return String(left) < String(right) ? -1 : Number(String(left) > String(right));
}

function countOf({ severities }: ImageSummary, severity: (typeof FROM_WORST)[number]): number {
  return severities[severity] ?? 0;
}
