import { ClairError } from '../../errors.ts';
import type { TarLimits } from '../../bytes/tar/limits.ts';
import type { PackedRange } from './layer-anchor.ts';
import type { UnpackStart } from './packed-document.ts';
import type { PartLimits } from './part-limits.ts';
import type { TableOfContents } from './table-of-contents.ts';
import type { SplitPiece } from './tar-split.ts';

/** The verified description of a layer, which was fetched before any content. */
export type LayerTable = {
  readonly toc: TableOfContents;
  /** Returns the pieces of the tar, each time from the start. */
  readonly pieces: () => AsyncIterable<SplitPiece>;
  /** Whether the layer has no tar-split. The tar may then have other members than the table of contents. */
  readonly isUnproven: boolean;
  readonly unpack: UnpackStart;
  /** The number of bytes fetched. */
  readonly fetched: number;
};

export type TableOptions = {
  readonly where: string;
  readonly limits: PartLimits & Pick<TarLimits, 'maxNameBytes'>;
  readonly signal: AbortSignal;
  /** The maximum number of bytes to fetch; if the description is larger, a partial reading would save little. */
  readonly maxBytes: number;
};

/**
 * Checks the place of a compressed document before it is fetched.
 *
 * @param maxBytes the maximum uncompressed size
 * @throws ClairError `bytes/corrupt` for a document beyond the layer, `bytes/limit-exceeded` for a large document
 */
export function checkPlace(
  { start, end, size }: PackedRange,
  layerSize: number,
  maxBytes: number,
  { maxPackedBytes }: Pick<PartLimits, 'maxPackedBytes'>,
  where: string,
): void {
  if (end > layerSize) throw new ClairError('bytes/corrupt', `${where} is beyond the end of the layer`);
  if (end - start > maxPackedBytes || size > maxBytes) {
    const what = end - start > maxPackedBytes ? `${maxPackedBytes} compressed bytes` : `${maxBytes} bytes`;
    throw new ClairError('bytes/limit-exceeded', `${where} exceeds ${what}`);
  }
}
