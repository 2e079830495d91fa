import type { SystemPackage } from '../model/feature.ts';
import { ANY_MODULE, type Ecosystem } from './ecosystem.ts';
import { isKernelHeaders } from './kernel-headers.ts';
import { isOwnVendor } from './rpm-vendors.ts';
import { systemFeature, systemPurl } from './system-purl.ts';

/**
 * Packages of rpm distributions. Feeds name binary packages, or a source package for all binary packages that are built
 * from it.
 */
export const rpm: Ecosystem<SystemPackage> = {
  type: 'rpm',
  scheme: 'rpm',
  namespaces: [
    'almalinux',
    'amzn',
    'azurelinux',
    'centos',
    'fedora',
    'mariner',
    'opensuse',
    'oracle',
    'photon',
    'rhel',
    'rocky',
    'sl',
    'sle',
    'sles',
    'suse',
  ],
  namespaceOf: ({ vendor = '', release: own }, release) =>
    isOwnVendor(vendor, own ?? release) ? (own ?? release) : '',
  lines: ({ name, version, source }) => [
    { name, version },
    { ...source, role: 'source' },
  ],
  traits: (of) => ({ arch: of.arch, module: of.module === '' ? ANY_MODULE : (moduleStreamOf(of) ?? null) }),
  purl: systemPurl,
  featureOf: (purl) =>
    purl.type === 'rpm' ? withDefaultStream(systemFeature('rpm', purl), purl.namespace) : undefined,
  findingClass: (of) => (isKernelHeaders(of, NAMES, SOURCES) ? 'kernel-headers' : 'package'),
};

/**
 * Restores the module label of packages from the default streams of Oracle Linux: the label is empty, and a package URL
 * cannot contain an empty qualifier.
 */
function withDefaultStream(of: SystemPackage | undefined, vendor: string): SystemPackage | undefined {
  const isDefault = /^(?:ol|oracle)/i.test(vendor) && of !== undefined && moduleStreamOf(of) === undefined;
  return isDefault ? { ...of, module: '' } : of;
}

/**
 * Returns the module stream in which a package is matched, in the form `name:stream`; empty outside modules. Returns
 * undefined for a package without a module label that was built in a module according to `.module` in its release.
 */
export function moduleStreamOf({ version, module }: Pick<SystemPackage, 'version' | 'module'>): string | undefined {
  if (module !== undefined) return module.split(':', 2).join(':');
  return /\.module[+_]/.test(version) ? undefined : '';
}

/**
 * Matches `kernel-headers`, `kernel-devel`, `kernel-uek-devel`, `kernel-default-devel`, `kernel-devel-matched`,
 * `kernel6.12-headers` (Amazon), `linux-glibc-devel` (SUSE), `linux-api-headers` and `linux-esx-devel` (Photon), but no
 * library such as `kernel-tools-libs-devel`.
 */
const NAMES =
  /^(?:kernel[\d.]*(?:-(?!tools)[a-z0-9_.]+){0,4}-(?:headers|devel|devel-matched)|linux(?:-(?:glibc|esx|secure|aws|rt))?-devel|linux-api-headers)$/;
const SOURCES = /^(?:kernel|linux)(?:$|[-\d.])/;
