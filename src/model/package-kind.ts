import type { SystemPackageType } from './feature.ts';

/** `os`: packages of a distribution's package manager; `library`: packages of programming languages, and programs. */
export const PACKAGE_KINDS = ['os', 'library'] as const;

export type PackageKind = (typeof PACKAGE_KINDS)[number];

/** Returns the kind of a package, given its package URL type. */
export function packageKindOf({ type }: { readonly type: string }): PackageKind {
  return SYSTEM_TYPES.has(type) ? 'os' : 'library';
}

/** Reports whether a package belongs to a programming language or is a program. */
export function isLibrary(of: { readonly type: string }): boolean {
  return packageKindOf(of) === 'library';
}

const SYSTEM_TYPES: ReadonlySet<string> = new Set(['apk', 'deb', 'rpm'] satisfies SystemPackageType[]);
