/**
 * Fixes copied manually from Alpine's secdb: identifier, branch, package and fixed version. `0` means that the package
 * was never affected. `A ? B` is for a version that apk rejects: versions below A are affected, and versions from A to
 * below B are undetermined.
 */
export type ExpectedFix = readonly [id: string, branch: string, name: string, fixed: string];

/** Fixes from the JSON that Alpine regenerated from the package recipes, 2021-07 and edge of 2026-08. */
export const EXPECTED_IN_JSON: readonly ExpectedFix[] = [
  ['CVE-2017-8934', 'v3.5', 'pcmanfm', '1.2.5-r1'],
  ['CVE-2016-4074', 'v3.7', 'jq', '1.5-r5'],
  ['CVE-2021-3560', 'v3.14', 'polkit', '0.119-r0'],
  ['CVE-2018-18313', 'v3.7', 'perl', '5.26.3-r0'],
  ['CVE-2018-12015', 'v3.7', 'perl', '5.26.2-r1'],
  ['CVE-2017-12883', 'v3.7', 'perl', '5.26.1-r0'],
  ['CVE-2020-17482', 'v3.10', 'pdns', '4.1.14-r0'],
  ['CVE-2019-10162', 'v3.10', 'pdns', '4.1.10-r0'],
  ['CVE-2016-10165', 'v3.7', 'lcms2', '2.8-r1'],
  ['CVE-2017-18018', 'v3.7', 'coreutils', '8.28-r0'],
  ['CVE-2018-16845', 'v3.6', 'nginx', '1.12.2-r2'],
  ['CVE-2026-49452', 'edge', 'weasyprint', '69.0-r0'],
  ['CVE-2017-11610', 'v3.14', 'supervisor', '3.2.4-r0'],
  ['CVE-2018-14644', 'v3.7', 'pdns-recursor', '4.0.9-r0'],
  ['CVE-2019-3902', 'v3.12', 'mercurial', '4.9-r0'],
  ['CVE-2016-1283', 'v3.5', 'php7', '7.0.25-r0'],
  ['CVE-2016-7971', 'v3.3', 'libass', '0.13.4-r0'],
  ['CVE-2020-8597', 'v3.11', 'ppp', '2.4.7-r7'],
  ['CVE-2017-14496', 'v3.14', 'dnsmasq', '2.78-r0'],
  ['CVE-2018-12648', 'edge', 'exempi', '2.5.1-r0'],
  ['CVE-2018-17097', 'v3.8', 'soundtouch', '2.1.2-r0'],
  ['CVE-2020-16094', 'v3.12', 'claws-mail', '3.17.7-r0'],
  ['CVE-2022-34749', 'edge', 'py3-mistune', '2.0.3-r0'],
  ['CVE-2021-3487', 'v3.12', 'binutils', '2.34-r2'],
  ['CVE-2021-29133', 'v3.14', 'haserl', '0.9.36-r0'],
  ['CVE-2017-1000050', 'v3.4', 'jasper', '1.900.1-r13'],
  ['CVE-2019-13636', 'v3.8', 'patch', '2.7.6-r3'],
  // These entries have two fixed versions; the highest version is used.
  ['CVE-2024-43363', 'edge', 'cacti', '1.2.29-r0'],
  ['CVE-2022-2163', 'edge', 'chromium', '103.0.5060.134-r0'],
  ['CVE-2025-22919', 'edge', 'ffmpeg', '8.0-r0'],
  ['CVE-2022-20612', 'edge', 'jenkins', '2.332.1-r0'],
  ['CVE-2026-5285', 'edge', 'qt6-qtwebengine', '6.11.0-r1'],
  ['CVE-2024-23984', 'edge', 'intel-ucode', '20241112-r0'],
  // The package was never affected, although the entry also names another version.
  ['CVE-2026-22184', 'edge', 'zlib', '0'],
  ['CVE-2026-14681', 'edge', 'postgresql17', '0'],
  // Versions without a revision, and versions that apk would reject.
  ['CVE-2019-12735', 'v3.10', 'vim', '8.1.1365'],
  ['CVE-2019-19921', 'v3.11', 'runc', '1.0.0_rc10'],
  ['CVE-2017-10966', 'v3.5', 'irssi', '0.8.21 ? 0.8.22'],
  ['CVE-2016-7415', 'v3.4', 'icu', '57 ? 58'],
  ['CVE-2019-2627', 'v3.8', 'mariadb', '10.2.24 ? 10.2.25'],
  // Upstream writes these identifiers as `CVE_2019-2426`, `CVE N/A ZBX-11023`, and `CVE-2020-????? XSA-312`.
  ['CVE-2019-2426', 'v3.8', 'openjdk7', '7.211.2.6.17-r0'],
  ['ZBX-11023', 'v3.9', 'zabbix', '3.0.4-r0'],
  ['XSA-312', 'v3.12', 'xen', '4.13.1-r0'],
  ['CVE-2020-0543', 'v3.9', 'xen', '4.11.4-r0'],
];

