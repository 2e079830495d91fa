import type { SchemeId } from '../versions/scheme.ts';

/** The package formats, named as in package URLs (purl-spec, PURL-TYPES). */
export type PackageKind = 'deb';

/** An installed binary package, with the source package it was built from (the one that feeds speak of). */
export type Package = {
  readonly kind: PackageKind;
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  readonly source: { readonly name: string; readonly version: string };
};

/** The scheme that orders the versions of a kind of package. */
export const SCHEME_OF_KIND: Readonly<Record<PackageKind, SchemeId>> = { deb: 'dpkg' };

/** A text that is equal for two packages exactly when all their fields are: a package found twice is one package. */
export function packageIdentity(of: Package): string {
  return [of.kind, of.name, of.version, of.arch, of.source.name, of.source.version].join('\n');
}
