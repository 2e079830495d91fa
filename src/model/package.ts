import type { SchemeId } from '../versions/scheme.ts';

/** The package formats, named as in package URLs (purl-spec, PURL-TYPES). */
export type PackageKind = 'apk' | 'deb' | 'rpm';

/** An installed binary package, with the source package it was built from. */
export type Package = {
  readonly kind: PackageKind;
  readonly name: string;
  /** As the package manager writes it; of rpm `epoch:version-release`, without an epoch of 0. */
  readonly version: string;
  readonly arch: string;
  /** Of rpm, the source's version has no epoch: the name of a source rpm does not tell it. */
  readonly source: { readonly name: string; readonly version: string };
  /**
   * Who built it: packages of others than the distribution are not judged by its advisories. Of rpm what the package
   * says; of dpkg and apk a third party that Clair knows by name, and nothing for all others.
   */
  readonly vendor?: string;
  /**
   * The modularity label of rpm, `name:stream:version:context`: a module's packages are matched within its stream only.
   * An empty one is not the same as none: Oracle Linux has it on the packages of default streams.
   */
  readonly module?: string;
};

/** Whether apk made the package to install others as a group (`apk add --virtual .build-deps …`): it has no content. */
export function isVirtual({ kind, name }: Package): boolean {
  return kind === 'apk' && name.startsWith('.');
}

/** The scheme that orders the versions of a kind of package. */
export const SCHEME_OF_KIND: Readonly<Record<PackageKind, SchemeId>> = { apk: 'apk', deb: 'dpkg', rpm: 'rpm' };

/** A name and a version by which feeds may speak of a package. */
export type MatchedName = { readonly name: string; readonly version: string; readonly by?: 'source' };

/**
 * What feeds may call a package, the usual way first: by its source, but of rpm by the binary package. Feeds of rpm also
 * speak of sources, where they do not list what was built from them.
 */
export function matchedNames({ kind, name, version, source }: Package): readonly [MatchedName, ...MatchedName[]] {
  return kind === 'rpm'
    ? [
        { name, version },
        { ...source, by: 'source' },
      ]
    : [source];
}

/**
 * The module stream, `name:stream`, in which a package is matched; empty for one outside of modules. Undefined for one
 * that plainly was built in a module, by the `.module` in its release, but does not say in which: it is not guessed.
 */
export function moduleStreamOf({ kind, version, module }: Package): string | undefined {
  if (module !== undefined) return module.split(':', 2).join(':');
  return kind === 'rpm' && /\.module[+_]/.test(version) ? undefined : '';
}

/** A text that is equal for two packages exactly when all their fields are: a package found twice is one package. */
export function packageIdentity(of: Package): string {
  const { kind, name, version, arch, source, vendor = '', module } = of;
  const label = module === undefined ? [] : [module];
  return [kind, name, version, arch, source.name, source.version, vendor, ...label].join('\n');
}
