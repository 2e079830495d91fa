import type { ByteRange } from '../../bytes/byte-range.ts';
import { type Digest, isSha256Digest } from '../../model/digest.ts';
import { digestOfText } from '../layer/layer-layout.ts';
import type { PartsScope } from './parts-scope.ts';

/** A compressed document in the stored bytes, with its uncompressed size. */
export type PackedRange = ByteRange & { readonly size: number };

/** The data in the manifest about the table of contents of a layer, with which parts of the layer can be verified. */
export type LayerAnchor =
  | {
      readonly format: 'zstd:chunked';
      /** The digest of the compressed table of contents. */
      readonly digest: Digest;
      readonly toc: PackedRange;
      /** Absent if the layer has no tar-split, so that nothing proves that the table lists all members of the tar. */
      readonly tarSplit?: PackedRange;
    }
  /**
   * A layer of stargz-snapshotter: eStargz, or its variant of zstd:chunked. The footer of the layer states the position
   * of the table of contents. These formats have no tar-split.
   */
  | {
      readonly format: 'stargz';
      /** The digest of the uncompressed table of contents. */
      readonly digest: Digest;
    }
  /** The layer has a table of contents that Clair cannot use. */
  | { readonly format: 'unusable'; readonly reason: string };

/** The annotations of zstd:chunked (containers/storage, pkg/chunked/internal/minimal/compression.go). */
const CHECKSUM = 'io.github.containers.zstd-chunked.manifest-checksum';
const POSITION = 'io.github.containers.zstd-chunked.manifest-position';
const TAR_SPLIT = 'io.github.containers.zstd-chunked.tarsplit-position';
/**
 * The annotation of eStargz (stargz-snapshotter, estargz/types.go). stargz-snapshotter also sets this annotation for
 * its variant of zstd:chunked.
 */
const STARGZ_DIGEST = 'containerd.io/snapshot/stargz/toc.digest';

/**
 * Reads the annotations of a layer's descriptor. Returns undefined for an ordinary layer.
 *
 * @param annotations the annotations of a descriptor in a manifest whose digest was computed from the bytes of the
 * manifest: only this digest proves that the table of contents belongs to the image
 */
export function anchorOf(
  annotations: Readonly<Record<string, string>> = {},
  scope: PartsScope = 'with-tar-split',
): LayerAnchor | undefined {
  const { [CHECKSUM]: digest, [STARGZ_DIGEST]: stargz } = annotations;
  if (digest === undefined) return stargz === undefined ? undefined : stargzAnchor(stargz, scope);
  // containers/storage also refuses a layer with two tables, because different runtimes would use different tables.
  if (stargz !== undefined && stargz !== digest) return unusable('the annotations name two tables of contents');
  if (!isSha256Digest(digest)) return unusable('the digest of the table of contents is not a SHA-256 digest');
  const toc = packedRange(/^(\d+):(\d+):(\d+):1$/.exec(annotations[POSITION] ?? ''));
  if (toc === undefined) return unusable('the position of the table of contents is invalid');
  if (annotations[TAR_SPLIT] === undefined) {
    // Without a tar-split, nothing proves that the table lists exactly the members of the tar.
    return scope === 'any' ? { format: 'zstd:chunked', digest, toc } : unusable('the layer has no tar-split');
  }
  const tarSplit = packedRange(/^(\d+):(\d+):(\d+)$/.exec(annotations[TAR_SPLIT]));
  return tarSplit === undefined
    ? unusable('the position of the tar-split is invalid')
    : { format: 'zstd:chunked', digest, toc, tarSplit };
}

function stargzAnchor(digest: string, scope: PartsScope): LayerAnchor {
  if (scope !== 'any') {
    return unusable(
      'the layer has a table of contents (eStargz) but no tar-split, so nothing proves that the table lists all members of the tar',
    );
  }
  if (!isSha256Digest(digest)) return unusable('the digest of the table of contents is not a SHA-256 digest');
  return { format: 'stargz', digest };
}

/**
 * Returns the key for the contents of a layer that is read in part; the key of the whole layer is different. The key
 * includes the diff ID, because reading parts does not verify the diff ID.
 */
export function partsDigest(blob: Digest, diffId: Digest, anchor: LayerAnchor): Digest {
  return digestOfText(`parts ${blob} ${diffId} ${JSON.stringify(anchor)}`);
}

function unusable(reason: string): LayerAnchor {
  return { format: 'unusable', reason };
}

function packedRange(match: RegExpExecArray | null): PackedRange | undefined {
  const [start = 0, length = 0, size = 0] = match?.slice(1).map(Number) ?? [];
  const isValid = [start, length, size, start + length].every((each) => Number.isSafeInteger(each));
  return isValid && start > 0 && length > 0 ? { start, end: start + length, size } : undefined;
}
