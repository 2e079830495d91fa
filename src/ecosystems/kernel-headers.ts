import type { SystemPackage } from '../model/feature.ts';

/**
 * Returns whether a package contains headers of the Linux kernel, according to its name and source package. Advisories
 * about a kernel also apply to its headers, which are built from the same source package. However, the headers are not
 * executed, because a container uses the kernel of its host. So findings in headers have a class of their own.
 */
export function isKernelHeaders(
  { name, source }: Pick<SystemPackage, 'name' | 'source'>,
  names: RegExp,
  sources: RegExp,
): boolean {
  return names.test(name) && sources.test(source.name);
}
