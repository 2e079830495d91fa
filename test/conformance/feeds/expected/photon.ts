import type { ExpectedRecord } from '../stored-records.ts';

/** Advisories copied manually from `photon/com.vmware.phsa-photon3.xml`; the advisories affect further packages. */
export const PHOTON: readonly ExpectedRecord[] = [
  phsa('0002', 'Critical', 'kibana <0:6.4.3-1.ph3'),
  phsa('0002', 'High', 'libtiff <0:4.0.10-3.ph3', 'libtiff-devel <0:4.0.10-3.ph3'),
  phsa('0036', 'High', 'dbus <0:1.13.6-2.ph3', 'dbus-devel <0:1.13.6-2.ph3'),
  phsa('0036', 'High', 'sqlite <0:3.27.2-5.ph3', 'sqlite-devel <0:3.27.2-5.ph3', 'sqlite-libs <0:3.27.2-5.ph3'),
  phsa('0036', 'Low', 'sysstat <0:12.1.6-1.ph3'),
  phsa(
    '0036',
    'Critical',
    'linux-esx <0:4.19.79-1.ph3',
    'linux-esx-devel <0:4.19.79-1.ph3',
    'linux-esx-docs <0:4.19.79-1.ph3',
    'linux-esx-hmacgen <0:4.19.79-1.ph3',
  ),
  phsa('0011', 'High', 'apache-tomcat <0:8.5.40-1.ph3'),
  phsa('0051', 'Critical', 'apache-tomcat <0:8.5.50-1.ph3'),
  phsa('0024', 'High', 'apache-tomcat <0:8.5.40-2.ph3'),
  phsa('0024', 'High', 'libxslt <0:1.1.32-4.ph3', 'libxslt-devel <0:1.1.32-4.ph3'),
  phsa('0024', 'High', 'unzip <0:6.0-13.ph3'),
  phsa(
    '0034',
    'High',
    'linux-esx <0:4.19.76-1.ph3',
    'linux-esx-devel <0:4.19.76-1.ph3',
    'linux-esx-docs <0:4.19.76-1.ph3',
    'linux-esx-hmacgen <0:4.19.76-1.ph3',
  ),
  phsa('0034', 'High', 'yarn <0:1.10.1-4.ph3'),
  phsa('0057', 'Critical', 'bash <0:4.4.18-2.ph3', 'bash-devel <0:4.4.18-2.ph3', 'bash-lang <0:4.4.18-2.ph3'),
  phsa('0017', 'Low', 'wpa_supplicant <0:2.7-3.ph3'),
  phsa('0015', 'Medium', 'libarchive <0:3.3.3-3.ph3', 'libarchive-devel <0:3.3.3-3.ph3'),
  phsa('0013', 'High', 'tar <0:1.30-2.ph3'),
  phsa('0031', 'High', 'kubernetes <0:1.12.10-1.ph3'),
  phsa('0026', 'Low', 'binutils <0:2.31.1-6.ph3', 'binutils-libs <0:2.31.1-6.ph3', 'binutils-devel <0:2.31.1-6.ph3'),
  phsa('0007', 'High', 'haproxy <0:1.8.14-2.ph3', 'haproxy-doc <0:1.8.14-2.ph3'),
  phsa('0047', 'Critical', 'ruby <0:2.5.7-1.ph3'),
  phsa('0047', 'High', 'libxslt <0:1.1.32-6.ph3', 'libxslt-devel <0:1.1.32-6.ph3'),
  phsa(
    '0055',
    'High',
    'libxml2 <0:2.9.10-1.ph3',
    'libxml2-python <0:2.9.10-1.ph3',
    'python3-libxml2 <0:2.9.10-1.ph3',
    'libxml2-devel <0:2.9.10-1.ph3',
  ),
  phsa(
    '0052',
    'High',
    'linux-esx <0:4.19.97-1.ph3',
    'linux-esx-devel <0:4.19.97-1.ph3',
    'linux-esx-docs <0:4.19.97-1.ph3',
    'linux-esx-hmacgen <0:4.19.97-1.ph3',
  ),
  phsa('0014', 'High', 'sqlite <0:3.27.2-2.ph3'),
  phsa('0014', 'Critical', 'kibana <0:6.7.0-1.ph3'),
  phsa('0023', 'Critical', 'bzip2 <0:1.0.6-10.ph3', 'bzip2-devel <0:1.0.6-10.ph3', 'bzip2-libs <0:1.0.6-10.ph3'),
  phsa('0023', 'Low', 'wpa_supplicant <0:2.7-4.ph3'),
  phsa(
    '0028',
    'High',
    'linux-esx <0:4.19.69-1.ph3',
    'linux-esx-devel <0:4.19.69-1.ph3',
    'linux-esx-docs <0:4.19.69-1.ph3',
    'linux-esx-hmacgen <0:4.19.69-1.ph3',
  ),
  phsa('0037', 'High', 'go <0:1.13.3-1.ph3'),
  // This definition has no reference to an advisory.
  [
    'CVE-2018-20615',
    'https://nvd.nist.gov/vuln/detail?vulnId=CVE-2018-20615',
    'High',
    'photon:3.0 haproxy <0:1.8.14-3.ph3 fixed',
    'photon:3.0 haproxy-doc <0:1.8.14-3.ph3 fixed',
  ],
  [
    'CVE-2018-14645',
    'https://nvd.nist.gov/vuln/detail?vulnId=CVE-2018-14645',
    'High',
    'photon:3.0 haproxy <0:1.8.14-1.ph3 fixed',
  ],
];

function phsa(number: string, severity: string, ...affected: string[]): ExpectedRecord {
  const link = `https://github.com/vmware/photon/wiki/Security-Updates-3.0-${number}`;
  return [`PHSA-3.0-${number}`, link, severity, ...affected.map((range) => `photon:3.0 ${range} fixed`)];
}
