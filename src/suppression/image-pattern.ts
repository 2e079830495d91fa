import type { PackageURL } from 'packageurl-js';
import { type Digest, isDigest } from '../model/digest.ts';
import { referenceParts } from '../model/image-reference.ts';
import type { Report } from '../model/report/report.ts';

/** An image as a rule names it: all that it gives must be so. */
export type ImagePattern = {
  readonly digest?: Digest;
  /** Without the host of Docker Hub: `debian`, `ghcr.io/org/app`. */
  readonly repository?: string;
  /** The last part of the repository, in small letters: all that a package URL without `repository_url` says. */
  readonly name?: string;
  readonly tag?: string;
  /** The processor, as in platforms: `amd64`. */
  readonly arch?: string;
};

/** Reads a digest or `REPOSITORY[:TAG][@DIGEST]`; gives undefined for a text that is neither. */
export function parseImagePattern(text: string): ImagePattern | undefined {
  if (isDigest(text)) return { digest: text };
  const { repository, tag, digest } = referenceParts(text);
  if (!/^[\w./:[\]-]*[\w./[\]-]$/.test(repository) || (digest !== undefined && !isDigest(digest))) return undefined;
  // Whoever names a digest means that very image, by whatever tag it was scanned.
  return digest === undefined ? { repository, ...(tag !== undefined && { tag }) } : { repository, digest };
}

/**
 * The image that a package URL of the type `oci` names (purl-spec, PURL-TYPES, "oci"): the version is the digest, and with
 * one its name may be any. Undefined for another version.
 */
export function imageOfPurl({ name, version, qualifiers }: PackageURL): ImagePattern | undefined {
  const given: Readonly<Record<string, string>> = { ...qualifiers };
  const { repository_url: url, tag, arch } = given;
  const rest = { ...(tag !== undefined && { tag }), ...(arch !== undefined && { arch }) };
  if (version) return isDigest(version) ? { digest: version, ...(arch !== undefined && { arch }) } : undefined;
  return url === undefined
    ? { name: name.toLowerCase(), ...rest }
    : { repository: referenceParts(url.replace(/^https?:\/\//, '')).repository, ...rest };
}

/** Tells whether the image of a report is the one that is meant, as far as the report knows its names. */
export function isImage({ reference, digest, platform }: Report['target'], pattern: ImagePattern): boolean {
  const own = referenceParts(reference);
  const [, architecture = ''] = platform.split('/');
  return (
    (pattern.digest === undefined || pattern.digest === digest || pattern.digest === own.digest) &&
    (pattern.repository === undefined || pattern.repository === own.repository) &&
    (pattern.name === undefined || pattern.name === own.repository.split('/').at(-1)?.toLowerCase()) &&
    (pattern.tag === undefined || pattern.tag === own.tag) &&
    (pattern.arch === undefined || pattern.arch === architecture)
  );
}
