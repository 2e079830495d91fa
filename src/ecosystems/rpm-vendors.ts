/**
 * Returns whether a vendor belongs to the distribution. A distribution's advisories cover only its own builds. For
 * example, the advisories do not apply to packages from nginx.org, which have other versions. Also returns true for an
 * empty vendor, for an empty release, and for a distribution whose vendors are not listed here.
 *
 * @param release the namespace of the distribution, such as `rhel:9`; empty without a distribution
 */
export function isOwnVendor(vendor: string, release: string): boolean {
  if (vendor === '' || release === '') return true;
  const own = OWN_VENDORS.find(({ distributions }) => distributions.includes(distributionOf(release)));
  return own === undefined || own.vendor.test(vendor);
}

/** Returns `opensuse-leap` for `opensuse-leap:15.6`. */
function distributionOf(namespace: string): string {
  return namespace.split(':', 1)[0] ?? '';
}

type OwnVendors = { readonly distributions: readonly string[]; readonly vendor: RegExp };

/**
 * The values of the `Vendor` field in packages that a distribution built. Red Hat Enterprise Linux and its rebuilds
 * share a list, because an image may have migrated from one to another, and their packages have the same versions.
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
    // The build service writes `obs://HOST/PROJECT`; only projects of the distributions are accepted.
    vendor: /^(?:(?!obs:).*SUSE|obs:\/\/build\.(?:opensuse\.org\/openSUSE:|suse\.(?:de|com)\/))/i,
  },
  { distributions: ['photon'], vendor: /^(?:VMware|Broadcom)/i },
  { distributions: ['azurelinux', 'mariner'], vendor: /^Microsoft/i },
];
