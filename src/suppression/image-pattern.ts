import type { PackageURL } from 'packageurl-js';
import { type Digest, isDigest } from '../model/digest.ts';
import { isRepository, referenceParts } from '../model/image-reference.ts';
import type { Report } from '../model/report/report.ts';

/** The image of a rule. All parts that are present must match. */
export type ImagePattern = {
  readonly digest?: Digest;
  /** The repository without the host of Docker Hub, such as `debian` or `ghcr.io/org/app`. */
  readonly repository?: string;
  /** The last part of the repository in lower case; a package URL without `repository_url` contains only this part. */
  readonly name?: string;
  readonly tag?: string;
  /** The architecture in the notation of platforms, such as `amd64`. */
  readonly arch?: string;
};

/**
 * Parses a digest or `REPOSITORY[:TAG][@DIGEST]`; returns undefined for other texts. `sha256` and `sha512` do not count
 * as repositories, because they would match every image whose reference is a digest.
 */
export function parseImagePattern(text: string): ImagePattern | undefined {
  if (isDigest(text)) return { digest: text };
  const { repository, tag, digest } = referenceParts(text);
  if (!isRepository(repository)) return undefined;
  if (digest !== undefined && !isDigest(digest)) return undefined;
  // A digest identifies the image, regardless of the tag that was scanned.
  return digest === undefined ? { repository, ...(tag !== undefined && { tag }) } : { repository, digest };
}

/**
 * Returns the image of a package URL of type `oci` (purl-spec, PURL-TYPES, "oci"). The version of the package URL is
 * the digest; an image with that digest may have any name. Returns undefined for any other version.
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

/** Returns whether a pattern matches the image of a report. */
export function isImage(
  { reference, digest, platform }: Pick<Report['target'], 'reference' | 'digest' | 'platform'>,
  pattern: ImagePattern,
): boolean {
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
