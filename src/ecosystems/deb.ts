import type { SystemPackage } from '../model/feature.ts';
import type { Ecosystem } from './ecosystem.ts';
import { isKernelHeaders } from './kernel-headers.ts';
import { systemFeature, systemPurl } from './system-purl.ts';

/** Packages of Debian and Ubuntu. The feeds of both distributions name source packages. */
export const deb: Ecosystem<SystemPackage> = {
  type: 'deb',
  scheme: 'dpkg',
  namespaces: ['debian', 'ubuntu'],
  // Packages with a vendor have no feed, because the detector sets a vendor only for known third parties.
  namespaceOf: ({ vendor, release: own }, release) => (vendor === undefined ? (own ?? release) : ''),
  lines: ({ source }) => [source],
  traits: ({ arch }) => ({ arch, module: '' }),
  purl: systemPurl,
  featureOf: (purl) => (purl.type === 'deb' ? systemFeature('deb', purl) : undefined),
  findingClass: (of) => (isKernelHeaders(of, NAMES, SOURCES) ? 'kernel-headers' : 'package'),
};

/**
 * Matches `linux-libc-dev` and its cross packages, `linux-headers-*`, Ubuntu's `linux-aws-headers-5.15.0-1001`,
 * Debian's `linux-headers-6.1.0-18-common`, and the build scripts `linux-kbuild-*`.
 */
const NAMES = /^linux-(?:libc-dev(?:-.+)?|kbuild-.+|(?:[a-z0-9.+]+-){0,4}headers(?:-.+)?)$/;
const SOURCES = /^linux(?:$|-)/;
