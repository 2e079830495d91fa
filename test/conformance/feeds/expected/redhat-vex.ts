/**
 * Packages copied manually from Red Hat's VEX documents: the file; the package as `NAMESPACE NAME`, with `source` and
 * the module where they apply; and the affected ranges as `FROM TO STATE SEVERITY ARCHITECTURES`. `0` is the lowest
 * version, `∞` is above all versions, and `*` means all architectures.
 */
export type VexSample = readonly [file: string, of: string, ...ranges: string[]];

const VEX = 'rhel/vex/testdata';
const ACCEPTANCE = 'test/acceptance/testdata';
const ALL = 'aarch64,ppc64le,s390x,x86_64';
const WITH_I686 = 'aarch64,i686,ppc64le,s390x,x86_64';

export const VEX_SAMPLES: readonly VexSample[] = [
  [
    `${VEX}/cve-2023-38545.json`,
    'rhel:9 curl',
    `0 7.76.1-14.el9_0.9 fixed High ${ALL}`,
    `7.76.1-14.el9_1~ 7.76.1-23.el9_2.4 fixed High ${ALL}`,
    `7.76.1-23.el9_3~ 7.76.1-26.el9_3.2 fixed High ${ALL}`,
  ],
  [
    `${VEX}/cve-2023-38545.json`,
    'rhel:9 libcurl',
    `0 7.76.1-14.el9_0.9 fixed High ${WITH_I686}`,
    `7.76.1-14.el9_1~ 7.76.1-23.el9_2.4 fixed High ${WITH_I686}`,
    `7.76.1-23.el9_3~ 7.76.1-26.el9_3.2 fixed High ${WITH_I686}`,
  ],
  [`${VEX}/cve-2023-38545.json`, 'rhel:8 curl'],
  [`${VEX}/cve-2023-38545.json`, 'rhel:8 curl source'],
  [`${VEX}/cve-2023-4154.json`, 'rhel:9 samba'],
  [
    `${VEX}/cve-2022-38752.json`,
    'rhel:8 eap7-snakeyaml cpe:/a:redhat:jboss_enterprise_application_platform:7.4',
    '0 1.33.0-2.SP1_redhat_00001.1.el8eap fixed Medium noarch',
  ],
  [`${VEX}/cve-2022-38752.json`, 'rhel:9 puppetserver source cpe:/a:redhat:satellite:6', '0 ∞ open Medium *'],
  [`${VEX}/cve-2022-38752.json`, 'rhel:7 snakeyaml source', '0 ∞ end-of-life Medium *'],
  [`${VEX}/cve-2024-24786-simple.json`, 'rhel:9 cri-tools'],
  [`${VEX}/cve-2024-24786-bad-rpmmod.json`, 'rhel:10 cri-tools', '0 1.29.0-3.1.el9 fixed Medium aarch64'],
  [`${VEX}/cve-2024-24786-bad-rpmmod.json`, 'rhel:10 good-pkg', '0 ∞ open Medium *'],
  [`${VEX}/cve-2024-24786-bad-rpmmod.json`, 'rhel:10 firefox-flatpak source', '0 ∞ unknown Medium *'],
  [`${VEX}/cve-2024-24786-illegal-module.json`, 'rhel:8 go-toolset source go-toolset:rhel8', '0 ∞ open Medium *'],
  [`${ACCEPTANCE}/cve-2024-0727-openssl.json`, 'rhel:9 openssl-libs', `0 1:3.0.7-27.el9 fixed Low ${WITH_I686}`],
  [`${ACCEPTANCE}/cve-2024-0727-openssl.json`, 'rhel:9 openssl source'],
  [`${ACCEPTANCE}/cve-2024-0727-openssl.json`, 'rhel:9 edk2-ovmf', '0 20240524-6.el9_5 fixed Low noarch'],
  [`${ACCEPTANCE}/cve-2024-0727-openssl.json`, 'rhel:8 openssl-libs', '0 ∞ postponed Low *'],
  [`${ACCEPTANCE}/cve-2024-0727-openssl.json`, 'rhel:8 openssl source', '0 ∞ postponed Low *'],
  [`${ACCEPTANCE}/cve-2024-0727-openssl.json`, 'rhel:8 edk2-ovmf', '0 ∞ ignored Low *'],
  [`${ACCEPTANCE}/cve-2024-0727-openssl.json`, 'rhel:7 openssl-libs', '0 ∞ end-of-life Low *'],
  [`${ACCEPTANCE}/cve-2024-0727-openssl.json`, 'rhel:8 shim source'],
  [
    `${ACCEPTANCE}/cve-2025-6176.json`,
    'rhel:10 libbrotli',
    `0 1.1.0-6.el10_0.1 fixed High ${ALL}`,
    `1.1.0-6.el10_1~ 1.1.0-7.el10_1 fixed High ${ALL}`,
  ],
  [
    `${ACCEPTANCE}/cve-2025-6176.json`,
    'rhel:8 python3-brotli',
    '0 1.0.6-4.el8_4 fixed High x86_64',
    '1.0.6-4.el8_5~ 1.0.6-4.el8_6 fixed High x86_64',
    '1.0.6-4.el8_7~ 1.0.6-4.el8_8 fixed High x86_64',
    '1.0.6-4.el8_9~ 1.0.6-4.el8_10 fixed High x86_64',
    '0 1.0.6-4.el8_6 fixed High aarch64,s390x',
    '1.0.6-4.el8_7~ 1.0.6-4.el8_10 fixed High aarch64,s390x',
    '0 1.0.6-4.el8_6 fixed High ppc64le',
    '1.0.6-4.el8_7~ 1.0.6-4.el8_8 fixed High ppc64le',
    '1.0.6-4.el8_9~ 1.0.6-4.el8_10 fixed High ppc64le',
  ],
  [
    `${ACCEPTANCE}/cve-2025-6176.json`,
    'rhel:9 libbrotli',
    `0 1.0.9-6.el9_0.1 fixed High ${WITH_I686}`,
    `1.0.9-6.el9_1~ 1.0.9-6.el9_2.1 fixed High ${WITH_I686}`,
    `1.0.9-6.el9_3~ 1.0.9-6.el9_4.1 fixed High ${WITH_I686}`,
    `1.0.9-6.el9_5~ 1.0.9-7.el9_6.1 fixed High ${WITH_I686}`,
    `1.0.9-7.el9_7~ 1.0.9-9.el9_7 fixed High ${WITH_I686}`,
  ],
  [
    `${ACCEPTANCE}/cve-2025-40907-perl.json`,
    'rhel:8 perl-FCGI perl-FCGI:0.78',
    // Each branch has several builds; the lowest build of each branch has the fix.
    '0 1:0.78-11.module+el8.2.0+23234+edafdda3.1 fixed High x86_64',
    '1:0.78-11.module+el8.3~ 1:0.78-11.module+el8.4.0+23209+97efe810.1 fixed High x86_64',
    '1:0.78-11.module+el8.5~ 1:0.78-11.module+el8.6.0+23193+c3786137.1 fixed High x86_64',
    '1:0.78-11.module+el8.7~ 1:0.78-11.module+el8.8.0+23188+d1e34d64.1 fixed High x86_64',
    '1:0.78-11.module+el8.9~ 1:0.78-12.module+el8.10.0+23147+df114ff4 fixed High x86_64',
    '0 1:0.78-11.module+el8.6.0+23193+c3786137.1 fixed High aarch64,s390x',
    '1:0.78-11.module+el8.7~ 1:0.78-12.module+el8.10.0+23147+df114ff4 fixed High aarch64,s390x',
    '0 1:0.78-11.module+el8.6.0+23193+c3786137.1 fixed High ppc64le',
    '1:0.78-11.module+el8.7~ 1:0.78-11.module+el8.8.0+23188+d1e34d64.1 fixed High ppc64le',
    '1:0.78-11.module+el8.9~ 1:0.78-12.module+el8.10.0+23147+df114ff4 fixed High ppc64le',
  ],
  [
    `${ACCEPTANCE}/cve-2025-40907-perl.json`,
    'rhel:9 perl-FCGI',
    `0 1:0.79-8.el9_0.1 fixed High ${ALL}`,
    `1:0.79-8.el9_1~ 1:0.79-8.el9_2.1 fixed High ${ALL}`,
    `1:0.79-8.el9_3~ 1:0.79-8.el9_4.1 fixed High ${ALL}`,
    `1:0.79-8.el9_5~ 1:0.79-8.1.el9_6 fixed High ${ALL}`,
  ],
  [`${ACCEPTANCE}/cve-2025-40907-perl.json`, 'rhel:10 perl-FCGI', `0 1:0.82-13.1.el10_0 fixed High ${ALL}`],
  [
    `${ACCEPTANCE}/cve-2025-40907-perl.json`,
    'rhel:7 perl-FCGI',
    '0 1:0.74-8.el7_9.1 fixed-for-subscribers High ppc64,ppc64le,s390x,x86_64',
  ],
  [`${ACCEPTANCE}/cve-2026-0968.json`, 'rhel:10 libssh', '0 ∞ open Low *'],
  [`${ACCEPTANCE}/cve-2026-0968.json`, 'rhel:8 libssh-config', '0 ∞ postponed Low *'],
  [`${ACCEPTANCE}/cve-2026-0968.json`, 'rhel:7 libssh2'],
  [`${ACCEPTANCE}/cve-2026-2673.json`, 'rhel:6 openssl', '0 ∞ postponed Low *'],
  [`${ACCEPTANCE}/cve-2026-27142.json`, 'rhel:8 golang-bin go-toolset:rhel8', '0 ∞ postponed Medium *'],
  [`${ACCEPTANCE}/cve-2026-27142.json`, 'rhel:9 golang source', '0 ∞ postponed Medium *'],
  [`${ACCEPTANCE}/cve-2026-2297.json`, 'rhel:7 python3-libs', '0 ∞ end-of-life Low *'],
  [`${ACCEPTANCE}/cve-2026-2297.json`, 'rhel:8 python39-pip python39-devel:3.9', '0 ∞ postponed Low *'],
];

