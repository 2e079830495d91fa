import { gunzipSync, gzipSync } from 'node:zlib';
import type { LayerFindings } from './layer-findings.ts';

/**
 * Packs the findings of a layer as they are stored and sent between threads: gzip of their JSON. Bytes cost a thread that
 * only passes them on nothing, however many packages they hold.
 */
export function packFindings(findings: LayerFindings): Uint8Array {
  // Without the rest of the buffer that it lies in, which would be sent along.
  return Uint8Array.from(gzipSync(JSON.stringify(findings)));
}

/** Reads what {@link packFindings} wrote. */
export function unpackFindings(packed: Uint8Array): LayerFindings {
  return JSON.parse(gunzipSync(packed).toString('utf8'));
}
