import { allBytes } from '../../bytes/all-bytes.ts';
import { ClairError } from '../../errors.ts';
import { type Digest, isDigest } from '../../model/digest.ts';
import { textOrder } from '../../model/text-order.ts';
import { type AttachedContent, type OtherStatement, readAttached } from './attached-content.ts';
import { type AttachedManifest, attachedManifests } from './attached-manifests.ts';
import { digestHash } from '../../worker/sources/image/digest-hash.ts';
import type { AttachmentPlace } from '../../worker/sources/registry/attachment-place.ts';
import { isAboutIndex } from './attached-subject.ts';
import { createAttempts } from './attempts.ts';
import { ATTESTATION_LIMITS, type AttestationLimits } from './attestation-limits.ts';
import { isOtherPredicate, mayBeDocument, unknownType } from './media-types.ts';

export type AttachedDocument = AttachedContent & {
  readonly digest: Digest;
  /** The creation time in the manifest; empty if the manifest states no time. */
  readonly created: string;
  /** Whether the document is about the index of several platforms, not about one platform. */
  readonly isOfIndex: boolean;
};

export type Attachments = {
  /** The documents, newest first. */
  readonly documents: readonly AttachedDocument[];
  /** The reasons why documents could not be listed or read. */
  readonly failures: readonly string[];
  /** The type of each document that Clair cannot read, except signatures and the types of `isOtherPredicate`. */
  readonly unknown: readonly string[];
  readonly isMirrored: boolean;
};

/**
 * Reads the SBOMs and VEX documents that are attached to an image in its registry. Checks the digests and subjects of
 * the documents, but not their signatures. A failure to read a document is listed in the result.
 *
 * @throws the abort reason of the signal
 */
export async function readAttachments(
  at: AttachmentPlace,
  { limits: chosen = {}, signal }: { readonly limits?: Partial<AttestationLimits>; readonly signal: AbortSignal },
): Promise<Attachments> {
  const limits = { ...ATTESTATION_LIMITS, ...chosen };
  const timeout = AbortSignal.timeout(limits.maxMilliseconds);
  const documents = new Map<Digest, AttachedDocument>();
  const failures: string[] = [];
  const unknown: string[] = [];
  const both = AbortSignal.any([signal, timeout]);
  const attempt = createAttempts(failures, both);
  try {
    const found = await attachedManifests(at, limits, both);
    failures.push(...found.failures);
    const left = { bytes: limits.maxBytes, documents: limits.maxDocuments };
    for (const manifest of found.manifests) {
      const { wanted, others } = layersOf(manifest);
      unknown.push(...others);
      for (const layer of wanted) {
        const read = await attempt(() => documentOf(at, manifest, layer, limits, left, both));
        if (read?.kind === 'other') {
          if (!isOtherPredicate(read.predicate)) unknown.push(read.predicate);
        } else if (read !== undefined && !documents.has(read.digest)) documents.set(read.digest, read);
      }
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!timeout.aborted) throw error;
    failures.push(`the attached documents were not read within ${limits.maxMilliseconds / 1000} seconds`);
  }
  const newest = [...documents.values()].toSorted(
    (one, other) => textOrder(other.created, one.created) || textOrder(one.digest, other.digest),
  );
  return { documents: newest, failures: [...new Set(failures)], unknown, isMirrored: at.isMirrored };
}

type Layer = { readonly digest: string; readonly mediaType: string; readonly size: number | undefined };

/** Returns the layers that can be documents, and the distinct unknown types of the other layers. */
function layersOf({ value }: AttachedManifest): {
  readonly wanted: readonly Layer[];
  readonly others: readonly string[];
} {
  const artifactType = value.artifactType ?? value.config?.mediaType ?? '';
  const wanted: Layer[] = [];
  const others = new Set<string>();
  for (const { digest, mediaType = '', size, annotations = {} } of value.layers ?? []) {
    const layer = { mediaType, annotations };
    if (mayBeDocument(layer, artifactType)) {
      wanted.push({ digest, mediaType, size });
      continue;
    }
    const other = unknownType(layer, artifactType);
    if (other !== undefined) others.add(other);
  }
  return { wanted, others: [...others] };
}

async function documentOf(
  at: AttachmentPlace,
  manifest: AttachedManifest,
  { digest, mediaType, size }: Layer,
  limits: AttestationLimits,
  left: { bytes: number; documents: number },
  signal: AbortSignal,
): Promise<AttachedDocument | OtherStatement> {
  if (!isDigest(digest))
    throw new ClairError(
      'image/unreadable',
      `the digest "${digest}" of an attached document is not a SHA-256 or SHA-512 digest`,
    );
  if (left.documents === 0) {
    throw tooMuch(`${digest} was not read, because more than ${limits.maxDocuments} documents are attached`);
  }
  left.documents -= 1;
  const most = Math.min(limits.maxDocumentBytes, left.bytes);
  const bytes = (size ?? 0) > most ? undefined : await allBytes(at.open(`blobs/${digest}`, signal), most);
  if (bytes === undefined) {
    const isOfAll = most < limits.maxDocumentBytes;
    const why = isOfAll
      ? `the attached documents exceed ${limits.maxBytes} bytes in total`
      : `it is larger than ${most} bytes`;
    throw tooMuch(`${digest} was not read, because ${why}`);
  }
  left.bytes -= bytes.length;
  const hash = digestHash(digest);
  hash.update(bytes);
  if (hash.digest() !== digest || (size !== undefined && size !== bytes.length)) {
    throw new ClairError('bytes/digest-mismatch', `the bytes or the size of ${digest} do not match the manifest`);
  }
  const content = await readAttached(bytes, mediaType, `attached document ${digest}`);
  if (content.kind === 'other') return content;
  return {
    ...content,
    digest,
    created: manifest.value.annotations?.['org.opencontainers.image.created'] ?? '',
    isOfIndex: isAboutIndex(content, manifest, at, digest),
  };
}

function tooMuch(message: string): ClairError {
  return new ClairError('sbom/limit-exceeded', message);
}
