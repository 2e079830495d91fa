import type { ExpectedRecord } from '../stored-records.ts';

const FOUR = '[aarch64 ppc64le s390x x86_64]';
const TAR = [
  `sles:16.0 tar ${FOUR} <0:1.35-160000.2.2 fixed`,
  `sles:16.0 tar-backup-scripts ${FOUR} <0:1.35-160000.2.2 fixed`,
  // These definitions lack their tests.
  'sles:16.0 tar-doc <1.35-160000.2.2 unknown',
  'sles:16.0 tar-lang <1.35-160000.2.2 unknown',
  'sles:16.0 tar-rmt <1.35-160000.2.2 unknown',
];
const VIM: readonly (readonly [string, string])[] = [
  ['5.0', '0:8.0.1568-5.11.1'],
  ['5.1', '0:8.0.1568-5.14.1'],
  ['5.2', '0:8.0.1568-5.14.1'],
  ['5.3', '0:9.0.0313-150000.5.25.1'],
  ['5.4', '0:9.0.1234-150000.5.34.1'],
  ['5.5', '0:9.0.1632-150500.20.3.1'],
];
const KRB5 = [
  'krb5',
  'krb5-32bit',
  'krb5-64bit',
  'krb5-apps-clients',
  'krb5-apps-servers',
  'krb5-client',
  'krb5-devel',
  'krb5-devel-32bit',
  'krb5-devel-64bit',
  'krb5-server',
  'krb5-x86',
];
const DS = '3.0.6~git86.dce421a0d-160000.2.2';

/** Advisories copied manually from the SUSE documents in `misc/`, which contain only a few definitions. */
export const SUSE: readonly ExpectedRecord[] = [
  cve('CVE-2001-1267', 'Medium', ...TAR),
  cve('CVE-2002-0399', 'Medium', ...TAR),
  cve(
    'CVE-2009-0316',
    'Medium',
    ...VIM.flatMap(([version, fix]) =>
      ['vim-data-common', 'vim-small'].map((name) => `sle-micro:${version} ${name} ${FOUR} <${fix} fixed`),
    ),
  ),
  // The package is not affected in any product.
  cve('CVE-1999-0077', ''),
  cve('CVE-1999-0195', ''),
  cve('CVE-2001-0405', ''),
  cve('CVE-2002-2443', 'Unknown', ...KRB5.map((name) => `sles:10.4 ${name} <0:1.4.3-19.49.53.1 fixed`)),
  [
    'oval:org.opensuse.security:def:88827',
    'https://www.suse.com/support/update/',
    'Medium',
    `sles:16.0 389-ds ${FOUR} <0:${DS} fixed`,
    `sles:16.0 389-ds-devel ${FOUR} <0:${DS} fixed`,
    `sles:16.0 389-ds-snmp <${DS} unknown`,
    `sles:16.0 lib389 <${DS} unknown`,
    `sles:16.0 libsvrcore0 <${DS} unknown`,
  ],
];

/**
 * Advisories from `sles/test-fixtures/suse_truncated.xml`, whose states are outside of their element, so that the
 * parser finds no states.
 */
export const SLES: readonly ExpectedRecord[] = [
  cve('CVE-1999-0524', ''),
  cve('CVE-2026-34073', ''),
  cve(
    'CVE-2021-29154',
    'High',
    'sles:15 kernel-default unknown',
    'sles:15 kernel-docs <4.12.14-150.72.2 unknown',
    'sles:15.1 kernel-default unknown',
    'sles:15.2 kernel-default-extra <5.3.18-24.61.1 unknown',
    'sles:15.3 kernel-preempt-extra <5.3.18-59.5.2 unknown',
  ),
];

/** Advisories from `suse/testdata/fetcher_sle_test.1.xml` of Clair v1. */
export const SLE_OF_ORIGINAL: readonly ExpectedRecord[] = [
  cve('CVE-2012-2150', 'Unknown', 'sles:12 xfsprogs <0:3.2.1-3.5 fixed', 'sles:12.1 xfsprogs <0:3.2.1-3.5 fixed'),
];

function cve(id: string, severity: string, ...affected: string[]): ExpectedRecord {
  return [id, `https://www.suse.com/security/cve/${id}/`, severity, ...affected];
}
