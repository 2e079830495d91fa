/**
 * The version of the engine that analysed a layer. The engine version is the version of the detectors, below
 * {@link FAMILY}, plus the fingerprint of the user's classifiers times {@link FAMILY}. The version is one number,
 * because the version is part of the keys of layers and their contents. Versions with the same classifiers form a range
 * of these keys, so each query needs only an index, and instances with different classifiers can share a database.
 * Without classifiers, the number is the version of the detectors.
 */
export type EngineVersion = number;

/** The number of versions per fingerprint; higher than the sum of the versions of all detectors. */
const FAMILY = 1024;

/**
 * The maximum fingerprint. With {@link FAMILY} versions per fingerprint, the largest version is the largest 32-bit SQL
 * integer.
 */
export const MAX_FINGERPRINT: number = 2 ** 21 - 1;

/**
 * Returns the engine version for a version of the detectors and a fingerprint of the user's classifiers.
 *
 * @param detectors the version of the detectors, below 1024
 * @param fingerprint a number up to {@link MAX_FINGERPRINT}; 0 without user classifiers
 */
export function versionOfEngine(detectors: number, fingerprint: number): EngineVersion {
  if (detectors >= FAMILY)
    throw new Error(`the version of the detectors is ${detectors}, which is not below ${FAMILY}`);
  return FAMILY * fingerprint + detectors;
}

/**
 * Returns the inclusive range of the versions whose layers an engine need not analyse again. These versions have the
 * same classifiers and the same or newer detectors.
 */
export function currentVersions(engine: EngineVersion): readonly [first: EngineVersion, last: EngineVersion] {
  return [engine, FAMILY * Math.floor(engine / FAMILY) + FAMILY - 1];
}

/** Returns whether an engine need not analyse a layer again. */
export function isCurrent(layer: { readonly engineVersion: EngineVersion }, engine: EngineVersion): boolean {
  const [first, last] = currentVersions(engine);
  return layer.engineVersion >= first && layer.engineVersion <= last;
}
