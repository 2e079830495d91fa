import { PackageURL } from 'packageurl-js';
import { referenceParts } from '../../model/image-reference.ts';
import type { Report } from '../../model/report/report.ts';

type Target = Report['target'];

/** The name of an image without tag and digest: what stays the same from one build to the next. */
export function repositoryOf({ reference }: Target): string {
  return referenceParts(reference).name;
}

/**
 * The package URL of an image (purl-spec, "oci", "docker"): by the digest of its manifest, or of the configuration for an
 * archive of Docker. A root file system has no form of its own, and is generic.
 */
export function imagePurl(target: Target): string {
  const repository = repositoryOf(target);
  const name = repository.split('/').findLast((part) => part.trim() !== '') ?? 'image';
  if (target.kind === 'docker-archive') return purl('docker', name, target.digest, {});
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

/** Half characters cannot be encoded. */
function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '\u{FFFD}');
}

/** The digest as checksums name it; undefined for what is no SHA-256. */
export function sha256Of(digest: string): string | undefined {
  return /^sha256:([0-9a-f]{64})$/.exec(digest)?.[1];
}
