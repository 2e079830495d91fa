/** The media types of bare SBOMs and OpenVEX documents; the content determines the format. */
const DOCUMENTS: ReadonlySet<string> = new Set([
  'application/vnd.cyclonedx+json',
  'application/vnd.cyclonedx+xml',
  'application/vnd.cyclonedx',
  'application/spdx+json',
  'application/vnd.syft+json',
  'text/spdx',
  'text/spdx+json',
  'application/vnd.openvex+json',
  'application/vnd.openvex',
  'text/openvex',
]);

/** The media types of in-toto statements, bare or in an envelope. */
const ENVELOPES = /^application\/(?:vnd\.in-toto\+json|vnd\.dsse\.envelope\.v1\+json|vnd\.dev\.sigstore\.bundle\b.*)$/;

/** Artifact types whose layers are documents, regardless of the media types of the layers. */
const ARTIFACTS: ReadonlySet<string> = new Set([
  'application/vnd.dev.cosign.artifact.sbom.v1+json',
  'application/vnd.goharbor.harbor.sbom.v1',
]);

const PREDICATES: readonly (readonly [kind: DocumentKind, pattern: RegExp])[] = [
  ['sbom', /^https:\/\/(?:cyclonedx\.org\/bom|spdx\.dev\/Document)(?:\/.*)?$/],
  ['vex', /^https:\/\/openvex\.dev\/ns(?:\/.*)?$/],
];

export type DocumentKind = 'sbom' | 'vex';

const SIGNATURES: ReadonlySet<string> = new Set([
  'application/vnd.dev.cosign.artifact.sig.v1+json',
  'application/vnd.dev.cosign.simplesigning.v1+json',
  'application/vnd.cncf.notary.signature',
]);

/**
 * The predicate types of in-toto statements that are not documents: provenance, in-toto links, verification summaries,
 * and cosign signatures.
 */
const OTHER_PREDICATES =
  /^https:\/\/(?:slsa\.dev\/(?:provenance|verification_summary)|in-toto\.io\/Link|sigstore\.dev\/cosign\/sign)(?:\/.*)?$/;

/** The artifact types that do not identify the kind of artifact. */
const NO_TYPES: ReadonlySet<string> = new Set([
  '',
  'application/vnd.oci.empty.v1+json',
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
]);

/** Returns the kind of document in an in-toto statement; undefined for other predicates, such as provenance. */
export function kindOfPredicate(type: string): DocumentKind | undefined {
  return PREDICATES.find(([, pattern]) => pattern.test(type))?.[0];
}

/** Returns whether a media type is for in-toto statements, bare or in an envelope. */
export function isEnvelope(mediaType: string): boolean {
  return ENVELOPES.test(bareType(mediaType));
}

/** Returns a media type without parameters, because CycloneDX states its version as a parameter. */
function bareType(mediaType: string): string {
  return mediaType.replace(/\s*;.*$/s, '').toLowerCase();
}

/** Returns whether a media type is for signatures, which are not documents. */
export function isSignature(mediaType: string): boolean {
  return SIGNATURES.has(bareType(mediaType));
}

/** Returns whether a predicate type is known and belongs to no document, for example provenance or a signature. */
export function isOtherPredicate(type: string): boolean {
  return OTHER_PREDICATES.test(type);
}

type AttachedLayer = { readonly mediaType?: string; readonly annotations?: Readonly<Record<string, string>> };

/**
 * Returns the type of a layer that `mayBeDocument` excludes: the predicate type, if the layer has a predicate type;
 * otherwise the artifact type; otherwise the media type of the layer. Returns undefined for signatures and for the
 * predicate types of {@link isOtherPredicate}.
 */
export function unknownType(layer: AttachedLayer, artifactType: string): string | undefined {
  const { mediaType = '' } = layer;
  if ([mediaType, artifactType].some(isSignature)) return undefined;
  const predicate = predicateOf(layer);
  if (predicate !== undefined) return isOtherPredicate(predicate) ? undefined : predicate;
  return NO_TYPES.has(artifactType) ? mediaType : artifactType;
}

/**
 * Returns whether a layer of an attached manifest can be an SBOM or a VEX document.
 *
 * @param artifactType the type in the manifest itself, because the type in the list of a registry can be wrong
 */
export function mayBeDocument(layer: AttachedLayer, artifactType: string): boolean {
  const predicate = predicateOf(layer);
  if (predicate !== undefined && kindOfPredicate(predicate) === undefined) return false;
  return [layer.mediaType ?? '', artifactType].some((type) => {
    const bare = bareType(type);
    return DOCUMENTS.has(bare) || ENVELOPES.test(bare) || ARTIFACTS.has(bare);
  });
}

function predicateOf({ annotations = {} }: AttachedLayer): string | undefined {
  return annotations['in-toto.io/predicate-type'] ?? annotations['predicateType'];
}
