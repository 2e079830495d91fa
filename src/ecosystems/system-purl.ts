import { PackageURL } from 'packageurl-js';
import type { SystemPackage } from '../model/feature.ts';
import type { PurlDistribution } from './ecosystem.ts';

/**
 * Returns the package URL of an installed package (purl-spec, "deb", "apk", "rpm"): the namespace is the distribution, the
 * qualifiers are architecture, release and, where it differs, the source package. For rpm the epoch is one too.
 *
 * @param distribution with the namespace of the release: `debian:12` becomes `distro=debian-12`; null for an unknown one
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

/** The source where it differs from the package; `version` is that of the package, as the URL has it. */
function upstreamOf({ name, source }: SystemPackage, version: string): string | undefined {
  if (source.version !== version) return `${source.name}@${source.version}`;
  return source.name === name ? undefined : source.name;
}
