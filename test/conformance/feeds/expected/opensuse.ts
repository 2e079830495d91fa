import type { ExpectedRecord } from '../stored-records.ts';

const LEAP = 'opensuse-leap:15.3';
const MICRO = 'opensuse-leap-micro:5.3';
const CHROMIUM = `${LEAP} chromium <0:90.0.4430.212-bp153.1.1 fixed`;
const XEN = `${LEAP} xen-libs <0:4.14.1_16-1.6 fixed`;
const VIM = [
  `${MICRO} vim-data-common [noarch] <0:9.0.1040-150000.5.31.1 fixed`,
  `${MICRO} vim-small [aarch64 x86_64] <0:9.0.1040-150000.5.31.1 fixed`,
];
const SAMBA = `${MICRO} samba-client-libs [aarch64 x86_64] <0:4.15.13+git.591.ab36624310c-150400.3.19.1 fixed`;

/**
 * Advisories copied manually from `suse/opensuse.leap.15.3-patch.xml`, `…micro.5.3.xml` and `…micro.5.3-affected.xml`.
 */
export const OPENSUSE: readonly ExpectedRecord[] = [
  cve(
    'CVE-2018-1000078',
    'Medium',
    `${LEAP} libruby2_5-2_5 <0:2.5.9-4.17.1 fixed`,
    `${LEAP} ruby2.5 <0:2.5.9-4.17.1 fixed`,
    `${LEAP} ruby2.5-stdlib <0:2.5.9-4.17.1 fixed`,
  ),
  cve('CVE-2020-25683', 'High', `${LEAP} dnsmasq <0:2.78-7.8.1 fixed`),
  cve(
    'CVE-2014-9658',
    'Medium',
    `${LEAP} libfreetype6 <0:2.10.1-4.8.1 fixed`,
    `${LEAP} libfreetype6-32bit <0:2.10.1-4.8.1 fixed`,
  ),
  cve(
    'CVE-2016-10219',
    'Low',
    `${LEAP} ghostscript <0:9.52-3.32.1 fixed`,
    `${LEAP} ghostscript-x11 <0:9.52-3.32.1 fixed`,
  ),
  cve('CVE-2020-25601', 'Medium', XEN),
  cve('CVE-2021-21116', 'Medium', CHROMIUM),
  cve('CVE-2018-12892', 'High', XEN),
  cve(
    'CVE-2017-16829',
    'Low',
    `${LEAP} binutils <0:2.35.1-7.18.1 fixed`,
    `${LEAP} libctf-nobfd0 <0:2.35.1-7.18.1 fixed`,
    `${LEAP} libctf0 <0:2.35.1-7.18.1 fixed`,
  ),
  cve(
    'CVE-2015-0835',
    'High',
    `${LEAP} MozillaFirefox <0:78.10.0-8.38.1 fixed`,
    `${LEAP} MozillaFirefox-translations-common <0:78.10.0-8.38.1 fixed`,
    `${LEAP} MozillaFirefox-translations-other <0:78.10.0-8.38.1 fixed`,
  ),
  cve(
    'CVE-2016-7167',
    'Medium',
    `${LEAP} curl <0:7.66.0-4.14.1 fixed`,
    `${LEAP} libcurl4 <0:7.66.0-4.14.1 fixed`,
    `${LEAP} libcurl4-32bit <0:7.66.0-4.14.1 fixed`,
  ),
  cve('CVE-2019-13673', 'Medium', CHROMIUM),
  cve(
    'CVE-2018-15864',
    'Low',
    `${LEAP} libxkbcommon-x11-0 <0:0.8.2-3.3.1 fixed`,
    `${LEAP} libxkbcommon0 <0:0.8.2-3.3.1 fixed`,
  ),
  cve(
    'CVE-2017-12562',
    'Medium',
    `${LEAP} libsndfile1 <0:1.0.28-5.5.1 fixed`,
    `${LEAP} libsndfile1-32bit <0:1.0.28-5.5.1 fixed`,
  ),
  cve('CVE-2021-3477', 'Medium', `${LEAP} libIlmImf-2_2-23 <0:2.2.1-3.27.1 fixed`),
  cve(
    'CVE-2019-10181',
    'High',
    `${LEAP} icedtea-web [aarch64 ppc64le s390x x86_64] <0:1.7.2-150100.7.3.1 fixed`,
    `${LEAP} icedtea-web-javadoc [noarch] <0:1.7.2-150100.7.3.1 fixed`,
  ),
  cve('CVE-2015-1210', 'Medium', CHROMIUM),
  cve('CVE-2018-6163', 'High', CHROMIUM),
  cve('CVE-2017-15418', 'High', CHROMIUM),
  cve(
    'CVE-2022-3311',
    'High',
    `${LEAP} chromedriver [aarch64 x86_64] <0:106.0.5249.91-bp153.2.125.1 fixed`,
    `${LEAP} chromium [aarch64 x86_64] <0:106.0.5249.91-bp153.2.125.1 fixed`,
  ),
  cve('CVE-2020-6465', 'High', CHROMIUM),
  cve('CVE-2020-11743', 'Medium', XEN),
  cve('CVE-2017-9209', 'Medium', `${LEAP} libqpdf26 <0:9.0.2-1.36 fixed`),
  // The advisory has two products, one of them the non-free repository.
  cve('CVE-2021-30507', 'Medium', CHROMIUM, `${LEAP} opera [x86_64] <0:76.0.4017.154-lp153.2.3.1 fixed`),
  cve('CVE-2021-30511', 'Medium', CHROMIUM, `${LEAP} opera [x86_64] <0:76.0.4017.154-lp153.2.3.1 fixed`),
  cve('CVE-2021-37977', 'Medium', `${LEAP} opera [x86_64] <0:80.0.4170.63-lp153.2.27.1 fixed`),
  // This definition has no criteria.
  cve('CVE-2021-3507', ''),
  cve('CVE-2021-40330', ''),
  cve(
    'CVE-2022-1664',
    'Low',
    `${LEAP} dpkg [aarch64 ppc64le s390x x86_64] <0:1.19.0.4-150000.4.4.1 fixed`,
    `${LEAP} dpkg-devel [aarch64 ppc64le s390x x86_64] <0:1.19.0.4-150000.4.4.1 fixed`,
    `${LEAP} dpkg-lang [noarch] <0:1.19.0.4-150000.4.4.1 fixed`,
  ),
  cve('CVE-2022-4292', 'High', ...VIM),
  cve('CVE-2022-3491', 'Low', ...VIM),
  cve('CVE-2022-3520', 'High', ...VIM),
  cve('CVE-2022-3591', 'High', ...VIM),
  cve(
    'CVE-2022-27649',
    'Medium',
    `${MICRO} podman [aarch64 x86_64] <0:4.3.1-150400.4.11.1 fixed`,
    `${MICRO} podman-cni-config [noarch] <0:4.3.1-150400.4.11.1 fixed`,
  ),
  cve('CVE-2022-32744', 'High', SAMBA),
  cve('CVE-2022-32742', 'High', SAMBA),
];

function cve(id: string, severity: string, ...affected: string[]): ExpectedRecord {
  return [id, `https://www.suse.com/security/cve/${id}/`, severity, ...affected];
}
