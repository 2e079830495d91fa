/** The media types of SBOMs and OpenVEX documents, alone; the content determines the format. */
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

/** The types of artifacts whose layers are documents, whatever the type of the layers. */
const ARTIFACTS: ReadonlySet<string> = new Set([
  'application/vnd.dev.cosign.artifact.sbom.v1+json',
  'application/vnd.goharbor.harbor.sbom.v1',
]);

const PREDICATES: readonly (readonly [kind: DocumentKind, pattern: RegExp])[] = [
  ['sbom', /^https:\/\/(?:cyclonedx\.org\/bom|spdx\.dev\/Document)(?:\/.*)?$/],
  ['vex', /^https:\/\/openvex\.dev\/ns(?:\/.*)?$/],
];

export type DocumentKind = 'sbom' | 'vex';

/** Returns the kind of document in an in-toto statement; undefined for other predicates, such as the provenance. */
export function kindOfPredicate(type: string): DocumentKind | undefined {
  return PREDICATES.find(([, pattern]) => pattern.test(type))?.[0];
}

/** Reports whether a media type is that of an in-toto statement, bare or in an envelope. */
export function isEnvelope(mediaType: string): boolean {
  return ENVELOPES.test(bareType(mediaType));
}

/** Returns a media type without parameters: CycloneDX states its version as a parameter. */
function bareType(mediaType: string): string {
  return mediaType.replace(/\s*;.*$/s, '').toLowerCase();
}

/**
 * Reports whether a layer of an attached manifest may be an SBOM or a VEX document.
 *
 * @param artifactType the type that the manifest itself states: that in the list of a registry may be wrong
 */
export function mayBeDocument(
  {
    mediaType = '',
    annotations = {},
  }: { readonly mediaType?: string; readonly annotations?: Readonly<Record<string, string>> },
  artifactType: string,
): boolean {
  const predicate = annotations['in-toto.io/predicate-type'] ?? annotations['predicateType'];
  if (predicate !== undefined && kindOfPredicate(predicate) === undefined) return false;
  return [mediaType, artifactType].some((type) => {
    const bare = bareType(type);
    return DOCUMENTS.has(bare) || ENVELOPES.test(bare) || ARTIFACTS.has(bare);
  });
}
