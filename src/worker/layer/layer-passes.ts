import type { ByteStream } from '../../bytes/byte-stream.ts';
import { KeptChunks } from '../../bytes/chunks/kept-chunks.ts';
import { type Compression, decompress } from '../../bytes/compression.ts';
import { type FilePart, fileBytes } from '../../bytes/file-bytes.ts';
import { areSameStamps, type FileStamp } from '../../bytes/file-stamp.ts';
import type { TarVisitor } from '../../bytes/tar/entry.ts';
import { walkSameTar } from '../../bytes/tar/file.ts';
import { walkTar } from '../../bytes/tar/walk.ts';
import { ClairError } from '../../errors.ts';
import { algorithmOf, type Digest, digestOfHex } from '../../model/digest.ts';
import type { KnownLayer } from '../rereading/known-layers.ts';
import { readSbom } from '../sboms/read-sbom.ts';
import { sbomContents } from '../sboms/sbom-contents.ts';
import { digestHash, hashed } from '../sources/image/digest-hash.ts';
import type { LayerSource } from '../sources/layer-source.ts';
import type { LayerCollector } from './layer-collector.ts';
import type { LayerReading } from './layer-contents.ts';
import { choicesOf, type SbomLayout } from './layer-layout.ts';
import type { LayerLimits } from './limits.ts';
import { charactersOf } from './tree/tree-nodes.ts';

/**
 * Reads the bytes of a layer once and passes the members to `visitor`.
 *
 * @throws ClairError the errors of `source`, decompress() and walkTar(); `bytes/digest-mismatch` when the bytes do not
 * have the digests in `source`; the abort reason of `signal`
 */
export type Pass<Reading extends LayerReading | undefined = LayerReading> = (
  source: LayerSource,
  visitor: TarVisitor & Pick<LayerCollector, 'contents'>,
  limits: LayerLimits,
  signal: AbortSignal,
  /** Creates another visitor that selects the same content. */
  another: () => TarVisitor,
) => Promise<Reading>;

const LAYER_COMPRESSIONS: readonly Compression[] = ['none', 'gzip', 'xz', 'zstd', 'bzip2'];

/**
 * Creates the pass over a whole archive, which hashes and decompresses the bytes.
 *
 * @param areProcessorsBusy returns whether each processor has a layer to read
 */
export function archivePass(areProcessorsBusy: (() => boolean) | undefined): Pass {
  return async (source, visitor, limits, signal) => {
    const { where } = source;
    const storedHash = digestHash(source.digest);
    const stamps: FileStamp[] = [];
    let isStoredHashed = true;
    const stored = hashed(await openedBytes(source, stamps, signal), storedHash, () => isStoredHashed);
    // Only a file source gives each chunk memory of its own, which can be freed at once.
    const kept = new KeptChunks();
    const memory = { isTransient: true, isSourceOwned: source.file !== undefined, kept };
    const options = { where, accept: LAYER_COMPRESSIONS, limits, signal, memory, areProcessorsBusy };
    const { compression, stream } = await decompress(stored, options);
    isStoredHashed = compression === 'none' || source.digest !== undefined;
    const tarHash = compression === 'none' && haveSameAlgorithm(source) ? null : digestHash(source.diffId);
    const tar = tarHash === null ? stream : hashed(stream, tarHash);
    const { outside } = await walkTar(tar, visitor, { where, limits, signal, kept });

    const diffId = (tarHash ?? storedHash).digest();
    const digest = tarHash === null ? diffId : storedHash.digest();
    checkDigest(where, 'the bytes', digest, source.digest);
    checkDigest(where, 'the uncompressed bytes', diffId, source.diffId);
    const known = tarHash === null ? knownLayer(digest, stamps) : undefined;
    const digests = { ...(isStoredHashed && { digest }), diffId };
    return { ...digests, contents: visitor.contents(outside), ...(known && { known }) };
  };
}

/**
 * Creates the pass over the necessary parts of an uncompressed layer file that was read before. The pass also fails with
 * `bytes/digest-mismatch` if the file has changed, and `bytes/…` if it cannot be read.
 */
export function knownFilePass({ digest, stamp }: KnownLayer, file: () => FilePart): Pass {
  return async ({ where }, visitor, limits, signal) => {
    const { outside } = await walkSameTar(file(), stamp, visitor, { where, limits, signal });
    return { digest, diffId: digest, contents: visitor.contents(outside) };
  };
}

/**
 * Creates the pass over a layer that is a software bill of materials, which has no members. The pass also fails with
 * `sbom/…` or `bytes/limit-exceeded`.
 */
export function documentPass(layout: SbomLayout): Pass {
  return async ({ where, ...source }, _visitor, limits, signal) => {
    const storedHash = digestHash(source.digest);
    const documentHash = digestHash(source.diffId);
    const stored = hashed(await source.open(signal), storedHash);
    const { stream } = await decompress(stored, { where, accept: LAYER_COMPRESSIONS, limits, signal });
    const document = await readSbom(hashed(stream, documentHash), { where });
    const digest = storedHash.digest();
    const diffId = documentHash.digest();
    checkDigest(where, 'the bytes', digest, source.digest);
    checkDigest(where, 'the uncompressed bytes', diffId, source.diffId);
    const contents = sbomContents(document, choicesOf(layout));
    if (charactersOf(contents) <= limits.maxKeptCharacters) return { digest, diffId, contents };
    const what = `the package data of the SBOM exceeds ${limits.maxKeptCharacters} characters`;
    throw new ClairError('bytes/limit-exceeded', `${where}: ${what}`);
  };
}

/** Returns the data for the next reading of a layer file; undefined if the file changed while it was read. */
function knownLayer(digest: Digest, [before, after]: readonly FileStamp[]): KnownLayer | undefined {
  if (before === undefined || after === undefined || !areSameStamps(before, after)) return undefined;
  return { digest, stamp: after, readAt: Date.now() };
}

/** The size of the chunks of a layer file. With a quarter of this size, reading a layer takes up to a tenth longer. */
const CHUNK_BYTES = 2 * 1024 * 1024;

/** Records the stamps of a file before and after it is read. */
async function openedBytes(source: LayerSource, stamps: FileStamp[], signal: AbortSignal): Promise<ByteStream> {
  if (source.file === undefined) return await source.open(signal);
  const { path, range, within } = source.file();
  return fileBytes(path, range, within, { watch: (stamp) => stamps.push(stamp), chunkBytes: CHUNK_BYTES });
}

/**
 * Returns whether the digests of stored and uncompressed bytes have the same algorithm; an uncompressed layer then
 * needs only one digest.
 */
function haveSameAlgorithm({ digest, diffId }: LayerSource): boolean {
  return algorithmOf(digest ?? NO_DIGEST) === algorithmOf(diffId ?? NO_DIGEST);
}

/** Without an expected digest, digests are SHA-256. */
const NO_DIGEST = digestOfHex('');

function checkDigest(where: string, what: string, found: Digest, promised: Digest | undefined): void {
  if (promised === undefined || promised === found) return;
  throw new ClairError('bytes/digest-mismatch', `${where}: ${what} have digest ${found} instead of ${promised}`);
}
