import { createHash, type Hash } from 'node:crypto';
import type { ByteStream } from '../../../bytes/byte-stream.ts';
import { type Compression, decompress } from '../../../bytes/compression.ts';
import type { ExpansionLimits } from '../../../bytes/compression-bounds.ts';
import { type Digest, digestOfHex } from '../../../model/digest.ts';
import type { LayerSource } from '../layer-source.ts';

const ACCEPTED: readonly Compression[] = ['none', 'gzip', 'xz', 'zstd', 'bzip2'];

/**
 * Reads a layer without known digests once, to compute the digests of its stored bytes and of its uncompressed tar.
 *
 * @param limits the bounds of the uncompressed bytes; defaults to the bounds of layers
 * @throws ClairError `bytes/…`: errors of the source and decompress(); the abort reason of `signal`.
 */
export async function digestsOf(
  source: Pick<LayerSource, 'where' | 'open'>,
  signal?: AbortSignal,
  limits: Partial<ExpansionLimits> = {},
): Promise<{ readonly digest: Digest; readonly diffId: Digest }> {
  const { where } = source;
  const stored = createHash('sha256');
  const options = { where, accept: ACCEPTED, limits, ...(signal && { signal }) };
  const { compression, stream } = await decompress(hashed(await source.open(signal), stored), options);
  const tar = createHash('sha256');
  for await (const chunk of stream) if (compression !== 'none') tar.update(chunk);
  const digest = digestOfHex(stored.digest('hex'));
  return { digest, diffId: compression === 'none' ? digest : digestOfHex(tar.digest('hex')) };
}

async function* hashed(stream: ByteStream, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    hash.update(chunk);
    yield chunk;
  }
}
