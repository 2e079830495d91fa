import type { SystemPackage } from '../model/feature.ts';
import type { Ecosystem } from './ecosystem.ts';
import { isKernelHeaders } from './kernel-headers.ts';
import { systemFeature, systemPurl } from './system-purl.ts';

/** Packages of Alpine Linux and the Chainguard distributions. Feeds name the source packages (`origin`). */
export const apk: Ecosystem<SystemPackage> = {
  type: 'apk',
  scheme: 'apk',
  namespaces: ['alpine', 'chainguard', 'wolfi'],
  // Virtual packages have no content to match. Packages with a vendor have no feed, because the detector sets a vendor
  // only for known third parties.
  namespaceOf: (of, release) => (isVirtual(of) || of.vendor !== undefined ? '' : (of.release ?? release)),
  lines: ({ source }) => [source],
  traits: ({ arch }) => ({ arch, module: '' }),
  purl: systemPurl,
  featureOf: (purl) => (purl.type === 'apk' || purl.type === 'alpine' ? systemFeature('apk', purl) : undefined),
  findingClass: (of) => (isKernelHeaders(of, NAMES, SOURCES) ? 'kernel-headers' : 'package'),
};

/**
 * Returns whether a package is a group without content, such as a group that `apk add --virtual .build-deps …` creates.
 */
export function isVirtual({ name }: Pick<SystemPackage, 'name'>): boolean {
  return name.startsWith('.');
}

/** Matches the `linux-headers` packages, and packages for building kernel modules, such as `linux-lts-dev`. */
const NAMES =
  /^linux-(?:headers(?:-.+)?|(?:lts|virt|virthardened|edge|edge4virt|stable|vanilla|hardened|grsec|rpi\d?|asahi)-dev)$/;
const SOURCES = /^linux-(?:headers|lts|virt|virthardened|edge|edge4virt|stable|vanilla|hardened|grsec|rpi\d?|asahi)/;
