import type { ExpectedRecord } from '../stored-records.ts';

const FOUR = '[aarch64 ppc64le s390x x86_64]';
const FIVE = '[aarch64 i686 ppc64le s390x x86_64]';
const TWO = '[ppc64le x86_64]';
const OLD = '[i386 ia64 ppc s390 s390x x86_64]';
const OLD_64 = '[i386 ia64 ppc ppc64 s390 s390x x86_64]';
const NODE_12 = '1:12.16.1-1.module+el8.1.0+5811+44509afe';
const SQUID = '7:4.4-8.module+el8.1.0+4044+36416a77';
const REDIS = '0:5.0.3-2.module+el8.0.0.z+3657+acb471dc';

const ANSIBLE = 'cpe:/a:redhat:ansible_engine:2.9';

/** Advisories copied manually from `redhat/rhel-8.oval.xml` and `redhat/Red_Hat_Enterprise_Linux_3.xml`. */
export const REDHAT_OVAL: readonly ExpectedRecord[] = [
  erratum(
    'RHSA-2019:1799',
    'High',
    `rhel:8 thunderbird-debugsource ${TWO} <0:60.8.0-1.el8_0`,
    `rhel:8 thunderbird ${TWO} <0:60.8.0-1.el8_0`,
  ),
  erratum(
    'RHSA-2019:2798',
    'High',
    `rhel:8 patch-debugsource ${FOUR} <0:2.7.6-9.el8_0`,
    `rhel:8 patch ${FOUR} <0:2.7.6-9.el8_0`,
  ),
  erratum(
    'RHSA-2019:3497',
    'Medium',
    `rhel:8 http-parser-debugsource ${FIVE} <0:2.8.0-5.el8`,
    `rhel:8 http-parser ${FIVE} <0:2.8.0-5.el8`,
  ),
  erratum(
    'RHSA-2019:3704',
    'Medium',
    `rhel:8 python3-numpy ${FOUR} <1:1.14.3-9.el8`,
    `rhel:8 python3-numpy-f2py ${FOUR} <1:1.14.3-9.el8`,
    `rhel:8 numpy-debugsource ${FOUR} <1:1.14.3-9.el8`,
  ),
  erratum(
    'RHSA-2019:1771',
    'High',
    `rhel:8 cyrus-imapd-debugsource ${FIVE} <0:3.0.7-15.el8_0.1`,
    `rhel:8 cyrus-imapd-utils ${FOUR} <0:3.0.7-15.el8_0.1`,
    `rhel:8 cyrus-imapd ${FIVE} <0:3.0.7-15.el8_0.1`,
    `rhel:8 cyrus-imapd-vzic ${FOUR} <0:3.0.7-15.el8_0.1`,
  ),
  erratum(
    'RHSA-2019:1764',
    'Critical',
    `rhel:8 firefox-debugsource ${FOUR} <0:60.8.0-1.el8_0`,
    `rhel:8 firefox ${FOUR} <0:60.8.0-1.el8_0`,
  ),
  erratum(
    'RHSA-2019:1143',
    'High',
    `rhel:8 flatpak-debugsource ${FIVE} <0:1.0.6-3.el8_0`,
    `rhel:8 flatpak ${FOUR} <0:1.0.6-3.el8_0`,
    `rhel:8 flatpak-libs ${FIVE} <0:1.0.6-3.el8_0`,
  ),
  erratum(
    'RHSA-2019:3951',
    'High',
    `rhel:8 SDL-debugsource ${FIVE} <0:1.2.15-36.el8_1`,
    `rhel:8 SDL-devel ${FIVE} <0:1.2.15-36.el8_1`,
    `rhel:8 SDL ${FIVE} <0:1.2.15-36.el8_1`,
  ),
  erratum(
    'RHSA-2019:0983',
    'High',
    `rhel:8 wget ${FOUR} <0:1.19.5-7.el8_0.1`,
    `rhel:8 wget-debugsource ${FOUR} <0:1.19.5-7.el8_0.1`,
  ),
  erratum('RHSA-2019:1152', 'High', 'rhel:8 python3-jinja2 <0:2.10.1-2.el8_0'),
  erratum(
    'RHSA-2019:2582',
    'High',
    `rhel:8 pango-debugsource ${FIVE} <0:1.42.4-5.el8_0`,
    `rhel:8 pango-devel ${FIVE} <0:1.42.4-5.el8_0`,
    `rhel:8 pango ${FIVE} <0:1.42.4-5.el8_0`,
  ),
  erratum(
    'RHSA-2019:4360',
    'High',
    `rhel:8 libyang-debugsource ${FIVE} <0:0.16.105-3.el8_1.2`,
    `rhel:8 libyang ${FIVE} <0:0.16.105-3.el8_1.2`,
  ),
  erratum(
    'RHSA-2020:0559',
    'High',
    `rhel:8 ksh-debugsource ${FOUR} <0:20120801-253.el8_1`,
    `rhel:8 ksh ${FOUR} <0:20120801-253.el8_1`,
  ),
  erratum(
    'RHSA-2019:1308',
    'High',
    `rhel:8 thunderbird-debugsource ${TWO} <0:60.7.0-1.el8_0`,
    `rhel:8 thunderbird ${TWO} <0:60.7.0-1.el8_0`,
  ),
  // These packages are in modules.
  erratum(
    'RHSA-2020:0598',
    'High',
    `rhel:8 npm (nodejs:12) ${FOUR} <1:6.13.4-1.12.16.1.1.module+el8.1.0+5811+44509afe`,
    `rhel:8 nodejs-devel (nodejs:12) ${FOUR} <${NODE_12}`,
    `rhel:8 nodejs-debugsource (nodejs:12) ${FOUR} <${NODE_12}`,
    `rhel:8 nodejs (nodejs:12) ${FOUR} <${NODE_12}`,
    'rhel:8 nodejs-packaging (nodejs:12) <0:17-3.module+el8.1.0+3369+37ae6a45',
    'rhel:8 nodejs-nodemon (nodejs:12) <0:1.18.3-1.module+el8.1.0+3369+37ae6a45',
    `rhel:8 nodejs-docs (nodejs:12) <${NODE_12}`,
  ),
  erratum(
    'RHSA-2019:3476',
    'Medium',
    `rhel:8 squid-debugsource (squid:4) ${FOUR} <${SQUID}`,
    `rhel:8 squid (squid:4) ${FOUR} <${SQUID}`,
    `rhel:8 libecap (squid:4) ${FOUR} <0:1.0.1-2.module+el8.1.0+4044+36416a77`,
  ),
  erratum(
    'RHSA-2019:2002',
    'High',
    `rhel:8 redis-devel (redis:5) ${FOUR} <${REDIS}`,
    `rhel:8 redis-debugsource (redis:5) ${FOUR} <${REDIS}`,
    `rhel:8 redis (redis:5) ${FOUR} <${REDIS}`,
    `rhel:8 redis-doc (redis:5) <${REDIS}`,
  ),
  // A criterion tests whether the kernel is running.
  erratum(
    'RHSA-2019:1167',
    'High',
    'rhel:8 kernel-abi-whitelists <0:4.18.0-80.1.2.el8_0',
    'rhel:8 kernel-doc <0:4.18.0-80.1.2.el8_0',
  ),
  erratum('RHBA-2019:4268', 'Negligible', 'rhel:8 ipa-common (idm:DL1) <0:4.8.0-13.module+el8.1.0+4923+c6efe041'),
  erratum('RHSA-2006:0266', 'High', `rhel:3 gnupg ${OLD} <0:1.2.1-15`, `rhel:4 gnupg ${OLD} <0:1.2.6-3`),
  erratum(
    'RHSA-2006:0267',
    'Medium',
    `rhel:3 ipsec-tools ${OLD} <0:0.2.5-0.7.rhel3.3`,
    `rhel:4 ipsec-tools ${OLD} <0:0.3.3-6.rhel4.1`,
  ),
  erratum(
    'RHSA-2009:1101',
    'Medium',
    `rhel:3 cscope ${OLD} <0:15.5-16.RHEL3`,
    `rhel:4 cscope ${OLD} <0:15.5-10.RHEL4.3`,
  ),
  erratum(
    'RHSA-2010:0577',
    'High',
    `rhel:3 freetype ${OLD_64} <0:2.1.4-15.el3`,
    `rhel:3 freetype-devel ${OLD} <0:2.1.4-15.el3`,
  ),
  erratum('RHSA-2008:0196', 'Medium', `rhel:3 unzip ${OLD} <0:5.50-36.EL3`),
  erratum(
    'RHSA-2010:0520',
    'High',
    `rhel:3 libtiff ${OLD_64} <0:3.5.7-34.el3`,
    `rhel:3 libtiff-devel ${OLD} <0:3.5.7-34.el3`,
  ),
  erratum('RHSA-2006:0667', 'Medium', `rhel:3 gzip ${OLD} <0:1.3.3-13.rhel3`, `rhel:4 gzip ${OLD} <0:1.3.3-16.rhel4`),
  erratum(
    'RHSA-2007:0086',
    'Critical',
    `rhel:3 gnomemeeting ${OLD} <0:0.96.0-5`,
    `rhel:4 gnomemeeting ${OLD} <0:1.0.2-9`,
  ),
  erratum('RHSA-2009:0430', 'High', `rhel:3 xpdf ${OLD} <1:2.02-14.el3`, `rhel:4 xpdf ${OLD} <1:3.00-20.el4`),
  erratum('RHBA-2007:0418', 'Negligible', `rhel:3 unzip ${OLD} <0:5.50-35.EL3`),
];

