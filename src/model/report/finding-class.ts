/**
 * The class of a finding. `malicious` means that the package itself is an attack, so that no version is safe (`MAL-…`
 * of the OpenSSF). `kernel-headers` means that the package contains headers of the kernel. Advisories about a kernel
 * also apply to its headers, which are built from the same source package. But headers are not executed, because a
 * container uses the kernel of its host.
 */
export const FINDING_CLASSES = ['package', 'kernel-headers', 'malicious'] as const;

export type FindingClass = (typeof FINDING_CLASSES)[number];

/** The classes of findings that lists and gates exclude by default. */
export const INCLUDED_CLASSES = ['kernel-headers'] as const;

export type IncludedClass = (typeof INCLUDED_CLASSES)[number];

/**
 * Returns whether one of the names of a vulnerability belongs to a malicious package
 * (https://github.com/ossf/malicious-packages).
 */
export function isMalicious(names: readonly string[]): boolean {
  return names.some((name) => name.startsWith('MAL-'));
}

/** Returns whether a finding is in a package with kernel headers, which contains no kernel. */
export function isInKernelHeaders({ class: of }: { readonly class: FindingClass }): boolean {
  return of === 'kernel-headers';
}
