import type { SystemPackage } from '../model/feature.ts';
import type { Ecosystem } from './ecosystem.ts';
import { isKernelHeaders } from './kernel-headers.ts';
import { systemPurl } from './system-purl.ts';

/** Packages of Alpine Linux and of the distributions of Chainguard. Feeds name their source packages (`origin`). */
export const apk: Ecosystem<SystemPackage> = {
  type: 'apk',
  scheme: 'apk',
  namespaces: ['alpine', 'chainguard', 'wolfi'],
  // Virtual packages have no content that could be matched; a vendor is set for known third parties only.
  namespaceOf: (of, release) => (isVirtual(of) || of.vendor !== undefined ? '' : release),
  lines: ({ source }) => [source],
  traits: ({ arch }) => ({ arch, module: '' }),
  purl: systemPurl,
  findingClass: (of) => (isKernelHeaders(of, NAMES, SOURCES) ? 'kernel-headers' : 'package'),
};

/** Whether apk made a package to install others as a group (`apk add --virtual .build-deps …`): it has no content. */
export function isVirtual({ name }: Pick<SystemPackage, 'name'>): boolean {
  return name.startsWith('.');
}

/** `linux-headers`, and `linux-lts-dev` and the like, which modules are built with. */
const NAMES =
  /^linux-(?:headers(?:-.+)?|(?:lts|virt|virthardened|edge|edge4virt|stable|vanilla|hardened|grsec|rpi\d?|asahi)-dev)$/;
const SOURCES = /^linux-(?:headers|lts|virt|virthardened|edge|edge4virt|stable|vanilla|hardened|grsec|rpi\d?|asahi)/;
