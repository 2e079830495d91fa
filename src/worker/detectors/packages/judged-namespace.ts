import { isVirtual, type Package } from '../../../model/package.ts';

/**
 * Gives the namespace that a package is judged in: that of the release, or none (empty) for a package that the
 * distribution did not build. The advisories of a distribution are about its own builds: a package of nginx.org would
 * look fixed or affected by versions that mean something else.
 *
 * Of rpm the vendor must be one of the distribution's own; of dpkg and apk the detectors set a vendor for known third
 * parties only. A package that names no vendor is judged. Virtual packages of apk have no content that could be judged.
 *
 * @param namespace of the release: `debian:12`
 */
export function judgedNamespace(of: Package, namespace: string): string {
  return isVirtual(of) || isThirdParty(of, namespace) ? '' : namespace;
}

/** Tells whether somebody else than the distribution built a package; never so without a namespace. */
export function isThirdParty({ kind, vendor = '' }: Package, namespace: string): boolean {
  if (vendor === '' || namespace === '') return false;
  if (kind !== 'rpm') return true;
  const own = OWN_VENDORS.find(({ distributions }) => distributions.includes(distributionOf(namespace)));
  return own !== undefined && !own.vendor.test(vendor);
}

/** `opensuse-leap:15.6` is of `opensuse-leap`. */
function distributionOf(namespace: string): string {
  return namespace.split(':', 1)[0] ?? '';
}

type OwnVendors = { readonly distributions: readonly string[]; readonly vendor: RegExp };

/**
 * How the field `Vendor` of a distribution's own packages reads. Rebuilds of Red Hat Enterprise Linux accept each other:
 * an image may have been moved from one to another, and their packages have the same versions.
 */
const OWN_VENDORS: readonly OwnVendors[] = [
  {
    distributions: ['rhel', 'centos', 'centos-stream', 'almalinux', 'rocky', 'oracle'],
    vendor: /^(?:Red Hat|CentOS|AlmaLinux|CloudLinux|Rocky|Oracle America|Scientific Linux)/i,
  },
  { distributions: ['fedora'], vendor: /^Fedora/i },
  { distributions: ['amzn'], vendor: /^Amazon/i },
  {
    distributions: [
      'sles',
      'sle-micro',
      'sl-micro',
      'suse',
      'opensuse',
      'opensuse-leap',
      'opensuse-tumbleweed',
      'opensuse-leap-micro',
    ],
    // The build service names the project; only those of the distributions are their own.
    vendor: /^(?:(?!obs:).*SUSE|obs:\/\/build\.(?:opensuse\.org\/openSUSE:|suse\.(?:de|com)\/))/i,
  },
  { distributions: ['photon'], vendor: /^(?:VMware|Broadcom)/i },
  { distributions: ['azurelinux', 'mariner'], vendor: /^Microsoft/i },
];
