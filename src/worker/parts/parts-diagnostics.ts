import type { Diagnostic } from '../../model/report/diagnostic.ts';
import type { LayerContents } from '../layer/layer-contents.ts';

/** How the layers of an image were read. */
export type PartsRead = {
  /** The number of layers read in part, the number of bytes fetched from these layers, and their total size. */
  readonly layers: number;
  readonly fetched: number;
  readonly size: number;
  /** The positions of the layers read in part whose tables of contents nothing proves. */
  readonly unproven: readonly number[];
  /** The positions of the layers whose tables of contents show other files than the whole layers have. */
  readonly differing: readonly number[];
  /** The reasons why other layers were read as a whole, each with the positions of the layers; the base layer is 0. */
  readonly refused: ReadonlyMap<string, readonly number[]>;
};

export const NO_PARTS: PartsRead = { layers: 0, fetched: 0, size: 0, unproven: [], differing: [], refused: new Map() };

/** Adds a layer. @param layer the position of the layer in the image */
export function partsRead(
  below: PartsRead,
  { parts, partsRefused, isListedDifferently }: Pick<LayerContents, 'parts' | 'partsRefused' | 'isListedDifferently'>,
  layer: number,
): PartsRead {
  if (isListedDifferently === true) return { ...below, differing: [...below.differing, layer] };
  if (partsRefused !== undefined) {
    const layers = [...(below.refused.get(partsRefused) ?? []), layer];
    return { ...below, refused: new Map(below.refused).set(partsRefused, layers) };
  }
  if (parts === undefined) return below;
  const { layers, fetched, size } = below;
  const unproven = parts.isUnproven === true ? [...below.unproven, layer] : below.unproven;
  return { ...below, layers: layers + 1, fetched: fetched + parts.fetched, size: size + parts.size, unproven };
}

/** Diagnostics are stored with each layer above, and a crafted image may have a reason for each of 1,000 layers. */
const MAX_REASONS = 10;

/** Returns the diagnostics about layers that were read in part, or could not be read in part. */
export function partsDiagnostics({
  layers,
  fetched,
  size,
  unproven,
  differing,
  refused,
}: PartsRead): readonly Diagnostic[] {
  const what = layers === 1 ? '1 layer was' : `${layers} layers were`;
  const message = `${what} read in part: ${megabytes(fetched)} of ${megabytes(size)} MB`;
  const reasons = [...refused].slice(0, MAX_REASONS);
  const more = [...refused.values()].slice(MAX_REASONS).flat();
  return [
    ...(layers === 0 ? [] : [{ code: 'layer-read-in-part', message, where: 'layers' } as const]),
    ...(unproven.length === 0 ? [] : [unprovenDiagnostic(unproven)]),
    ...(differing.length === 0 ? [] : [differenceDiagnostic(differing)]),
    ...reasons.map(([reason, of]) => refusal(of, reason)),
    ...(more.length === 0 ? [] : [refusal(more, `Clair lists only ${MAX_REASONS} reasons`)]),
  ];
}

/** The maximum number of layers that a diagnostic names. */
const MAX_LISTED = 10;

function unprovenDiagnostic(layers: readonly number[]): Diagnostic {
  const message = `nothing proves that the table of contents lists all files of ${listed(layers)}: scan without partial fetch`;
  return { code: 'layer-parts-unproven', message, where: 'layers' };
}

function differenceDiagnostic(layers: readonly number[]): Diagnostic {
  const message = `the table of contents shows other packages or files than ${listed(layers)}, which may be an attack`;
  return { code: 'layer-views-differ', message, where: 'layers' };
}

function refusal(layers: readonly number[], reason: string): Diagnostic {
  const which = `${listed(layers)} ${layers.length === 1 ? 'was' : 'were'}`;
  return { code: 'layer-parts-refused', message: `${which} read as a whole: ${reason}`, where: 'layers' };
}

function listed(layers: readonly number[]): string {
  const more = layers.length > MAX_LISTED ? ` and ${layers.length - MAX_LISTED} more` : '';
  return `${layers.length === 1 ? 'layer' : 'layers'} ${layers.slice(0, MAX_LISTED).join(', ')}${more}`;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(2);
}
