import { ClairError } from '../../errors.ts';
import type { LayerSource } from '../sources/layer-source.ts';

/** The two ways to read a layer. */
export type LayerPasses<Options, Reading> = {
  /**
   * Returns undefined if the whole layer must be read, for example because reading parts would save little.
   *
   * @throws ClairError if parts cannot be read
   */
  readonly readParts: (source: LayerSource, options: Options) => Promise<Reading | undefined>;
  readonly readWhole: (source: LayerSource, options: Options) => Promise<Reading>;
};

/** The options of a reading; `partsRefused` is the reason why a layer is read as a whole. */
export type PassOptions = { readonly signal?: AbortSignal; readonly partsRefused?: string };

/**
 * Reads a layer in part if its source allows that, and otherwise as a whole. After any ClairError, reads the whole
 * layer, whose digest verifies its bytes.
 *
 * @throws the errors of `readWhole`; the abort reason of the signal
 */
export async function inPartsOrWhole<Options extends PassOptions, Reading>(
  source: LayerSource,
  options: Options,
  { readParts, readWhole }: LayerPasses<Options & PassOptions, Reading>,
): Promise<Reading> {
  const { parts } = source;
  if (parts === undefined) return await readWhole(source, options);
  const { anchor } = parts;
  if (anchor.format === 'unusable') return await readWhole(source, { ...options, partsRefused: anchor.reason });
  try {
    const reading = await readParts(source, options);
    if (reading !== undefined) return reading;
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof ClairError)) throw error;
    return await readWhole(source, { ...options, partsRefused: reasonOf(error, source) });
  }
  return await readWhole(source, options);
}

/** Messages may contain file names, which an attacker can choose. */
const MAX_REASON_CHARACTERS = 300;

/**
 * Returns the reason without the location of the layer, because the reason is stored with the contents, which all
 * images with the layer share. Messages of other parts of the program, such as the client of a registry, name hosts and
 * repositories.
 */
function reasonOf({ code, message }: ClairError, { where }: LayerSource): string {
  const isOwn = message.startsWith(`${where}: `);
  const reason = isOwn ? message.slice(where.length + 2) : `the registry did not send a requested part (${code})`;
  return reason.slice(0, MAX_REASON_CHARACTERS);
}
