import { gunzipSync, gzipSync } from 'node:zlib';
import type { LayerContents } from './layer-contents.ts';

/**
 * Packs layer contents for storage and for messages between threads, as gzipped JSON. A thread that only passes the
 * bytes on need not parse them.
 */
export function packContents(contents: LayerContents): Uint8Array {
  // Copy the bytes, because a message would contain the whole underlying buffer.
  return Uint8Array.from(gzipSync(JSON.stringify(contents)));
}

/** Reads the output of {@link packContents}. */
export function unpackContents(packed: Uint8Array): LayerContents {
  return JSON.parse(gunzipSync(packed).toString('utf8'));
}
