import { PackageURL } from 'packageurl-js';
import type { Package } from './package.ts';

/**
 * The package URL of an installed package (purl-spec, "deb", "apk", "rpm"): the namespace is the distribution, the
 * qualifiers tell architecture, release and, where it differs, the source package. Of rpm the epoch is one too.
 *
 * @param distribution `ID` of os-release; undefined when no operating system is known
 * @param release the namespace of the release: `debian:12` becomes `distro=debian-12`
 */
export function packageUrl(of: Package, distribution?: string, release?: string): string {
  const { epoch, version } = versionOf(of);
  const upstream = upstreamOf(of, version);
  const qualifiers: Record<string, string> = {};
  if (of.arch !== '') qualifiers['arch'] = of.arch;
  if (release !== undefined && release !== '') qualifiers['distro'] = release.replace(':', '-');
  if (epoch !== undefined) qualifiers['epoch'] = epoch;
  if (upstream !== undefined) qualifiers['upstream'] = upstream;
  return new PackageURL(of.kind, distribution, of.name, version, qualifiers, undefined).toString();
}

function versionOf({ kind, version }: Package): { readonly epoch?: string; readonly version: string } {
  const [, epoch, rest] = (kind === 'rpm' && /^(\d+):(.*)$/.exec(version)) || [];
  return epoch === undefined || rest === undefined ? { version } : { epoch, version: rest };
}

/** The source where it differs from the package; `version` is that of the package, as the URL has it. */
function upstreamOf({ name, source }: Package, version: string): string | undefined {
  if (source.version !== version) return `${source.name}@${source.version}`;
  return source.name === name ? undefined : source.name;
}
