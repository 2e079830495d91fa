import { acceptedType } from '../accepted-type.ts';

/** The documents of the adapter that a client can request with `Accept`. */
export type HarborDocument = 'generic' | 'native' | 'sbom';

/** The media types of the documents, as Harbor spells them (pluggable-scanner-spec 1.2). */
export const DOCUMENT_TYPES: Readonly<Record<HarborDocument, string>> = {
  generic: 'application/vnd.security.vulnerability.report; version=1.1',
  native: 'application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0',
  sbom: 'application/vnd.security.sbom.report+json; version=1.0',
};

/** The manifests of single images; Harbor never requests a scan of an index. */
export const IMAGE_TYPES: readonly string[] = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/** Maps the `sbom_media_type` of a request to the output format of `clair scan`. */
export const SBOM_FORMATS: Readonly<Record<string, 'spdx' | 'cyclonedx'>> = {
  'application/spdx+json': 'spdx',
  'application/vnd.cyclonedx+json': 'cyclonedx',
};

/**
 * Returns the document with this media type, or undefined for other types; ignores case, spaces and quotation marks.
 */
export function documentOf(mediaType: string): HarborDocument | undefined {
  const asked = normalized(mediaType);
  return KINDS.find((kind) => normalized(DOCUMENT_TYPES[kind]) === asked);
}

/**
 * Returns the document that an `Accept` header prefers. Returns `fallback` without a header and for JSON, and undefined
 * if the adapter supports none of the media types.
 */
export function acceptedDocument(accept: string | undefined, fallback: HarborDocument): HarborDocument | undefined {
  const kinds = [fallback, ...KINDS.filter((kind) => kind !== fallback)];
  const type = acceptedType(accept, [...kinds.map((kind) => DOCUMENT_TYPES[kind]), 'application/json']);
  return type === 'application/json' ? fallback : kinds.find((kind) => DOCUMENT_TYPES[kind] === type);
}

/** The media types of the metadata; Harbor requests version 1.0. */
const METADATA_TYPES = [
  'application/vnd.scanner.adapter.metadata+json; version=1.0',
  'application/vnd.scanner.adapter.metadata+json; version=1.1',
] as const;

/** Returns the media type of the metadata; version 1.0 unless the `Accept` header prefers 1.1. */
export function metadataType(accept: string | undefined): string {
  return acceptedType(accept, METADATA_TYPES) ?? METADATA_TYPES[0];
}

const KINDS = ['generic', 'native', 'sbom'] as const;

function normalized(mediaType: string): string {
  return mediaType.toLowerCase().replaceAll(/[\s"]/g, '');
}
