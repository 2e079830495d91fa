import type { ExpectedRecord } from '../stored-records.ts';

const BIND = [
  'bind',
  'bind-chroot',
  'bind-devel',
  'bind-libbind-devel',
  'bind-libs',
  'bind-sdb',
  'bind-utils',
  'caching-nameserver',
];
const X86 = '[i386 i586 i686 noarch x86_64]';
const BOTH = '[aarch64 i386 i586 i686 noarch x86_64]';
const KSPLICE = '>=2:0 <2:1.1.1g-15.ksplice1.el8_3 fixed';

/** Oracle documents in `clair-history/` and `misc/`, with manually copied advisories. */
export const ORACLE: readonly (readonly [path: string, records: readonly ExpectedRecord[]])[] = [
  [
    'pkg/fetch/oracle/linux/testdata/fixtures/com.oracle.elsa-all.xml.bz2',
    [
      elsa('ELSA-2007-0057', 'Medium', ...BIND.map((name) => `oracle:5 ${name} ${X86} <30:9.3.3-8.el5 fixed`)),
      elsa(
        'ELSA-2023-12342',
        'High',
        'oracle:8 hivex (virt:kvm_utils) [aarch64 noarch] <0:1.3.18-21.module+el8.7.0+21037+8ee66348 fixed',
      ),
    ],
  ],
  [
    'ext/vulnsrc/oracle/testdata/fetcher_oracle_test.1.xml',
    [
      old(
        'ELSA-2015-1193',
        'Medium',
        'oracle:7 xerces-c <0:3.1.1-7.el7_1 fixed',
        'oracle:7 xerces-c-doc <0:3.1.1-7.el7_1 fixed',
        'oracle:7 xerces-c-devel <0:3.1.1-7.el7_1 fixed',
      ),
    ],
  ],
  [
    'ext/vulnsrc/oracle/testdata/fetcher_oracle_test.2.xml',
    [
      old(
        'ELSA-2015-1207',
        'Critical',
        'oracle:5 firefox <0:38.1.0-1.0.1.el5_11 fixed',
        'oracle:6 firefox <0:38.1.0-1.0.1.el6_6 fixed',
        'oracle:7 firefox <0:38.1.0-1.0.1.el7_1 fixed',
      ),
    ],
  ],
  [
    'tests/unit/providers/oracle/test-fixtures/mock_ksplice_data',
    [
      elsa(
        'ELSA-2021-9151',
        'High',
        `oracle:8 openssl ${BOTH} ${KSPLICE}`,
        `oracle:8 openssl-debugsource [aarch64 noarch] ${KSPLICE}`,
        `oracle:8 openssl-devel ${BOTH} ${KSPLICE}`,
        `oracle:8 openssl-libs ${BOTH} ${KSPLICE}`,
        `oracle:8 openssl-perl ${BOTH} ${KSPLICE}`,
        `oracle:8 openssl-static [aarch64 noarch] ${KSPLICE}`,
      ),
    ],
  ],
  [
    'tests/unit/providers/oracle/test-fixtures/mock_per_arch_data',
    [
      // These definitions lack their tests. The first package of the second definition has two fixes, 110-1.el8 and
      // 110-1.0.1.el8; the higher fix is used.
      elsa('ELSA-2025-10073', 'High', `oracle:10 firefox ${BOTH} <0:128.12.0-1.0.1.el10_0 unknown`),
      elsa(
        'ELSA-2024-2961',
        'Medium',
        `oracle:8 osbuild ${BOTH} <0:110-1.0.1.el8 unknown`,
        `oracle:8 osbuild-composer ${BOTH} <0:101-1.el8 unknown`,
      ),
    ],
  ],
  [
    'oracle/oval/testdata/elsa-2018-1196-1.xml.bz2',
    [
      old(
        'ELSA-2018-1196-1',
        'High',
        'oracle:5 kernel <0:2.6.18-419.0.0.0.10.el5 fixed',
        'oracle:5 kernel-PAE <0:2.6.18-419.0.0.0.10.el5 fixed',
        'oracle:5 kernel-debug-devel <0:2.6.18-419.0.0.0.10.el5 fixed',
      ),
    ],
  ],
  [
    'oracle/oval/testdata/all-positive-data.xml.bz2',
    [
      old(
        'ELSA-2019-4821',
        'High',
        'oracle:7 sudo <0:1.8.23-4.0.1.el7 unknown',
        'oracle:7 sudo-devel <0:1.8.23-4.0.1.el7 unknown',
      ),
      old(
        'ELSA-2013-1732',
        'Low',
        'oracle:6 busybox <1:1.15.1-20.el6 unknown',
        'oracle:6 busybox-petitboot <1:1.15.1-20.el6 unknown',
      ),
      old(
        'ELSA-2010-0809',
        'Critical',
        'oracle:5 xulrunner <0:1.9.2.11-4.0.1.el5_5 unknown',
        'oracle:5 xulrunner-devel <0:1.9.2.11-4.0.1.el5_5 unknown',
      ),
      old(
        'ELSA-2011-1268',
        'High',
        'oracle:5 xulrunner <0:1.9.2.22-1.0.1.el5_7 unknown',
        'oracle:6 xulrunner <0:1.9.2.22-1.0.1.el6_1 unknown',
      ),
      old('ELSA-2018-3410', 'High', 'oracle:7 xorg-x11-server-Xorg <0:1.20.1-5.1.el7 unknown'),
    ],
  ],
];

function elsa(id: string, severity: string, ...affected: string[]): ExpectedRecord {
  return [id, `https://linux.oracle.com/errata/${id}.html`, severity, ...affected];
}

/** Older links have a different scheme. */
function old(id: string, severity: string, ...affected: string[]): ExpectedRecord {
  return [id, `http://linux.oracle.com/errata/${id}.html`, severity, ...affected];
}
