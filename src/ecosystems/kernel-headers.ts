import type { SystemPackage } from '../model/feature.ts';

/**
 * Whether a package has headers of the Linux kernel, by its name and its source package. The advisories of a kernel are about
 * its headers too, since they are built from the same source, but headers run nothing: a container uses the kernel of its host.
 */
export function isKernelHeaders(
  { name, source }: Pick<SystemPackage, 'name' | 'source'>,
  names: RegExp,
  sources: RegExp,
): boolean {
  return names.test(name) && sources.test(source.name);
}
