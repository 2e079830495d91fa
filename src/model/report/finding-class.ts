/**
 * What kind of package a finding is in. The advisories of a kernel are about its headers too, since they are built from the same
 * source, but headers run nothing: a container uses the kernel of its host.
 */
export const FINDING_CLASSES = ['package', 'kernel-headers'] as const;

export type FindingClass = (typeof FINDING_CLASSES)[number];

/** The classes of findings that lists and gates leave out unless they are told to include them. */
export const INCLUDED_CLASSES = ['kernel-headers'] as const;

export type IncludedClass = (typeof INCLUDED_CLASSES)[number];

/** Whether a finding is in kernel headers. */
export function isInKernelHeaders({ class: of }: { readonly class: FindingClass }): boolean {
  return of === 'kernel-headers';
}
