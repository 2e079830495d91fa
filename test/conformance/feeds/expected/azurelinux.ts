import type { ExpectedRecord } from '../stored-records.ts';

/**
 * Advisories copied manually from the three documents in `azurelinux/`; a CVE can affect further packages and releases.
 * The names are names of source packages. The versions omit the epoch, which is always 0.
 */
export const AZURELINUX: readonly ExpectedRecord[] = [
  azl('CVE-2024-24786', 'Medium', 'opa <0.63.0-1.azl3 fixed'),
  azl('CVE-2020-13632', 'Medium', 'ceph <18.2.1-1.azl3 fixed'),
  azl('CVE-2023-45236', 'High', 'edk2 <20240223gitedc6681206c1-1.azl3 fixed'),
  azl('CVE-2024-43860', 'Medium', 'kernel <6.6.47.1-1.azl3 fixed'),
  azl('CVE-2023-26964', 'High', 'rpm-ostree <2024.4-1.azl3 fixed'),
  azl('CVE-2024-2511', 'Low', 'openssl <3.3.0-1.azl3 fixed'),
  azl('CVE-2022-2929', 'Medium', 'dhcp <4.4.3.P1-1.azl3 fixed'),
  azl('CVE-2024-28180', 'Medium', 'keda <2.14.0-1.azl3 fixed'),
  azl('CVE-2024-47191', 'High', 'oath-toolkit <2.6.7-3.azl3 fixed'),
  // The document states three versions where one version is expected.
  azl('CVE-2022-41717', 'Medium', 'golang unknown'),
  cm(1, 'CVE-2021-3677', 'Medium', 'postgresql <12.8-1.cm1 fixed'),
  cm(1, 'CVE-2020-11501', 'High', 'gnutls <3.6.14-6.cm1 fixed'),
  cm(1, 'CVE-2021-23134', 'High', 'kernel <5.10.60.1-1.cm1 fixed'),
  cm(1, 'CVE-2022-47629', 'Critical', 'libksba <1.3.5-4.cm1 fixed'),
  cm(1, 'CVE-2020-14680', 'Medium', 'mysql <8.0.26-1.cm1 fixed'),
  cm(1, 'CVE-2021-33645', 'High', 'libtar <1.2.20-10.cm1 fixed'),
  cm(1, 'CVE-2021-45480', 'Medium', 'kernel <5.10.88.1-2.cm1 fixed'),
  cm(1, 'CVE-2020-25643', 'High', 'kernel <5.4.91-3.cm1 fixed'),
  cm(1, 'CVE-2023-3863', 'Medium', 'kernel <5.10.188.1-1.cm1 fixed'),
  cm(1, 'CVE-2022-36049', 'High', 'helm <=3.4.1-17.cm1 open'),
  cm(1, 'CVE-2022-43552', 'Medium', 'mysql <=8.0.32-1.cm1 open'),
  cm(1, 'CVE-2022-3857', 'Medium', 'syslinux <=6.04-9.cm1 open'),
  cm(2, 'CVE-2017-3616', 'High', 'libdb <5.3.28-7.cm2 fixed'),
  cm(2, 'CVE-2023-45286', 'Medium', 'packer <1.8.7-1.cm2 fixed'),
  cm(2, 'CVE-2022-3104', 'Medium', 'kernel <5.15.86.1-1.cm2 fixed'),
  cm(2, 'CVE-2022-3114', 'Medium', 'kernel <=5.15.145.2-1.cm2 open'),
  cm(2, 'CVE-2022-38178', 'High', 'bind <9.16.33-1.cm2 fixed'),
  cm(2, 'CVE-2021-4185', 'High', 'wireshark <3.4.14-1.cm2 fixed'),
  cm(2, 'CVE-2022-4662', 'Medium', 'kernel <5.15.92.1-1.cm2 fixed'),
  cm(2, 'CVE-2022-0396', 'Medium', 'bind <9.16.29-1.cm2 fixed'),
  cm(2, 'CVE-2023-51714', 'Critical', 'qt5-qtbase <5.12.11-10.cm2 fixed'),
  // Another definition marks an older version as not applicable.
  cm(2, 'CVE-2022-2990', 'High', 'buildah <1.18.0-17.cm2 fixed'),
  cm(2, 'CVE-2023-25761', 'Medium', 'junit <=4.13-5.cm2 open'),
  cm(2, 'CVE-2020-14383', 'Medium', 'samba <=4.12.5-5.cm2 open'),
  cm(2, 'CVE-2023-48795', 'Medium', 'moby-engine unknown', 'jsch unknown'),
];

/** Packages and releases that upstream marks as not applicable. */
export const NOT_APPLICABLE: readonly (readonly [id: string, namespace: string, name: string])[] = [
  ['CVE-2023-45853', 'azurelinux:3.0', 'cloud-hypervisor'],
  ['CVE-2022-4304', 'mariner:1.0', 'rust'],
  ['CVE-2018-25032', 'mariner:1.0', 'python2'],
  ['CVE-2023-44487', 'mariner:2.0', 'nghttp2'],
];

function azl(id: string, severity: string, ...affected: string[]): ExpectedRecord {
  return record('azurelinux:3.0', id, severity, affected);
}

function cm(major: number, id: string, severity: string, ...affected: string[]): ExpectedRecord {
  return record(`mariner:${major}.0`, id, severity, affected);
}

function record(namespace: string, id: string, severity: string, affected: readonly string[]): ExpectedRecord {
  return [
    id,
    `https://nvd.nist.gov/vuln/detail/${id}`,
    severity,
    ...affected.map((range) => `${namespace} ${range.replace(' ', ' (source) ')}`),
  ];
}
