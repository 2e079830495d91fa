/**
 * Entries of KEV: CVE, day added, due day, whether ransomware is known to use the vulnerability, and name. All lists of
 * this file were copied manually from the upstream files in `../shared/feeds`.
 */
export const KEV: readonly (readonly [string, string, string, boolean, string])[] = [
  ['CVE-2025-48384', '2025-08-25', '2025-09-15', false, 'Git Link Following Vulnerability'],
  [
    'CVE-2024-8068',
    '2025-08-25',
    '2025-09-15',
    false,
    'Citrix Session Recording Improper Privilege Management Vulnerability',
  ],
  [
    'CVE-2020-29583',
    '2021-11-03',
    '2022-05-03',
    false,
    'Zyxel Multiple Products Use of Hard-Coded Credentials Vulnerability',
  ],
  [
    'CVE-2019-8394',
    '2021-11-03',
    '2022-05-03',
    false,
    'Zoho ManageEngine ServiceDesk Plus (SDP) File Upload Vulnerability',
  ],
  ['CVE-2008-0655', '2022-06-08', '2022-06-22', false, 'Adobe Acrobat and Reader Unspecified Vulnerability'],
  [
    'CVE-2024-3272',
    '2024-04-11',
    '2024-05-02',
    false,
    'D-Link Multiple NAS Devices Use of Hard-Coded Credentials Vulnerability',
  ],
  ['CVE-2019-7483', '2022-03-28', '2022-04-18', false, 'SonicWall SMA100 Directory Traversal Vulnerability'],
  [
    'CVE-2019-18935',
    '2021-11-03',
    '2022-05-03',
    true,
    'Progress Telerik UI for ASP.NET AJAX Deserialization of Untrusted Data Vulnerability',
  ],
  [
    'CVE-2024-48248',
    '2025-03-19',
    '2025-04-09',
    false,
    'NAKIVO Backup and Replication Absolute Path Traversal Vulnerability',
  ],
  [
    'CVE-2018-9276',
    '2025-02-04',
    '2025-02-25',
    false,
    'Paessler PRTG Network Monitor OS Command Injection Vulnerability',
  ],
  ['CVE-2021-35394', '2021-12-10', '2021-12-24', false, 'Realtek Jungle SDK Remote Code Execution Vulnerability'],
  [
    'CVE-2021-26086',
    '2024-11-12',
    '2024-12-03',
    false,
    'Atlassian Jira Server and Data Center Path Traversal Vulnerability',
  ],
  ['CVE-2014-0322', '2022-05-04', '2022-05-25', false, 'Microsoft Internet Explorer Use-After-Free Vulnerability'],
  [
    'CVE-2019-15752',
    '2021-11-03',
    '2022-05-03',
    false,
    'Docker Desktop Community Edition Privilege Escalation Vulnerability',
  ],
  ['CVE-2024-50302', '2025-03-04', '2025-03-25', false, 'Linux Kernel Use of Uninitialized Resource Vulnerability'],
  [
    'CVE-2018-1000861',
    '2022-02-10',
    '2022-08-10',
    false,
    'Jenkins Stapler Web Framework Deserialization of Untrusted Data Vulnerability',
  ],
  ['CVE-2022-31199', '2023-07-11', '2023-08-01', true, 'Netwrix Auditor Insecure Object Deserialization Vulnerability'],
  [
    'CVE-2023-44221',
    '2025-05-01',
    '2025-05-22',
    false,
    'SonicWall SMA100 Appliances OS Command Injection Vulnerability',
  ],
  [
    'CVE-2019-11634',
    '2021-11-03',
    '2022-05-03',
    true,
    'Citrix Workspace Application and Receiver for Windows Remote Code Execution Vulnerability',
  ],
  [
    'CVE-2016-0099',
    '2022-03-03',
    '2022-03-24',
    true,
    'Microsoft Windows Secondary Logon Service Privilege Escalation Vulnerability',
  ],
  ['CVE-2017-18362', '2022-05-24', '2022-06-14', true, 'Kaseya VSA SQL Injection Vulnerability'],
  [
    'CVE-2022-44698',
    '2022-12-13',
    '2023-01-03',
    true,
    'Microsoft Defender SmartScreen Security Feature Bypass Vulnerability',
  ],
  [
    'CVE-2025-5777',
    '2025-07-10',
    '2025-07-11',
    true,
    'Citrix NetScaler ADC and Gateway Out-of-Bounds Read Vulnerability',
  ],
  ['CVE-2010-2861', '2022-03-25', '2022-04-15', true, 'Adobe ColdFusion Directory Traversal Vulnerability'],
  ['CVE-2021-1732', '2021-11-03', '2021-11-17', true, 'Microsoft Win32k Privilege Escalation Vulnerability'],
  ['CVE-2024-27198', '2024-03-07', '2024-03-28', true, 'JetBrains TeamCity Authentication Bypass Vulnerability'],
  ['CVE-2017-12615', '2022-03-25', '2022-04-15', true, 'Apache Tomcat on Windows Remote Code Execution Vulnerability'],
];

