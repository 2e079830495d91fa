/** The documents of the adapter: what a client can ask for with `Accept`. */
export type HarborDocument = 'generic' | 'native' | 'sbom';

/** The media types of the documents, as Harbor spells them (pluggable-scanner-spec 1.2). */
export const DOCUMENT_TYPES: Readonly<Record<HarborDocument, string>> = {
  generic: 'application/vnd.security.vulnerability.report; version=1.1',
  native: 'application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0',
  sbom: 'application/vnd.security.sbom.report+json; version=1.0',
};

/** The manifests of single images; Harbor never asks for an index. */
export const IMAGE_TYPES: readonly string[] = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];

/** The SBOM formats: `sbom_media_type` of a request, and the ID of the output format of `clair scan`. */
export const SBOM_FORMATS: Readonly<Record<string, 'spdx' | 'cyclonedx'>> = {
  'application/spdx+json': 'spdx',
  'application/vnd.cyclonedx+json': 'cyclonedx',
};

/** Returns the document of a media type; the case and the blanks around parameters do not matter. */
export function documentOf(mediaType: string): HarborDocument | undefined {
  const asked = normalized(mediaType);
  return KINDS.find((kind) => normalized(DOCUMENT_TYPES[kind]) === asked);
}

/**
 * Returns the document that an `Accept` header asks for: the first known media type; `fallback` for no header and for
 * types that stand for any JSON. Undefined if the adapter has none of the media types.
 */
export function acceptedDocument(accept: string | undefined, fallback: HarborDocument): HarborDocument | undefined {
  const asked = (accept ?? '').split(',').flatMap((each) => (each.trim() === '' ? [] : [each]));
  if (asked.length === 0) return fallback;
  for (const each of asked) {
    const found = ANY_TYPE.test(each) ? fallback : documentOf(withoutQuality(each));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Returns the version that an `Accept` header asks of a media type with versions; 1.0 unless it asks for 1.1. */
export function acceptedVersion(accept: string | undefined): '1.0' | '1.1' {
  return /;\s*version\s*=\s*"?1\.1"?\s*(?:[;,]|$)/.test(accept ?? '') ? '1.1' : '1.0';
}

const KINDS = ['generic', 'native', 'sbom'] as const;

const ANY_TYPE = /^\s*(?:\*\/\*|application\/\*|application\/json)\s*(?:;|$)/i;

function withoutQuality(range: string): string {
  return range.replace(/;\s*q\s*=\s*[\d.]+\s*$/i, '');
}

function normalized(mediaType: string): string {
  return mediaType.toLowerCase().replaceAll(/[\s"]/g, '');
}
