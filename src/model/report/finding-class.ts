import type { Package } from '../package.ts';

/**
 * What kind of package a finding is in. The advisories of a kernel are about its headers too, since they are built from the same
 * source, but headers run nothing: a container uses the kernel of its host.
 */
export const FINDING_CLASSES = ['package', 'kernel-headers'] as const;

export type FindingClass = (typeof FINDING_CLASSES)[number];

/** The classes of findings that lists and gates leave out unless they are told to include them. */
export const INCLUDED_CLASSES = ['kernel-headers'] as const;

export type IncludedClass = (typeof INCLUDED_CLASSES)[number];

/** Tells the class of findings in a package, by its name and its source package (docs/report.md, "Kernel headers"). */
export function findingClassOf({ kind, name, source }: Pick<Package, 'kind' | 'name' | 'source'>): FindingClass {
  const { names, sources } = KERNEL_HEADERS[kind];
  return names.test(name) && sources.test(source.name) ? 'kernel-headers' : 'package';
}

/** Whether a finding is in kernel headers. */
export function isInKernelHeaders({ class: of }: { readonly class: FindingClass }): boolean {
  return of === 'kernel-headers';
}

/**
 * - deb: `linux-libc-dev` and its cross packages, `linux-headers-*`, Ubuntu's `linux-aws-headers-5.15.0-1001`, Debian's
 *   `linux-headers-6.1.0-18-common` and the scripts that go with them, `linux-kbuild-*`;
 * - rpm: `kernel-headers`, `kernel-devel`, `kernel-uek-devel`, `kernel-default-devel`, `kernel-devel-matched`,
 *   `kernel6.12-headers` (Amazon), `linux-glibc-devel` (SUSE), `linux-api-headers` and `linux-esx-devel` (Photon), but no library
 *   such as `kernel-tools-libs-devel`;
 * - apk: `linux-headers`, and `linux-lts-dev` and the like, which modules are built with.
 */
const KERNEL_HEADERS: Readonly<Record<Package['kind'], { readonly names: RegExp; readonly sources: RegExp }>> = {
  deb: {
    names: /^linux-(?:libc-dev(?:-.+)?|kbuild-.+|(?:[a-z0-9.+]+-){0,4}headers(?:-.+)?)$/,
    sources: /^linux(?:$|-)/,
  },
  rpm: {
    names:
      /^(?:kernel[\d.]*(?:-(?!tools)[a-z0-9_.]+){0,4}-(?:headers|devel|devel-matched)|linux(?:-(?:glibc|esx|secure|aws|rt))?-devel|linux-api-headers)$/,
    sources: /^(?:kernel|linux)(?:$|[-\d.])/,
  },
  apk: {
    names:
      /^linux-(?:headers(?:-.+)?|(?:lts|virt|virthardened|edge|edge4virt|stable|vanilla|hardened|grsec|rpi\d?|asahi)-dev)$/,
    sources: /^linux-(?:headers|lts|virt|virthardened|edge|edge4virt|stable|vanilla|hardened|grsec|rpi\d?|asahi)/,
  },
};
