import type { Detector } from './detector.ts';
import { alpineRelease } from './os/alpine-release.ts';
import { apkRepositories } from './os/apk-repositories.ts';
import { aptSources } from './os/apt-sources.ts';
import { debianVersion } from './os/debian-version.ts';
import { lsbRelease } from './os/lsb-release.ts';
import { osRelease } from './os/os-release.ts';
import { redhatRelease } from './os/redhat-release.ts';
import { systemReleaseCpe } from './os/system-release-cpe.ts';
import { rustPrograms } from './libraries/cargo/detector.ts';
import { composerPackages } from './libraries/composer/detector.ts';
import { condaPackages } from './libraries/conda/detector.ts';
import { gem } from './libraries/gem/detector.ts';
import { goPrograms } from './libraries/golang/detector.ts';
import { javaRuntimes } from './libraries/jvm/detector.ts';
import { javaArchives } from './libraries/maven/detector.ts';
import { npmHiddenLockfile, npmPackages, yarnPlugAndPlay } from './libraries/npm/detector.ts';
import { nugetBundles, nugetPackages } from './libraries/nuget/detector.ts';
import { otpApplications } from './libraries/otp/detector.ts';
import { CLASSIFIERS } from './libraries/programs/classifiers.ts';
import { classifiedPrograms } from './libraries/programs/detector.ts';
import { pypi } from './libraries/pypi/detector.ts';
import { apk } from './packages/apk/detector.ts';
import { directoryLinks } from './packages/directory-links.ts';
import { dpkg } from './packages/dpkg/detector.ts';
import { dpkgFileLists } from './packages/dpkg/file-lists.ts';
import { rpm } from './packages/rpm/detector.ts';
import { contentManifests } from './repositories/content-manifests.ts';

/** The version of the facts that the layer adds to each file, such as its digest; incremented like the version of a detector. */
const FACTS_VERSION = 1;

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
  npmPackages,
  npmHiddenLockfile,
  yarnPlugAndPlay,
  pypi,
  gem,
  composerPackages,
  goPrograms,
  rustPrograms,
  javaArchives,
  nugetPackages,
  nugetBundles,
  otpApplications,
  condaPackages,
  javaRuntimes,
  classifiedPrograms(CLASSIFIERS),
];

/**
 * Returns the version of a set of detectors. The version grows whenever a detector is changed or added; layers analysed
 * with a smaller version are analysed again on their next submission.
 */
export function engineVersionOf(detectors: readonly Detector[]): number {
  return detectors.reduce((sum, { version }) => sum + version, FACTS_VERSION);
}
