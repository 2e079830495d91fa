import { gunzipSync, gzipSync } from 'node:zlib';
import type { LayerContents } from './layer-contents.ts';

/**
 * Packs the contents of a layer as they are stored and sent between threads: gzip of their JSON. Bytes cost a thread that
 * only passes them on nothing, however many packages they hold.
 */
export function packContents(contents: LayerContents): Uint8Array {
  // Without the rest of the buffer that it lies in, which would be sent along.
  return Uint8Array.from(gzipSync(JSON.stringify(contents)));
}

/** Reads what {@link packContents} wrote. */
export function unpackContents(packed: Uint8Array): LayerContents {
  return JSON.parse(gunzipSync(packed).toString('utf8'));
}
