/**
 * The end of support of each known release, by distribution; docs/reference/coverage.md is generated from this table. A
 * date is the last day of support on the page `source`; `unknown` if the vendor publishes no date.
 */
export type ReleaseDates = {
  /** The prefix of the namespaces of the releases. */
  readonly namespace: string;
  /** The page with the dates. */
  readonly source: string;
  /** The extensions after standard support, in order. */
  readonly extensions: readonly SupportExtension[];
  /**
   * The end of standard support and of each extension, by version; `rolling` for a release without an end of support.
   */
  readonly releases: Readonly<Record<string, 'rolling' | readonly [SupportEnd, ...SupportEnd[]]>>;
};

export type SupportExtension = {
  /** The name that the vendor uses. */
  readonly name: string;
  readonly source: string;
  /** Whether a feed covers this period. */
  readonly isCovered: boolean;
};

/** A day in the form `YYYY-MM-DD` (UTC), or {@link UNKNOWN}. */
export type SupportEnd = string;

export const UNKNOWN: SupportEnd = 'unknown';

const ROLLING = { extensions: [], releases: { '': 'rolling' } } as const;

const RED_HAT_FAMILY_10 = '2035-05-31';

export const RELEASE_DATES: readonly ReleaseDates[] = [
  {
    namespace: 'debian',
    source: 'https://wiki.debian.org/DebianReleases',
    extensions: [
      { name: 'LTS', source: 'https://wiki.debian.org/LTS', isCovered: true },
      { name: 'ELTS', source: 'https://www.freexian.com/lts/extended/', isCovered: false },
    ],
    releases: {
      '4': ['2010-02-15'],
      '5': ['2012-02-06'],
      '6': ['2014-05-31', '2016-02-29'],
      '7': ['2016-04-25', '2018-05-31', '2020-06-30'],
      '8': ['2018-06-17', '2020-06-30', '2025-06-30'],
      '9': ['2020-07-18', '2022-06-30', '2027-06-30'],
      '10': ['2022-09-10', '2024-06-30', '2029-06-30'],
      '11': ['2024-08-14', '2026-08-31', '2031-06-30'],
      '12': ['2026-06-10', '2028-06-30', '2033-06-30'],
      '13': ['2028-08-09', '2030-06-30', '2035-06-30'],
      unstable: 'rolling',
    },
  },
  {
    namespace: 'ubuntu',
    source: 'https://ubuntu.com/about/release-cycle',
    extensions: [
      { name: 'Expanded Security Maintenance', source: 'https://ubuntu.com/security/esm', isCovered: true },
      { name: 'Legacy support', source: 'https://ubuntu.com/about/release-cycle', isCovered: true },
    ],
    releases: {
      '12.04': ['2017-04-28', '2019-04-30'],
      '14.04': ['2019-04-30', '2024-04-30', '2029-04-30'],
      '16.04': ['2021-04-30', '2026-04-30', '2031-04-30'],
      '18.04': ['2023-05-31', '2028-04-30', '2033-04-30'],
      '20.04': ['2025-05-31', '2030-04-30', '2035-04-30'],
      '22.04': ['2027-04-30', '2032-04-30', '2037-04-30'],
      '24.04': ['2029-05-31', '2034-04-30', '2039-04-30'],
      '26.04': ['2031-04-30', '2036-04-30', UNKNOWN],
      '12.10': ['2014-05-16'],
      '13.04': ['2014-01-27'],
      '13.10': ['2014-07-17'],
      '14.10': ['2015-07-23'],
      '15.04': ['2016-02-04'],
      '15.10': ['2016-07-28'],
      '16.10': ['2017-07-20'],
      '17.04': ['2018-01-13'],
      '17.10': ['2018-07-19'],
      '18.10': ['2019-07-18'],
      '19.04': ['2020-01-23'],
      '19.10': ['2020-07-17'],
      '20.10': ['2021-07-22'],
      '21.04': ['2022-01-20'],
      '21.10': ['2022-07-14'],
      '22.10': ['2023-07-20'],
      '23.04': ['2024-01-25'],
      '23.10': ['2024-07-11'],
      '24.10': ['2025-07-10'],
      '25.04': ['2026-01-17'],
      '25.10': ['2026-07-09'],
    },
  },
  {
    namespace: 'rhel',
    source: 'https://access.redhat.com/support/policy/updates/errata',
    extensions: [
      {
        name: 'Extended Life Cycle Support',
        source: 'https://access.redhat.com/support/policy/updates/errata',
        isCovered: true,
      },
    ],
    releases: {
      '4': ['2012-02-29', '2017-03-31'],
      '5': ['2017-03-31', '2020-11-30'],
      '6': ['2020-11-30', '2024-06-30'],
      '7': ['2024-06-30', '2028-06-30'],
      '8': ['2029-05-31', '2032-05-31'],
      '9': ['2032-05-31', '2035-05-31'],
      '10': [RED_HAT_FAMILY_10, UNKNOWN],
    },
  },
  {
    namespace: 'centos',
    source: 'https://www.centos.org/centos-linux-eol/',
    extensions: [],
    releases: { '5': ['2017-03-31'], '6': ['2020-11-30'], '7': ['2024-06-30'], '8': ['2021-12-31'] },
  },
  {
    namespace: 'centos-stream',
    source: 'https://www.centos.org/cl-vs-cs/',
    extensions: [],
    releases: { '8': ['2024-05-31'], '9': ['2027-05-31'], '10': [UNKNOWN] },
  },
  {
    namespace: 'almalinux',
    source: 'https://wiki.almalinux.org/release-notes/',
    extensions: [],
    releases: { '8': ['2029-03-01'], '9': ['2032-05-31'], '10': [RED_HAT_FAMILY_10] },
  },
  {
    namespace: 'rocky',
    source: 'https://wiki.rockylinux.org/rocky/version/',
    extensions: [],
    releases: { '8': ['2029-05-31'], '9': ['2032-05-31'], '10': [RED_HAT_FAMILY_10] },
  },
  {
    namespace: 'oracle',
    source: 'https://www.oracle.com/a/ocom/docs/elsp-lifetime-069338.pdf',
    extensions: [
      {
        name: 'Extended Support',
        source: 'https://www.oracle.com/a/ocom/docs/elsp-lifetime-069338.pdf',
        isCovered: false,
      },
    ],
    releases: {
      '5': ['2017-06-30', '2020-11-30'],
      '6': ['2021-03-31', '2024-12-31'],
      '7': ['2024-12-31', '2028-06-30'],
      '8': ['2029-07-31', '2032-07-31'],
      '9': ['2032-06-30', '2035-06-30'],
      '10': ['2035-06-30', UNKNOWN],
    },
  },
  {
    namespace: 'fedora',
    source: 'https://docs.fedoraproject.org/en-US/releases/eol/',
    extensions: [],
    releases: {
      '30': ['2020-05-26'],
      '31': ['2020-11-24'],
      '32': ['2021-05-25'],
      '33': ['2021-11-30'],
      '34': ['2022-06-07'],
      '35': ['2022-12-13'],
      '36': ['2023-05-16'],
      '37': ['2023-12-05'],
      '38': ['2024-05-21'],
      '39': ['2024-11-26'],
      '40': ['2025-05-13'],
      '41': ['2025-12-15'],
      '42': ['2026-05-13'],
      '43': ['2026-12-09'],
    },
  },
  {
    namespace: 'amzn',
    source: 'https://aws.amazon.com/linux/amazon-linux-2023/faqs/',
    extensions: [],
    releases: { '2018.03': ['2023-12-31'], '2': ['2026-06-30'], '2023': ['2029-06-30'] },
  },
  {
    namespace: 'sles',
    source: 'https://www.suse.com/lifecycle',
    extensions: [{ name: 'LTSS', source: 'https://www.suse.com/lifecycle', isCovered: true }],
    releases: {
      '11': ['2010-12-31'],
      '11.1': ['2012-08-31', '2015-08-30'],
      '11.2': ['2014-01-31', '2017-01-30'],
      '11.3': ['2016-01-31', '2019-01-30'],
      '11.4': ['2019-03-31', '2022-03-31'],
      '12': ['2016-06-30', '2019-07-01'],
      '12.1': ['2017-05-31', '2020-05-31'],
      '12.2': ['2018-03-31', '2021-03-31'],
      '12.3': ['2019-06-30', '2022-06-30'],
      '12.4': ['2020-06-30', '2023-06-30'],
      '12.5': ['2024-10-31', '2027-10-31'],
      '15': ['2019-12-31', '2022-12-31'],
      '15.1': ['2021-01-31', '2024-01-31'],
      '15.2': ['2021-12-31', '2024-12-31'],
      '15.3': ['2022-12-31', '2025-12-31'],
      '15.4': ['2023-12-31', '2026-12-31'],
      '15.5': ['2024-12-31', '2027-12-31'],
      '15.6': ['2025-12-31', '2028-12-31'],
      '15.7': ['2031-07-31', '2034-07-31'],
      '16.0': [UNKNOWN],
    },
  },
  // The support dates of SLE Micro, SUSE Linux Micro and openSUSE Leap Micro are unknown.
  {
    namespace: 'sle-micro',
    source: 'https://www.suse.com/lifecycle',
    extensions: [],
    releases: unknownDays('5.0', '5.1', '5.2', '5.3', '5.4', '5.5'),
  },
  {
    namespace: 'sl-micro',
    source: 'https://www.suse.com/lifecycle',
    extensions: [],
    releases: unknownDays('6.0', '6.1'),
  },
  {
    namespace: 'opensuse-leap-micro',
    source: 'https://en.opensuse.org/Lifetime',
    extensions: [],
    releases: unknownDays('5.2', '5.3', '5.4', '5.5', '6.0', '6.1'),
  },
  {
    namespace: 'opensuse-leap',
    source: 'https://en.opensuse.org/Lifetime',
    extensions: [],
    releases: {
      '42.1': ['2017-05-17'],
      '42.2': ['2018-01-26'],
      '42.3': ['2019-07-01'],
      '15.0': ['2019-12-03'],
      '15.1': ['2021-02-02'],
      '15.2': ['2022-01-04'],
      '15.3': ['2022-12-31'],
      '15.4': ['2023-12-07'],
      '15.5': ['2024-12-31'],
      '15.6': ['2026-04-30'],
      '16.0': ['2027-10-31'],
    },
  },
  { namespace: 'opensuse-tumbleweed', source: 'https://en.opensuse.org/Portal:Tumbleweed', ...ROLLING },
  {
    namespace: 'alpine',
    source: 'https://alpinelinux.org/releases/',
    extensions: [],
    releases: {
      'v2.1': ['2012-11-01'],
      'v2.2': ['2013-05-01'],
      'v2.3': ['2013-11-01'],
      'v2.4': ['2014-05-01'],
      'v2.5': ['2014-11-01'],
      'v2.6': ['2015-05-01'],
      'v2.7': ['2015-11-01'],
      'v3.0': ['2016-05-01'],
      'v3.1': ['2016-11-01'],
      'v3.2': ['2017-05-01'],
      'v3.3': ['2017-11-01'],
      'v3.4': ['2018-05-01'],
      'v3.5': ['2018-11-01'],
      'v3.6': ['2019-05-01'],
      'v3.7': ['2019-11-01'],
      'v3.8': ['2020-05-01'],
      'v3.9': ['2020-11-01'],
      'v3.10': ['2021-05-01'],
      'v3.11': ['2021-11-01'],
      'v3.12': ['2022-05-01'],
      'v3.13': ['2022-11-01'],
      'v3.14': ['2023-05-01'],
      'v3.15': ['2023-11-01'],
      'v3.16': ['2024-05-23'],
      'v3.17': ['2024-11-22'],
      'v3.18': ['2025-05-09'],
      'v3.19': ['2025-11-01'],
      'v3.20': ['2026-04-01'],
      'v3.21': ['2026-11-01'],
      'v3.22': ['2027-05-01'],
      'v3.23': ['2027-11-01'],
      'v3.24': [UNKNOWN],
      edge: 'rolling',
    },
  },
  { namespace: 'wolfi', source: 'https://github.com/wolfi-dev', ...ROLLING },
  { namespace: 'chainguard', source: 'https://edu.chainguard.dev/chainguard/chainguard-images/', ...ROLLING },
  {
    namespace: 'photon',
    source: 'https://blogs.vmware.com/vsphere/2022/01/photon-1-x-end-of-support-announcement.html',
    extensions: [],
    releases: { '1.0': ['2022-02-28'], '2.0': ['2022-12-31'], '3.0': [UNKNOWN], '4.0': [UNKNOWN], '5.0': [UNKNOWN] },
  },
  {
    namespace: 'azurelinux',
    source: 'https://learn.microsoft.com/azure/azure-linux/release-cadence-lifecycle',
    extensions: [],
    releases: { '3.0': ['2027-08-31'] },
  },
  {
    namespace: 'mariner',
    source: 'https://learn.microsoft.com/azure/azure-linux/release-cadence-lifecycle',
    extensions: [],
    releases: { '1.0': ['2023-07-31'], '2.0': ['2025-07-31'] },
  },
];

/** Returns the entries of releases with unknown support dates. */
function unknownDays(...versions: readonly string[]): ReleaseDates['releases'] {
  return Object.fromEntries(versions.map((version) => [version, [UNKNOWN] as const]));
}
