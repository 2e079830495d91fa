/**
 * The class of the package of a finding. Advisories of a kernel also apply to its headers, which are built from the same source,
 * but headers are not executed: a container uses the kernel of its host.
 */
export const FINDING_CLASSES = ['package', 'kernel-headers'] as const;

export type FindingClass = (typeof FINDING_CLASSES)[number];

/** The classes of findings that lists and gates exclude by default. */
export const INCLUDED_CLASSES = ['kernel-headers'] as const;

export type IncludedClass = (typeof INCLUDED_CLASSES)[number];

/** Reports whether a finding is in kernel headers. */
export function isInKernelHeaders({ class: of }: { readonly class: FindingClass }): boolean {
  return of === 'kernel-headers';
}