/** A score as `PUBLISHER TYPE ACCESS-VECTOR COMPLEXITY VECTOR SCORE`. */
export type Scores = readonly (readonly [string, ...string[]])[];

/** Scores from version 1.1 of the format, which contains only the scores of NVD itself. */
export const NVD_1: Scores = [
  ['CVE-2021-23172', 'nvd primary local low CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:N/I:N/A:H 5.5'],
  ['CVE-2018-14519', 'nvd primary network low CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:N/I:L/A:N 4.3'],
  ['CVE-2022-32837', 'nvd primary local low CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H 7.8'],
  ['CVE-2022-36703', 'nvd primary network low CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H 8.8'],
  ['CVE-2022-37086', 'nvd primary network low CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H 9.8'],
  ['CVE-2021-20224', 'nvd primary local low CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:N/I:N/A:H 5.5'],
  ['CVE-2022-37428', 'nvd primary network low CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:H 6.5'],
  ['CVE-2022-32812', 'nvd primary local low CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H 7.8'],
  ['CVE-2022-36697', 'nvd primary network low CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H 9.8'],
  ['CVE-2022-36389', 'nvd primary network low CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H 8.8'],
  ['CVE-2022-2991', 'nvd primary local low CVSS:3.1/AV:L/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H 6.7'],
  ['CVE-2022-37095', 'nvd primary network low CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H 9.8'],
  ['CVE-2021-31566', 'nvd primary local low CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H 7.8'],
  ['CVE-2021-3670', 'nvd primary network low CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:H 6.5'],
  ['CVE-2022-35242', 'nvd primary network low CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:L/A:N 5.3'],
  ['CVE-2022-36285', 'nvd primary network low CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H 7.2'],
  ['CVE-2022-35235', 'nvd primary network low CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:N/A:N 4.9'],
  ['CVE-2022-36461', 'nvd primary local low CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H 7.8'],
  ['CVE-2022-36721', 'nvd primary network low CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H 8.8'],
  ['CVE-2022-37317', 'nvd primary network low CVSS:3.1/AV:N/AC:L/PR:L/UI:R/S:C/C:L/I:L/A:N 5.4'],
  [
    'CVE-2022-0090',
    'nvd primary network low CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:N/I:H/A:N 6.5',
    'nvd primary network low AV:N/AC:L/Au:N/C:N/I:P/A:N 5',
  ],
  [
    'CVE-2022-1122',
    'nvd primary local low CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:N/I:N/A:H 5.5',
    'nvd primary network medium AV:N/AC:M/Au:N/C:N/I:N/A:P 4.3',
  ],
  [
    'CVE-2022-29194',
    'nvd primary local low CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:H 5.5',
    'nvd primary local low AV:L/AC:L/Au:N/C:N/I:N/A:P 2.1',
  ],
  [
    'CVE-2020-13595',
    'nvd primary adjacent low CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H 6.5',
    'nvd primary adjacent low AV:A/AC:L/Au:N/C:N/I:N/A:P 3.3',
  ],
  ['CVE-2022-36749'],
  ['CVE-2022-27563'],
];

/** The scores of the four CVEs in the file of `feeds/nvd` in version 2.0 of the format. */
export const NVD_2: Scores = [
  [
    'CVE-2022-0001',
    'nvd primary local low CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:C/C:H/I:N/A:N 6.5',
    '134c704f-9b21-4f2e-91b3-4a467353bcc0 secondary local low CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:C/C:H/I:N/A:N 6.5',
    'nvd primary local low AV:L/AC:L/Au:N/C:P/I:N/A:N 2.1',
  ],
  [
    'CVE-2022-0002',
    'nvd primary local low CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:C/C:H/I:N/A:N 6.5',
    '134c704f-9b21-4f2e-91b3-4a467353bcc0 secondary local low CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:C/C:H/I:N/A:N 6.5',
    'nvd primary local low AV:L/AC:L/Au:N/C:P/I:N/A:N 2.1',
  ],
  [
    'CVE-2022-0004',
    'nvd primary physical low CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H 6.8',
    '134c704f-9b21-4f2e-91b3-4a467353bcc0 secondary physical low CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H 6.8',
    'nvd primary local low AV:L/AC:L/Au:N/C:C/I:C/A:C 7.2',
  ],
  [
    'CVE-2022-1055',
    'cve-coordination@google.com secondary local high CVSS:4.0/AV:L/AC:H/AT:N/PR:L/UI:N/VC:H/VI:H/VA:N/SC:H/SI:H/SA:N/E:X/CR:X/IR:X/AR:X/MAV:X/MAC:X/MAT:X/MPR:X/MUI:X/MVC:X/MVI:X/MVA:X/MSC:X/MSI:X/MSA:X/S:X/AU:X/R:X/V:X/RE:X/U:X 8.6',
    'nvd primary local low CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H 7.8',
    'nvd primary local low AV:L/AC:L/Au:N/C:P/I:P/A:P 4.6',
  ],
];

