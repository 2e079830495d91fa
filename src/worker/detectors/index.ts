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
import { executables } from './libraries/executables/detector.ts';
import { gem } from './libraries/gem/detector.ts';
import { goPrograms } from './libraries/golang/detector.ts';
import { javaRuntimes } from './libraries/jvm/detector.ts';
import { javaArchives } from './libraries/maven/detector.ts';
import { npmHiddenLockfile, npmPackages, yarnPlugAndPlay } from './libraries/npm/detector.ts';
import { nugetBundles, nugetPackages } from './libraries/nuget/detector.ts';
import { otpApplications } from './libraries/otp/detector.ts';
import type { Classifier } from './libraries/programs/classifier.ts';
import { classifiersWith } from './libraries/programs/classifiers.ts';
import { classifiedPrograms } from './libraries/programs/detector.ts';
import { pypi } from './libraries/pypi/detector.ts';
import { sbomLibraries } from './libraries/sbom/detector.ts';
import { apk } from './packages/apk/detector.ts';
import { directoryLinks } from './packages/directory-links.ts';
import { dpkg } from './packages/dpkg/detector.ts';
import { dpkgFileLists } from './packages/dpkg/file-lists.ts';
import { rpm } from './packages/rpm/detector.ts';
import { sbom } from './packages/sbom/detector.ts';
import { contentManifests } from './repositories/content-manifests.ts';

/** The detectors without settings. */
const OTHER_DETECTORS: readonly Detector[] = [
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
  sbom,
  contentManifests,
  npmPackages,
  npmHiddenLockfile,
  yarnPlugAndPlay,
  pypi,
  gem,
  composerPackages,
  goPrograms,
  rustPrograms,
  executables,
  javaArchives,
  nugetPackages,
  nugetBundles,
  otpApplications,
  condaPackages,
  javaRuntimes,
  sbomLibraries,
];

/** The Clair detectors, without user classifiers. */
export const DETECTORS: readonly Detector[] = detectorsWith([]);

/**
 * Returns the Clair detectors with the user's classifiers. Classifiers do not change which files are wanted, so layers
 * may be recorded with {@link DETECTORS}.
 */
export function detectorsWith(classifiers: readonly Classifier[]): readonly Detector[] {
  return [...OTHER_DETECTORS, classifiedPrograms(classifiersWith(classifiers), classifiers)];
}
