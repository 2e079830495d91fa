import type { Severity } from '../../../../src/model/severity.ts';
import type { Status } from '../../../../src/model/advisories/status.ts';

/** The tracker's state of a CVE in one package of one release; no state means not affected. */
export type ExpectedState =
  | readonly [cve: string, name: string, release: string]
  | readonly [cve: string, name: string, release: string, status: Status, severity: Severity, fixed?: string];

/** States copied manually from the tracker files of 2020-04, one or more for each form of a state. */
export const UBUNTU_STATES: readonly ExpectedState[] = [
  // released, in the archive
  ['CVE-2007-3511', 'mozilla-thunderbird', '7.04', 'fixed', 'Low', '1.5.0.13+1.5.0.14b-0ubuntu0.7.04'],
  ['CVE-2015-2573', 'mariadb-5.5', '14.04', 'fixed', 'Medium', '5.5.46-1ubuntu0.14.04.2'],
  ['CVE-2015-4025', 'php5', '14.04', 'fixed', 'Low', '5.5.9+dfsg-1ubuntu4.11'],
  // released or ignored, with a priority for the package, or for the package in one release
  ['CVE-2016-9905', 'thunderbird', '16.04', 'fixed', 'Low', '1:45.7.0+build1-0ubuntu0.16.04.1'],
  ['CVE-2008-0166', 'openssh', '6.06', 'fixed', 'Medium', '1:4.2p1-7ubuntu3.4'],
  ['CVE-2008-0166', 'openssh', '8.04', 'fixed', 'Critical', '1:4.7p1-8ubuntu1.1'],
  ['CVE-2009-3938', 'poppler', '10.04', 'ignored', 'Negligible'],
  // released, with no version or with two
  ['CVE-2016-4021', 'pgpdump', '12.04', 'unknown', 'Low'],
  // released, for subscribers only
  ['CVE-2018-7757', 'linux-lts-trusty', '12.04', 'fixed-for-subscribers', 'Medium', '3.13.0-153.203~precise1'],
  ['CVE-2019-15902', 'linux-lts-xenial', '14.04', 'fixed-for-subscribers', 'Medium', '4.4.0-166.195~14.04.1'],
  ['CVE-2019-16056', 'python2.7', '14.04', 'fixed-for-subscribers', 'Medium', '2.7.6-8ubuntu0.6+esm3'],
  ['CVE-2015-9253', 'php5', '14.04', 'fixed-for-subscribers', 'Low', '5.5.9+dfsg-1ubuntu4.29+esm10'],
  // out of support in the archive; for subscribers not affected from a version on
  ['CVE-2019-10149', 'exim4', '14.04', 'fixed', 'Medium', '4.82-3ubuntu2.4'],
  // pending
  ['CVE-2019-14615', 'linux-gke-5.3', '18.04', 'pending', 'Medium', '5.3.0-1012.13~18.04.1'],
  // needed
  ['CVE-2019-13161', 'asterisk', '18.04', 'open', 'Medium'],
  ['CVE-2018-11236', 'glibc', '16.04', 'open', 'Medium'],
  ['CVE-2018-11236', 'glibc', '18.04', 'open', 'Medium'],
  // needed and needs-triage, after end of life; the oldest file has no priority
  ['CVE-2007-0160', 'centericq', '6.10', 'end-of-life', 'Unknown'],
  ['CVE-2009-4112', 'cacti', '8.10', 'end-of-life', 'Negligible'],
  // deferred
  ['CVE-2019-19816', 'linux-raspi2', '16.04', 'postponed', 'Low'],
  // needs-triage
  ['CVE-2020-10029', 'glibc', '18.04', 'under-investigation', 'Medium'],
  ['CVE-2020-1752', 'glibc', '16.04', 'under-investigation', 'Medium'],
  // ignored, with and without a reason
  ['CVE-2013-0913', 'linux-linaro-shared', '12.10', 'ignored', 'Medium'],
  ['CVE-2015-3871', 'android', '15.10', 'ignored', 'Negligible'],
  ['CVE-2014-3646', 'linux-manta', '14.04', 'ignored', 'High'],
  ['CVE-2017-16648', 'linux-goldfish', '14.04', 'ignored', 'Low'],
  ['CVE-2012-3712', 'qtwebkit-source', '12.04', 'ignored', 'Medium'],
  ['CVE-2011-2811', 'qt4-x11', '10.04', 'ignored', 'Negligible'],
  ['CVE-2019-15903', 'apache2', '19.04', 'ignored', 'Medium'],
  ['CVE-2010-1405', 'chromium-browser', '11.04', 'ignored', 'Low'],
  ['CVE-2013-6650', 'libv8-3.14', '18.04', 'ignored', 'Medium'],
  ['CVE-2010-4249', 'linux-ec2', '10.10', 'ignored', 'Medium'],
  // ignored because of end of life, with and without a subscriber remark
  ['CVE-2014-0218', 'moodle', '15.10', 'end-of-life', 'Medium'],
  ['CVE-2015-3008', 'asterisk', '12.04', 'end-of-life', 'Medium'],
  ['CVE-2019-12106', 'minissdpd', '14.04', 'end-of-life', 'Medium'],
  ['CVE-2014-9886', 'linux-lts-quantal', '12.04', 'end-of-life', 'Medium'],
  ['CVE-2019-14896', 'linux-gcp-edge', '18.04', 'end-of-life', 'Medium'],
  ['CVE-2019-15217', 'linux-hwe-edge', '18.04', 'end-of-life', 'Negligible'],
  ['CVE-2017-18379', 'linux', '14.04', 'end-of-life', 'Medium'],
  ['CVE-2015-0255', 'vnc4', '14.04', 'end-of-life', 'Medium'],
  ['CVE-2019-19447', 'linux-lts-trusty', '12.04', 'end-of-life', 'Low'],
  // not-affected, with a version and without, in the archive and for subscribers
  ['CVE-2011-0126', 'webkitgtk', '16.04'],
  ['CVE-2011-2483', 'john', '14.04'],
  ['CVE-2018-3278', 'mysql-5.5', '14.04'],
  ['CVE-2020-10108', 'twisted', '12.04'],
  ['CVE-2016-2815', 'thunderbird', '12.04'],
  ['CVE-2019-12735', 'vim', '14.04'],
];
