import { PackageURL } from 'packageurl-js';
import type { SystemPackage } from '../model/feature.ts';
import type { PurlDistribution } from './ecosystem.ts';

/**
 * Returns the package URL of an installed package (purl-spec, "deb", "apk", "rpm"): the namespace is the distribution, the
 * qualifiers are architecture, release, the source package if it differs, and for rpm the epoch.
 *
 * @param distribution with the namespace of the release: `debian:12` becomes `distro=debian-12`; null if unknown
 */
export function systemPurl(of: SystemPackage, distribution: PurlDistribution | null): string {
  const { epoch, version } = versionOf(of);
  const upstream = upstreamOf(of, version);
  const release = distribution?.namespace ?? '';
  const qualifiers: Record<string, string> = {};
  if (of.arch !== '') qualifiers['arch'] = of.arch;
  if (release !== '') qualifiers['distro'] = release.replace(':', '-');
  if (epoch !== undefined) qualifiers['epoch'] = epoch;
  if (upstream !== undefined) qualifiers['upstream'] = upstream;
  return new PackageURL(of.type, distribution?.id, of.name, version, qualifiers, undefined).toString();
}

function versionOf({ type, version }: SystemPackage): { readonly epoch?: string; readonly version: string } {
  const [, epoch, rest] = (type === 'rpm' && /^(\d+):(.*)$/.exec(version)) || [];
  return epoch === undefined || rest === undefined ? { version } : { epoch, version: rest };
}

/** Returns the source package if it differs from the package; `version` is the version of the package in the URL. */
function upstreamOf({ name, source }: SystemPackage, version: string): string | undefined {
  if (source.version !== version) return `${source.name}@${source.version}`;
  return source.name === name ? undefined : source.name;
}
