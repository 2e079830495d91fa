import type { Diagnostic } from '../../model/report/diagnostic.ts';
import type { LayerContents } from '../layer/layer-contents.ts';

/** How the layers of an image were read. */
export type PartsRead = {
  /** The number of layers read in part, the number of bytes fetched from these layers, and their total size. */
  readonly layers: number;
  readonly fetched: number;
  readonly size: number;
  /** The reasons why other layers were read as a whole, each with the positions of the layers; the base layer is 0. */
  readonly refused: ReadonlyMap<string, readonly number[]>;
};

export const NO_PARTS: PartsRead = { layers: 0, fetched: 0, size: 0, refused: new Map() };

/** Adds a layer. @param layer the position of the layer in the image */
export function partsRead(
  below: PartsRead,
  { parts, partsRefused }: Pick<LayerContents, 'parts' | 'partsRefused'>,
  layer: number,
): PartsRead {
  if (partsRefused !== undefined) {
    const layers = [...(below.refused.get(partsRefused) ?? []), layer];
    return { ...below, refused: new Map(below.refused).set(partsRefused, layers) };
  }
  if (parts === undefined) return below;
  const { layers, fetched, size } = below;
  return { ...below, layers: layers + 1, fetched: fetched + parts.fetched, size: size + parts.size };
}

/** Diagnostics are stored with each layer above, and a crafted image may have a reason for each of 1,000 layers. */
const MAX_REASONS = 10;

/** Returns the diagnostics about layers that were read in part, or could not be read in part. */
export function partsDiagnostics({ layers, fetched, size, refused }: PartsRead): readonly Diagnostic[] {
  const what = layers === 1 ? '1 layer was' : `${layers} layers were`;
  const message = `${what} read in part: ${megabytes(fetched)} of ${megabytes(size)} MB`;
  const reasons = [...refused].slice(0, MAX_REASONS);
  const more = [...refused.values()].slice(MAX_REASONS).flat();
  return [
    ...(layers === 0 ? [] : [{ code: 'layer-read-in-part', message, where: 'layers' } as const]),
    ...reasons.map(([reason, of]) => refusal(of, reason)),
    ...(more.length === 0 ? [] : [refusal(more, `Clair lists only ${MAX_REASONS} reasons`)]),
  ];
}

/** The maximum number of layers that a diagnostic names. */
const MAX_LISTED = 10;

function refusal(layers: readonly number[], reason: string): Diagnostic {
  const listed = layers.slice(0, MAX_LISTED).join(', ');
  const more = layers.length > MAX_LISTED ? ` and ${layers.length - MAX_LISTED} more` : '';
  const which = layers.length === 1 ? `layer ${listed} was` : `layers ${listed}${more} were`;
  return { code: 'layer-parts-refused', message: `${which} read as a whole: ${reason}`, where: 'layers' };
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(2);
}