/** Fixes from the YAML that Alpine published until 2020-06. */
export const EXPECTED_IN_YAML: readonly ExpectedFix[] = [
  ['CVE-2017-1000250', 'v3.3', 'bluez', '5.36-r1'],
  ['CVE-2016-7942', 'v3.3', 'libx11', '1.6.3-r3'],
  ['CVE-2016-7943', 'v3.3', 'libx11', '1.6.3-r3'],
  ['CVE-2016-9401', 'v3.5', 'bash', '4.3.46-r5'],
  ['CVE-2017-10965', 'v3.5', 'irssi', '0.8.21 ? 0.8.22'],
  ['CVE-2017-9468', 'v3.5', 'irssi', '0.8.21-r1'],
  ['CVE-2017-6188', 'v3.5', 'munin', '2.0.33-r0'],
  ['CVE-2017-6519', 'v3.8', 'avahi', '0.7-r2'],
  ['CVE-2018-1000845', 'v3.8', 'avahi', '0.7-r2'],
  ['CVE-2019-12450', 'v3.8', 'glib', '2.56.1-r1'],
  ['CVE-2018-15822', 'v3.8', 'ffmpeg', '3.4.6-r0'],
  ['CVE-2019-11338', 'v3.8', 'ffmpeg', '3.4.6-r0'],
  ['CVE-2018-6197', 'v3.8', 'w3m', '0.5.3.20180125-r0'],
  ['CVE-2018-1000845', 'v3.9', 'avahi', '0.7-r2'],
  ['CVE-2018-20683', 'v3.9', 'gitolite', '3.6.11-r0'],
  ['CVE-2019-13509', 'v3.9', 'docker', '18.09.8'],
  ['CVE-2018-15664', 'v3.9', 'docker', '18.09.7'],
  ['CVE-2017-11107', 'v3.9', 'phpldapadmin', '1.2.3-r4'],
  ['CVE-2018-10906', 'v3.11', 'fuse3', '3.2.5-r0'],
  ['CVE-2017-6949', 'v3.11', 'chicken', '4.12.0-r3'],
  ['CVE-2017-9334', 'v3.11', 'chicken', '4.12.0-r2'],
  ['CVE-2016-6830', 'v3.11', 'chicken', '4.11.1-r0'],
  ['CVE-2017-14107', 'v3.11', 'libzip', '1.3.0'],
  ['CVE-2019-9517', 'v3.10', 'apache2', '2.4.41-r0'],
  ['CVE-2019-10156', 'v3.10', 'ansible', '2.8.2-r0'],
  ['CVE-2016-7415', 'v3.4', 'icu', '57 ? 58'],
  // Upstream writes these identifiers as `CVE-2017-17434-1` and `-2`, `CVE_2019-2426`, and `CVE-????-?????  XSA-290`.
  ['CVE-2017-17434', 'v3.9', 'rsync', '3.1.2-r7'],
  ['CVE-2019-2426', 'v3.11', 'openjdk7', '7.211.2.6.17-r0'],
  ['XSA-290', 'v3.9', 'xen', '4.11.2-r0'],
];
