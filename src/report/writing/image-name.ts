import { PackageURL } from 'packageurl-js';
import { algorithmOf, hexOfDigest, isDigest } from '../../model/digest.ts';
import { referenceParts } from '../../model/image-reference.ts';
import type { Report } from '../../model/report/report.ts';

type Target = Report['target'];

/** Returns the name of an image without tag and digest; all builds of the image have this name. */
export function repositoryOf({ reference }: Target): string {
  return referenceParts(reference).name;
}

/**
 * Returns the package URL of an image (purl-spec, "oci", "docker"). The package URL contains the digest of the manifest
 * or, for a Docker archive or an image from a daemon, of the configuration. For any other image source, such as a root
 * file system, the type is "generic".
 */
export function imagePurl(target: Target): string {
  const repository = repositoryOf(target);
  const name = repository.split('/').findLast((part) => part.trim() !== '') ?? 'image';
  if (['docker-archive', 'docker', 'podman'].includes(target.kind)) return purl('docker', name, target.digest, {});
  if (!['oci', 'oci-archive', 'registry'].includes(target.kind)) return purl('generic', name, target.digest, {});
  return purl('oci', name.toLowerCase(), target.digest, {
    ...(target.kind === 'registry' && { repository_url: repository }),
    ...(target.platform !== '' && { arch: target.platform.split('/')[1] ?? '' }),
  });
}

function purl(type: string, name: string, version: string, qualifiers: Record<string, string>): string {
  const known = Object.fromEntries(Object.entries(qualifiers).filter(([, value]) => value !== ''));
  return new PackageURL(type, undefined, wellFormed(name), wellFormed(version), known, undefined).toString();
}

/** Replaces lone surrogates, which cannot be encoded. */
function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '\u{FFFD}');
}

/**
 * The hexadecimal digits of a digest, and the number of bits, which is part of the algorithm names in CycloneDX, SPDX
 * and OpenVEX.
 */
export type NamedHash = { readonly bits: '256' | '512'; readonly hex: string };

/** Returns the parts of a digest, or undefined for an image without a digest. */
export function hashOf(digest: string): NamedHash | undefined {
  if (!isDigest(digest)) return undefined;
  return { bits: algorithmOf(digest) === 'sha512' ? '512' : '256', hex: hexOfDigest(digest) };
}
