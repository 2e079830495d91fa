import { createHash } from 'node:crypto';
import { type EngineVersion, MAX_FINGERPRINT, versionOfEngine } from '../../model/engine/engine-version.ts';
import type { Detector } from './detector.ts';
import type { Classifier } from './libraries/programs/classifier.ts';

/**
 * The version of the facts that the layer reader adds to each file, such as the digest. Increment it in the same cases
 * as the version of a detector.
 */
const FACTS_VERSION = 6;

/**
 * The versions of the Clair detectors, by id, in the order of the detectors. They are listed here again, because a scan
 * of an indexed image needs only the versions, and loading the detectors is a large part of the time of such a scan.
 */
const DETECTOR_VERSIONS: Readonly<Record<string, number>> = {
  'os-release': 1,
  'lsb-release': 1,
  'redhat-release': 1,
  'system-release-cpe': 1,
  'alpine-release': 1,
  'debian-version': 1,
  'apt-sources': 1,
  'apk-repositories': 2,
  dpkg: 4,
  'dpkg-file-lists': 2,
  'directory-links': 1,
  apk: 4,
  rpm: 5,
  sbom: 2,
  'content-manifests': 1,
  'npm-packages': 3,
  'npm-hidden-lockfile': 1,
  'yarn-plug-and-play': 3,
  pypi: 2,
  gem: 1,
  'composer-packages': 2,
  'go-programs': 2,
  'rust-programs': 1,
  executables: 1,
  'java-archives': 7,
  'nuget-packages': 1,
  'nuget-bundles': 1,
  'otp-applications': 1,
  'conda-packages': 2,
  'java-runtimes': 2,
  'sbom-libraries': 1,
  'classified-programs': 3,
};

/** The Clair detectors, without settings. */
export const LISTED_DETECTORS: readonly VersionedDetector[] = Object.entries(DETECTOR_VERSIONS).map(
  ([id, version]) => ({ id, version }),
);

/** The parts of a detector that determine the version of the engine. */
export type VersionedDetector = Pick<Detector, 'id' | 'version' | 'settings'>;

/**
 * Returns the version of a set of detectors. The version grows whenever a detector is changed or added, and differs for
 * different settings; layers without a current version (`isCurrent()`) are analysed again on their next submission.
 *
 * @param hasFileDigests whether the files of layers are hashed
 */
export function engineVersionOf(detectors: readonly VersionedDetector[], hasFileDigests = false): EngineVersion {
  const version = detectors.reduce((sum, each) => sum + each.version, FACTS_VERSION);
  const settings = detectors.flatMap(({ id, settings: text }) => (text === undefined ? [] : [[id, text]]));
  if (hasFileDigests) settings.push(['file-digests', '1']);
  return versionOfEngine(version, settings.length === 0 ? 0 : fingerprintOf(JSON.stringify(settings)));
}

/** Returns what {@link engineVersionOf} returns for the Clair detectors with the user's classifiers. */
export function engineVersionWith(classifiers: readonly Classifier[], hasFileDigests = false): EngineVersion {
  const detectors = LISTED_DETECTORS.map((each) =>
    each.id === 'classified-programs' ? { ...each, ...settingsOfClassifiers(classifiers) } : each,
  );
  return engineVersionOf(detectors, hasFileDigests);
}

/** Returns the settings of the detector of programs that the user's classifiers recognise. */
export function settingsOfClassifiers(own: readonly Classifier[]): Pick<Detector, 'settings'> {
  return own.length > 0 ? { settings: JSON.stringify(own) } : {};
}

/**
 * Returns a positive number for a text; two different texts have the same number with a probability of one in two
 * million.
 */
function fingerprintOf(text: string): number {
  return (createHash('sha256').update(text).digest().readUInt32BE(0) % MAX_FINGERPRINT) + 1;
}