/** Samples from archives of whole feeds; the first element is the path of the document in the archive. */
export const ARCHIVED_SAMPLES: readonly VexSample[] = [
  ['2023/cve-2023-0049.json', 'rhel:7 vim source', '0 ∞ ignored Low *'],
  ['2023/cve-2023-0049.json', 'rhel:6 vim source', '0 ∞ end-of-life Low *'],
  ['2023/cve-2023-0051.json', 'rhel:8 vim source'],
  ['2023/cve-2023-0045.json', 'rhel:9 kernel-rt source', '0 ∞ open Low *'],
  ['2023/cve-2023-6212.json', 'rhel:6 firefox source', '0 ∞ end-of-life High *'],
  ['2023/cve-2023-6212.json', 'rhel:7 thunderbird', '0 115.5.0-1.el7_9 fixed High ppc64le,x86_64'],
  [
    '2023/cve-2023-6212.json',
    'rhel:9 firefox',
    `0 115.5.0-1.el9_0 fixed High ${ALL}`,
    `115.5.0-1.el9_1~ 115.5.0-1.el9_2 fixed High ${ALL}`,
    `115.5.0-1.el9_3~ 115.5.0-1.el9_3 fixed High ${ALL}`,
  ],
  ['2023/cve-2023-6228.json', 'rhel:8 libtiff source', '0 ∞ open Low *'],
  ['2023/cve-2023-6228.json', 'rhel:9 libtiff', `0 4.4.0-12.el9 fixed Low ${WITH_I686}`],
  ['2023/cve-2023-6237.json', 'rhel:9 edk2 source', '0 ∞ open Low *'],
  ['2023/cve-2023-6237.json', 'rhel:8 openssl source'],
  [
    '2023/cve-2023-6240.json',
    'rhel:9 kernel-core',
    `0 5.14.0-70.101.1.el9_0 fixed Medium ${ALL}`,
    `5.14.0-71~ 5.14.0-284.62.1.el9_2 fixed Medium ${ALL}`,
    `5.14.0-285~ 5.14.0-427.16.1.el9_4 fixed Medium ${ALL}`,
  ],
  [
    '2023/cve-2023-6240.json',
    'rhel:9 kernel-rt-core',
    '0 5.14.0-70.101.1.rt21.173.el9_0 fixed Medium x86_64',
    '5.14.0-71~ 5.14.0-284.62.1.rt14.347.el9_2 fixed Medium x86_64',
    '5.14.0-285~ 5.14.0-427.16.1.el9_4 fixed Medium x86_64',
  ],
  // In 9.4 the packages come from the kernel source package; the packages of the older source package have no fix in
  // the main line.
  [
    '2023/cve-2023-6240.json',
    'rhel:9 kernel-rt source',
    '0 5.14.0-70.101.1.rt21.173.el9_0 fixed-for-subscribers Medium *',
    '5.14.0-71~ 5.14.0-284.62.1.rt14.347.el9_2 fixed-for-subscribers Medium *',
    '5.14.0-285~ ∞ open Medium *',
  ],
  ['2023/cve-2023-6240.json', 'rhel:8 kernel-core', `0 4.18.0-553.5.1.el8_10 fixed Medium ${ALL}`],
  ['2023/cve-2023-6240.json', 'rhel:7 kernel source', '0 ∞ end-of-life Medium *'],
];
