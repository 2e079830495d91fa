import type { Detector } from './detector.ts';
import { alpineRelease } from './os/alpine-release.ts';
import { apkRepositories } from './os/apk-repositories.ts';
import { aptSources } from './os/apt-sources.ts';
import { debianVersion } from './os/debian-version.ts';
import { lsbRelease } from './os/lsb-release.ts';
import { osRelease } from './os/os-release.ts';
import { redhatRelease } from './os/redhat-release.ts';
import { systemReleaseCpe } from './os/system-release-cpe.ts';
import { apk } from './packages/apk/detector.ts';
import { directoryLinks } from './packages/directory-links.ts';
import { dpkg } from './packages/dpkg/detector.ts';
import { dpkgFileLists } from './packages/dpkg/file-lists.ts';
import { rpm } from './packages/rpm/detector.ts';
import { contentManifests } from './repositories/content-manifests.ts';

/** The list of the detectors. */
export const DETECTORS: readonly Detector[] = [
  osRelease,
  lsbRelease,
  redhatRelease,
  systemReleaseCpe,
  alpineRelease,
  debianVersion,
  aptSources,
  apkRepositories,
  dpkg,
  dpkgFileLists,
  directoryLinks,
  apk,
  rpm,
  contentManifests,
];

/**
 * The version of a set of detectors: it grows whenever one of them is raised or added, and layers that were analysed
 * with a smaller one are analysed again when they are submitted next.
 */
export function engineVersionOf(detectors: readonly Detector[]): number {
  return detectors.reduce((sum, { version }) => sum + version, 0);
}