/** Scores from a page of the API in misc/vunnel-test-fixtures-input. */
export const NVD_PAGE: Scores = [
  [
    'CVE-2023-27314',
    'nvd primary network low CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H 7.5',
    'security-alert@netapp.com secondary network low CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H 7.5',
  ],
  [
    'CVE-2023-45109',
    'nvd primary network low CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H 8.8',
    'audit@patchstack.com secondary network low CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:N/I:L/A:L 5.4',
  ],
  ['CVE-2023-45391', 'nvd primary network low CVSS:3.1/AV:N/AC:L/PR:H/UI:R/S:C/C:L/I:L/A:N 4.8'],
  ['CVE-2023-3706', 'nvd primary network low CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:L/I:N/A:N 4.3'],
  ['CVE-2023-3707', 'nvd primary network low CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:L/I:N/A:N 4.3'],
  ['CVE-2023-3746', 'nvd primary network low CVSS:3.1/AV:N/AC:L/PR:L/UI:R/S:C/C:L/I:L/A:N 5.4'],
  [
    'CVE-2022-22377',
    'nvd primary network high CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:H/I:N/A:N 5.3',
    'psirt@us.ibm.com secondary network high CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:H/I:N/A:N 5.3',
  ],
  [
    'CVE-2021-29913',
    'nvd primary network low CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:L/A:N 7.1',
    'psirt@us.ibm.com secondary network high CVSS:3.1/AV:N/AC:H/PR:L/UI:R/S:C/C:H/I:L/A:N 6.5',
  ],
  [
    'CVE-2021-38859',
    'nvd primary network low CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N 5.3',
    'psirt@us.ibm.com secondary adjacent low CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N 4.3',
  ],
  [
    'CVE-2022-43893',
    'nvd primary local low CVSS:3.1/AV:L/AC:L/PR:H/UI:N/S:U/C:N/I:N/A:H 4.4',
    'psirt@us.ibm.com secondary network low CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:N/I:N/A:L 2.7',
  ],
  ['CVE-2023-43250'],
  ['CVE-2023-45383'],
  ['CVE-2023-46009'],
];

/**
 * CVE, score, percentile, and day of the list. The oldest list has neither the percentile nor the day, and the next
 * list lacks the day.
 */
export const EPSS: Readonly<Record<string, readonly (readonly [string, number, number?, string?])[]>> = {
  'epss_scores-2021-04-14.csv': [
    ['CVE-2020-5902', 0.65117],
    ['CVE-2018-19571', 0.04773],
  ],
  'epss_scores-2021-09-01.csv': [
    ['CVE-2020-5902', 0.65117, 0.9981063485700858],
    ['CVE-2018-19571', 0.04773, 0.8715910818693242],
  ],
  'epss_scores-2022-02-04.csv': [
    ['CVE-2020-5902', 0.96817, 0.99999, '2022-02-04'],
    ['CVE-2018-19571', 0.17187, 0.93112, '2022-02-04'],
  ],
  'epss_scores-2023-03-07.csv': [
    ['CVE-2020-5902', 0.97567, 0.99995, '2023-03-07'],
    ['CVE-2018-19571', 0.00113, 0.43131, '2023-03-07'],
  ],
  'example-1.csv': [
    ['CVE-1999-0001', 0.00383, 0.73075, '2025-02-20'],
    ['CVE-1999-0002', 0.01328, 0.85996, '2025-02-20'],
    ['CVE-1999-0003', 0.04409, 0.9244, '2025-02-20'],
    ['CVE-1999-0004', 0.00917, 0.82963, '2025-02-20'],
    ['CVE-1999-0005', 0.91963, 0.99214, '2025-02-20'],
  ],
};
