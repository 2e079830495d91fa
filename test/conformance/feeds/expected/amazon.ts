import type { AffectedPackage } from '../../../../src/model/advisories/advisory.ts';
import type { Severity } from '../../../../src/model/severity.ts';

/** A package of an advisory: namespace, severity, fixed version, architectures, and first affected version. */
export type ExpectedFix = readonly [
  advisory: string,
  name: string,
  namespace: string,
  severity: Severity,
  fixed: string,
  archs?: AffectedPackage['archs'],
  introduced?: string,
];

const BOTH = ['i686', 'x86_64'];
const INTEL = ['x86_64'];
const ALL = ['aarch64', 'x86_64'];
const THREE = ['aarch64', 'i686', 'x86_64'];

/** Fixes copied manually from Amazon Linux files in the test data of other scanners; no architectures means all. */
export const AMAZON_FIXES: readonly ExpectedFix[] = [
  ['ALAS-2011-1', 'httpd', 'amzn:2018.03', 'Medium', '2.2.21-1.18.amzn1', BOTH],
  ['ALAS-2011-1', 'httpd-tools', 'amzn:2018.03', 'Medium', '2.2.21-1.18.amzn1', BOTH],
  ['ALAS-2011-1', 'mod_ssl', 'amzn:2018.03', 'Medium', '1:2.2.21-1.18.amzn1', BOTH],
  ['ALAS-2011-1', 'httpd-manual', 'amzn:2018.03', 'Medium', '2.2.21-1.18.amzn1'],
  ['ALAS-2011-2', 'cyrus-imapd', 'amzn:2018.03', 'High', '2.3.16-6.4.amzn1', BOTH],
  ['ALAS-2011-2', 'cyrus-imapd-utils', 'amzn:2018.03', 'High', '2.3.16-6.4.amzn1', BOTH],
  ['ALAS2-2018-939', 'kernel', 'amzn:2', 'Critical', '4.9.76-38.79.amzn2', INTEL],
  ['ALAS2-2018-939', 'python-perf', 'amzn:2', 'Critical', '4.9.76-38.79.amzn2', INTEL],
  ['ALAS2-2018-939', 'kernel-doc', 'amzn:2', 'Critical', '4.9.76-38.79.amzn2'],
  ['ALAS2-2018-942', 'qemu-kvm', 'amzn:2', 'High', '10:1.5.3-141.amzn2.5.3', INTEL],
  ['ALAS2-2018-942', 'qemu-img', 'amzn:2', 'High', '10:1.5.3-141.amzn2.5.3', INTEL],
  ['ALAS2-2018-949', 'java-1.8.0-openjdk', 'amzn:2', 'High', '1:1.8.0.161-0.b14.amzn2', INTEL],
  ['ALAS2-2018-949', 'java-1.8.0-openjdk-headless', 'amzn:2', 'High', '1:1.8.0.161-0.b14.amzn2', INTEL],
  ['ALAS2-2018-949', 'java-1.8.0-openjdk-javadoc', 'amzn:2', 'High', '1:1.8.0.161-0.b14.amzn2'],
  ['ALAS2KERNEL-5.15-2022-001', 'kernel', 'amzn:2', 'High', '5.15.43-20.123.amzn2', ALL, '5.15'],
  ['ALAS2KERNEL-5.15-2022-001', 'bpftool', 'amzn:2', 'High', '5.15.43-20.123.amzn2', ALL, '5.15'],
  ['ALAS2KERNEL-5.15-2022-001', 'perf', 'amzn:2', 'High', '5.15.43-20.123.amzn2', ALL, '5.15'],
  [
    'ALAS2KERNEL-5.15-2022-001',
    'kernel-debuginfo-common-aarch64',
    'amzn:2',
    'High',
    '5.15.43-20.123.amzn2',
    ['aarch64'],
    '5.15',
  ],
  ['ALAS2KERNEL-5.15-2022-001', 'kernel-livepatch-5.15.43-20.123', 'amzn:2', 'High', '1.0-0.amzn2', ALL],
  ['ALAS2022-2021-001', 'vim-common-debuginfo', 'amzn:2022', 'Medium', '2:8.2.3512-1.amzn2022', THREE],
  ['ALAS2022-2021-001', 'vim-minimal', 'amzn:2022', 'Medium', '2:8.2.3512-1.amzn2022', THREE],
  ['ALAS2022-2021-001', 'vim-default-editor', 'amzn:2022', 'Medium', '2:8.2.3512-1.amzn2022'],
  ['ALAS2023-2023-001', 'rsyslog', 'amzn:2023', 'High', '8.2204.0-3.amzn2023.0.2', THREE],
  ['ALAS2023-2023-001', 'rsyslog-elasticsearch', 'amzn:2023', 'High', '8.2204.0-3.amzn2023.0.2', THREE],
  ['ALAS2023-2023-001', 'rsyslog-crypto', 'amzn:2023', 'High', '8.2204.0-3.amzn2023.0.2', THREE],
  ['ALAS2023-2023-001', 'rsyslog-doc', 'amzn:2023', 'High', '8.2204.0-3.amzn2023.0.2'],
  ['ALAS2023LIVEPATCH-2023-001', 'kernel-livepatch-6.1.12-19.43', 'amzn:2023', 'High', '1.0-1.amzn2023', INTEL],
  ['ALAS2023NVIDIA-2025-001', 'libnvidia-container1', 'amzn:2023', 'High', '1.17.4-1', INTEL],
  ['ALAS2023NVIDIA-2025-001', 'libnvidia-container-tools', 'amzn:2023', 'High', '1.17.4-1', INTEL],
];
