import { createHash } from 'node:crypto';
import { type EngineVersion, MAX_FINGERPRINT, versionOfEngine } from '../../model/engine/engine-version.ts';
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

/**
 * The version of the facts that the layer reader adds to each file, such as the digest. Increment it in the same cases
 * as the version of a detector.
 */
const FACTS_VERSION = 6;

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

/**
 * Returns the version of a set of detectors. The version grows whenever a detector is changed or added, and differs for
 * different settings; layers without a current version (`isCurrent()`) are analysed again on their next submission.
 *
 * @param hasFileDigests whether the files of layers are hashed
 */
export function engineVersionOf(detectors: readonly Detector[], hasFileDigests = false): EngineVersion {
  const version = detectors.reduce((sum, each) => sum + each.version, FACTS_VERSION);
  const settings = detectors.flatMap(({ id, settings: text }) => (text === undefined ? [] : [[id, text]]));
  if (hasFileDigests) settings.push(['file-digests', '1']);
  return versionOfEngine(version, settings.length === 0 ? 0 : fingerprintOf(JSON.stringify(settings)));
}

/**
 * Returns a positive number for a text; two different texts have the same number with a probability of one in two
 * million.
 */
function fingerprintOf(text: string): number {
  return (createHash('sha256').update(text).digest().readUInt32BE(0) % MAX_FINGERPRINT) + 1;
}
