import { PackageURL } from 'packageurl-js';
import type { Package } from './package.ts';

/**
 * The package URL of an installed package (purl-spec, "deb", "apk"): the namespace is the distribution, the qualifiers tell
 * architecture, release and, where it differs, the source package.
 *
 * @param distribution `ID` of os-release; undefined when no operating system is known
 * @param release the namespace of the release: `debian:12` becomes `distro=debian-12`
 */
export function packageUrl(of: Package, distribution?: string, release?: string): string {
  const upstream = of.source.name === of.name && of.source.version === of.version ? undefined : sourceOf(of);
  const qualifiers: Record<string, string> = {};
  if (of.arch !== '') qualifiers['arch'] = of.arch;
  if (release !== undefined && release !== '') qualifiers['distro'] = release.replace(':', '-');
  if (upstream !== undefined) qualifiers['upstream'] = upstream;
  return new PackageURL(of.kind, distribution, of.name, of.version, qualifiers, undefined).toString();
}

function sourceOf({ source, version }: Package): string {
  return source.version === version ? source.name : `${source.name}@${source.version}`;
}