/** Advisories from the version 2 documents in `misc/`, which include vulnerabilities without a fix. */
export const REDHAT_UNFIXED: readonly ExpectedRecord[] = [
  cve('CVE-2018-5389', 'Medium', 'rhel:6 libreswan open'),
  cve('CVE-2016-5361', 'Medium', 'rhel:6 libreswan open'),
  cve(
    'CVE-2020-28935',
    'Low',
    'rhel:6 unbound-libs open',
    'rhel:6 unbound-devel open',
    'rhel:6 unbound-python open',
    'rhel:6 unbound open',
  ),
  cve(
    'CVE-2014-3209',
    'Low',
    'rhel:6 ldns-devel open',
    'rhel:6 ldns-doc open',
    'rhel:6 ldns open',
    'rhel:6 ldns-python open',
  ),
  erratum('RHBA-2014:1396', 'High', 'rhel:6 redhat-upgrade-tool <1:0.7.32-1.el6'),
  cve('CVE-2020-1738', 'Low', 'rhel:8 ansible open', 'rhel:8 ansible-test open'),
  cve('CVE-2020-1734', 'Medium', 'rhel:8 ansible open', 'rhel:8 ansible-test open'),
  cve('CVE-2020-10744', 'Medium', 'rhel:8 ansible open', 'rhel:8 ansible-test open'),
  limited('RHSA-2019:3927', 'Medium', ANSIBLE, 'rhel:8 ansible <0:2.9.1-1.el8', 'rhel:8 ansible-test <0:2.9.1-1.el8'),
  limited(
    'RHSA-2020:0215',
    'Medium',
    ANSIBLE,
    'rhel:8 ansible <0:2.9.4-1.el8ae',
    'rhel:8 ansible-test <0:2.9.4-1.el8ae',
  ),
  cve('CVE-2005-2541', 'Medium', 'rhel:9 tar ignored'),
  erratum('RHSA-2022:4765', 'Critical', `rhel:9 firefox ${FOUR} <0:91.9.1-1.el9_0`),
  erratum('RHSA-2022:4772', 'Critical', `rhel:9 thunderbird ${FOUR} <0:91.9.1-1.el9_0`),
  cve(
    'CVE-2018-8014',
    'Medium',
    ...['5.6', '5.7'].map((version) => `rhel:9 jws5-tomcat open cpe:/a:redhat:jboss_enterprise_web_server:${version}`),
  ),
];

/** Returns an erratum for a single layered product. */
function limited(id: string, severity: string, product: string, ...affected: string[]): ExpectedRecord {
  const [, link, , ...ranges] = erratum(id, severity, ...affected);
  return [id, link, severity, ...ranges.map((range) => `${range} ${product}`)];
}

function erratum(id: string, severity: string, ...affected: string[]): ExpectedRecord {
  return [id, `https://access.redhat.com/errata/${id}`, severity, ...affected.map((range) => `${range} fixed`)];
}

function cve(id: string, severity: string, ...affected: string[]): ExpectedRecord {
  return [id, `https://access.redhat.com/security/cve/${id}`, severity, ...affected];
}
