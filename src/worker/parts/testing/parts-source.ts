import { createHash } from 'node:crypto';
import { ClairError } from '../../../errors.ts';
import { type Digest, digestOfHex } from '../../../model/digest.ts';
import { inChunks } from '../../../bytes/testing/tar-builder.ts';
import type { LayerSource } from '../../sources/layer-source.ts';
import { anchorOf } from '../layer-anchor.ts';
import type { PartsScope } from '../parts-scope.ts';
import type { ChunkedLayer } from './zstd-chunked.ts';

/** A layer in memory that can be read in part, and the ranges requested so far. */
export type PartsSource = LayerSource & { readonly requested: { readonly start: number; readonly end: number }[] };

/** Creates the source of a layer. @param tar the uncompressed layer */
export function partsSource({ blob, annotations }: ChunkedLayer, tar: Buffer, scope?: PartsScope): PartsSource {
  const requested: { readonly start: number; readonly end: number }[] = [];
  const anchor = anchorOf(annotations, scope);
  const read = async (start: number, end: number): Promise<Uint8Array> => {
    requested.push({ start, end });
    if (end > blob.length) throw new ClairError('bytes/unreachable', 'status 416');
    return Uint8Array.from(blob.subarray(start, end));
  };
  return {
    where: 'layer 0 of registry.example/private',
    digest: sha256(blob),
    diffId: sha256(tar),
    open: async () => inChunks(blob),
    ...(anchor && { anchor, parts: { anchor, size: blob.length, read } }),
    requested,
  };
}

function sha256(bytes: Uint8Array): Digest {
  return digestOfHex(createHash('sha256').update(bytes).digest('hex'));
}
