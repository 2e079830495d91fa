import type { SystemPackage, SystemPackageType } from '../model/feature.ts';
import { type PackageUrl, packageUrlText } from './package-url.ts';
import type { PurlDistribution } from './ecosystem.ts';
import { isOwnVendor } from './rpm-vendors.ts';

/**
 * Returns the package URL of an installed package (purl-spec, "deb", "apk", "rpm"), in the form that Syft, Grype and
 * Trivy read. The namespace is the distribution. The qualifiers are the architecture, the release, the source package
 * if it differs, the epoch and the module of an rpm package, and the vendor of a third-party package.
 *
 * @param ofImage the distribution of the image; null if unknown. Unless the package has its own release, the
 * distribution determines the namespace and the qualifier `distro` (`debian-12` for `debian:12`).
 */
export function systemPurl(of: SystemPackage, ofImage: PurlDistribution | null): string {
  const { epoch, version } = versionOf(of);
  const distribution = of.release === undefined ? ofImage : distributionNamed(of.release);
  const isForeign = of.type !== 'rpm' || !isOwnVendor(of.vendor ?? '', distribution?.namespace ?? '');
  return packageUrlText({
    type: of.type,
    namespace: distribution === null ? '' : purlVendorOf(distribution.id),
    name: of.name,
    version,
    qualifiers: {
      arch: of.arch,
      distro: distribution === null ? '' : releaseOf(distribution),
      epoch,
      rpmmod: of.module ?? '',
      upstream: upstreamOf(of, version),
      vendor: isForeign ? (of.vendor ?? '') : '',
    },
  });
}

/** Returns the distribution of a namespace. The ID is the prefix of the namespace, which other tools also use. */
function distributionNamed(namespace: string): PurlDistribution {
  return { id: namespace.split(':', 1)[0] ?? '', namespace, version: '' };
}

/** Returns the name that package URLs use for a distribution, given the `ID` of os-release. */
export function purlVendorOf(id: string): string {
  if (id === 'rhel') return 'redhat';
  return id.startsWith('opensuse-') ? 'opensuse' : id;
}

/**
 * Returns the qualifier `distro` with `VERSION_ID`, because other tools can shorten `rhel-9.4` to `rhel-9` but cannot
 * add a minor version. Uses the release in the namespace if `VERSION_ID` is a different release.
 */
function releaseOf({ id, namespace, version }: PurlDistribution): string {
  const release = namespace.split(':')[1]?.replace(/^v(?=\d)/, '') ?? '';
  const shown = version !== '' && version.startsWith(release) ? version : release;
  return shown === '' ? id : `${id}-${shown}`;
}

function versionOf({ type, version }: SystemPackage): { readonly epoch: string; readonly version: string } {
  const [, epoch, rest] = (type === 'rpm' && /^(\d+):(.*)$/s.exec(version)) || [];
  return epoch === undefined || rest === undefined ? { epoch: '', version } : { epoch, version: rest };
}

/** Returns the source package if it differs from the package; `version` is the version of the package in the URL. */
function upstreamOf({ type, name, source }: SystemPackage, version: string): string {
  const isSame = source.version === version;
  if (isSame && source.name === name) return '';
  // Tools that read rpm package URLs expect the file name of the source rpm.
  if (type === 'rpm') return `${source.name}-${source.version}.src.rpm`;
  return isSame ? source.name : `${source.name}@${source.version}`;
}

/**
 * Returns the package that a package URL names; this is the inverse of {@link systemPurl}. If the URL names no source
 * package, the package is its own source package. Returns undefined if the URL has no version. If the version and the
 * qualifier have different epochs, the returned version has both epochs and is invalid.
 */
export function systemFeature(type: SystemPackageType, purl: PackageUrl): SystemPackage | undefined {
  const { name, version: stated, qualifiers } = purl;
  if (stated === '') return undefined;
  const qualifier = (key: string): string => qualifiers.get(key) ?? '';
  const version = type === 'rpm' ? withEpoch(stated, qualifier('epoch')) : stated;
  const module = type === 'rpm' ? qualifier('rpmmod') || qualifier('modularitylabel') : '';
  const vendor = qualifier('vendor');
  return {
    type,
    name,
    version,
    arch: qualifier('arch'),
    source: sourceIn(type, qualifier('upstream')) ?? sourceVersioned(type, name, version, qualifier('upstream')),
    ...(vendor !== '' && { vendor }),
    ...(module !== '' && { module }),
  };
}

/**
 * Adds the epoch of the qualifier to a version. An epoch of 0 means no epoch; rpm writes `(none)` for an absent epoch.
 */
function withEpoch(version: string, qualifier: string): string {
  const [, prefix = '', rest = version] = /^(\d+|\(none\)):(.*)$/s.exec(version) ?? [];
  const [inside, outside] = [prefix, qualifier].map((epoch) => (/^(?:0+|\(none\))$/.test(epoch) ? '' : epoch));
  if (outside === '' || outside === inside) return inside === '' ? rest : `${inside}:${rest}`;
  return `${outside}:${inside === '' ? '' : `${inside}:`}${rest}`;
}

function sourceIn(type: SystemPackageType, upstream: string): SystemPackage['source'] | undefined {
  const file = type === 'rpm' ? sourceOfFile(upstream) : undefined;
  if (file !== undefined) return file;
  const at = upstream.lastIndexOf('@');
  return at > 0 ? { name: upstream.slice(0, at), version: upstream.slice(at + 1) } : undefined;
}

/** Returns the name and version in the name of a source rpm, or undefined for other text. */
export function sourceOfFile(file: string): SystemPackage['source'] | undefined {
  const [, name, version] = /^(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$/s.exec(file) ?? [];
  return name === undefined || version === undefined ? undefined : { name, version };
}

/**
 * Returns the source package of a URL that states no source version: the source package has the version of the package,
 * without the epoch for rpm, because the file name of a source rpm contains no epoch.
 */
function sourceVersioned(type: SystemPackageType, name: string, version: string, upstream: string) {
  return { name: upstream === '' ? name : upstream, version: type === 'rpm' ? version.replace(/^\d+:/, '') : version };
}
