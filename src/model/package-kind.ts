import { FILES } from './advisories/file-rule.ts';
import type { SystemPackageType } from './feature.ts';

/**
 * The kinds of packages. `os` means packages of a distribution's package manager; `library` means packages of
 * programming languages, and programs; `file` means files of file rules.
 */
export const PACKAGE_KINDS = ['os', 'library', 'file'] as const;

export type PackageKind = (typeof PACKAGE_KINDS)[number];

/** Returns the kind of a package, given its package URL type. */
export function packageKindOf({ type }: { readonly type: string }): PackageKind {
  if (SYSTEM_TYPES.has(type)) return 'os';
  return type === FILES ? 'file' : 'library';
}

/**
 * Returns whether a package, program or file is not managed by a distribution's package manager and therefore located
 * by its paths.
 */
export function isLibrary(of: { readonly type: string }): boolean {
  return packageKindOf(of) !== 'os';
}

const SYSTEM_TYPES: ReadonlySet<string> = new Set(['apk', 'deb', 'rpm'] satisfies SystemPackageType[]);
