import type { Severity } from '../../../../src/model/severity.ts';

/**
 * AlmaLinux errata, copied manually from their OSV documents of 2026-08-21: identifier, release, severity, number of
 * CVEs, one of the CVEs, and some packages with their fixed version, `NAME VERSION [MODULE:STREAM]`.
 */
export type ExpectedErratum = readonly [
  id: string,
  release: number,
  severity: Severity,
  cves: number,
  cve: string,
  ...packages: readonly string[],
];

export const EXPECTED_ERRATA: readonly ExpectedErratum[] = [
  ['ALSA-2026:7681', 8, 'High', 2, 'CVE-2006-10003', 'perl-XML-Parser 2.44-12.el8_10'],
  ['ALSA-2023:2893', 8, 'Medium', 1, 'CVE-2022-40023', 'python3-mako 1.0.6-14.el8'],
  ['ALSA-2026:19345', 9, 'High', 2, 'CVE-2026-21413', 'LibRaw 0.21.1-2.el9_8', 'LibRaw-devel 0.21.1-2.el9_8'],
  ['ALSA-2026:19151', 10, 'High', 2, 'CVE-2026-39979', 'jq 1.7.1-11.el10_2.2', 'jq-devel 1.7.1-11.el10_2.2'],
  ['ALSA-2026:8859', 9, 'High', 1, 'CVE-2026-23868', 'giflib 5.2.1-9.el9_7.1', 'giflib-devel 5.2.1-9.el9_7.1'],
  ['ALSA-2021:4455', 8, 'Low', 1, 'CVE-2021-3572', 'python3-pip 9.0.3-20.el8'],
  ['ALSA-2026:6621', 9, 'Medium', 1, 'CVE-2026-30892', 'crun 1.27-1.el9_7'],
  ['ALSA-2024:3102', 8, 'Medium', 1, 'CVE-2024-22195', 'python3-jinja2 2.10.1-4.el8'],
  ['ALSA-2025:7462', 10, 'High', 2, 'CVE-2025-22869', 'podman 6:5.4.0-9.el10_0', 'podman-docker 6:5.4.0-9.el10_0'],
  ['ALSA-2026:19134', 10, 'High', 3, 'CVE-2026-32282', 'grafana 10.2.6-26.el10_2'],
  ['ALSA-2023:4571', 9, 'High', 1, 'CVE-2023-38403', 'iperf3 3.9-10.el9_2.alma'],
  ['ALSA-2026:21378', 9, 'High', 18, 'CVE-2026-8388', 'firefox 140.11.0-1.el9_8.alma.1'],
  ['ALSA-2025:10148', 9, 'High', 5, 'CVE-2024-12718', 'python3.11 3.11.11-2.el9_6.1'],
  ['ALSA-2024:2289', 9, 'Medium', 5, 'CVE-2023-6228', 'libtiff 4.4.0-12.el9', 'libtiff-tools 4.4.0-12.el9'],
  ['ALSA-2026:1843', 10, 'High', 6, 'CVE-2026-21637', 'nodejs-docs 1:22.22.0-3.el10_1'],
  ['ALSA-2021:4321', 8, 'Medium', 1, 'CVE-2021-3571', 'linuxptp 3.1.1-1.el8'],
  ['ALSA-2026:19064', 10, 'High', 12, 'CVE-2025-59375', 'python3 3.12.13-2.el10_2'],
  ['ALSA-2024:9625', 9, 'High', 1, 'CVE-2024-45802', 'squid 7:5.5-14.el9_5.3'],
  ['ALSA-2025:23201', 10, 'High', 1, 'CVE-2025-13609', 'keylime-selinux 7.12.1-11.el10_1.3'],
  ['ALSA-2024:0977', 9, 'High', 2, 'CVE-2023-50868', 'unbound 1.16.2-3.el9_3.1'],
  ['ALSA-2024:2217', 9, 'Medium', 2, 'CVE-2023-43788', 'motif 2.3.4-28.el9', 'motif-devel 2.3.4-28.el9'],
  ['ALSA-2025:7118', 9, 'High', 3, 'CVE-2024-9355', 'osbuild 141-1.el9.alma.1', 'osbuild-composer 132-1.el9.alma.1'],
  ['ALSA-2025:19489', 9, 'High', 3, 'CVE-2025-62230', 'tigervnc 1.14.1-9.el9_6'],
  ['ALSA-2024:2303', 9, 'Medium', 1, 'CVE-2023-37327', 'gstreamer1-plugins-good 1.22.1-2.el9'],
  ['ALSA-2023:7112', 8, 'Low', 1, 'CVE-2023-4641', 'shadow-utils 2:4.6-19.el8'],
  ['ALSA-2023:2523', 9, 'Low', 1, 'CVE-2022-3358', 'openssl 1:3.0.7-6.el9_2', 'openssl-libs 1:3.0.7-6.el9_2'],
  ['ALSA-2024:3088', 8, 'Medium', 1, 'CVE-2023-37328', 'gstreamer1-plugins-base 1.16.1-3.el8'],
  ['ALSA-2023:2898', 8, 'Medium', 4, 'CVE-2021-33645', 'libtar 1.2.20-17.el8'],
  ['ALSA-2024:9150', 9, 'Medium', 1, 'CVE-2024-34064', 'python3-jinja2 2.11.3-6.el9'],
  ['ALSA-2025:7937', 9, 'High', 1, 'CVE-2023-0286', 'compat-openssl11 1:1.1.1k-5.el9_6.1'],
  ['ALSA-2021:2363', 8, 'High', 1, 'CVE-2021-33516', 'gupnp 1.0.6-2.el8_4', 'gupnp-devel 1.0.6-2.el8_4'],
  // An erratum with one stream, one with two streams, and one whose title starts with its number.
  ['ALSA-2025:7426', 9, 'Medium', 1, 'CVE-2025-31498', 'nodejs 1:20.19.1-1.module_el9.6.0+163+d268fe53 nodejs:20'],
  [
    'ALSA-2022:5468',
    8,
    'High',
    1,
    'CVE-2022-31626',
    'libzip 1.7.3-1.module_el8.6.0+2739+efabdb8f php:8.0',
    'apcu-panel 5.1.20-1.module_el8.6.0+2739+efabdb8f php:8.0',
  ],
  [
    'ALSA-2020:4676',
    8,
    'Medium',
    6,
    'CVE-2019-15890',
    'hivex 1.3.18-20.module_el8.3.0+2048+e7a0a3ea virt:rhel',
    'hivex 1.3.18-20.module_el8.3.0+2048+e7a0a3ea virt-devel:rhel',
  ],
  // This erratum has four builds, the highest of which is used.
  [
    'ALSA-2021:1242',
    8,
    'High',
    1,
    'CVE-2021-27928',
    'Judy 1.0.5-18.module_el8.6.0+2867+72759d2f mariadb:10.3',
    'Judy 1.0.5-18.module_el8.6.0+2867+72759d2f mariadb-devel:10.3',
  ],
];
