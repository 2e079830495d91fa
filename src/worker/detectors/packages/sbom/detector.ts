import type { Detector } from '../../detector.ts';
import { exactPaths } from '../../path-pattern.ts';

/** The path of the SBOM in the only layer of an image that an SBOM describes. */
export const INVENTORY_PATH = '.clair/sbom';

/**
 * Placeholder detector for the packages of an SBOM. The facts about packages come from the document
 * (`src/worker/sboms`), never from a file of a layer: a file at this path in an image is ignored. The version of this
 * detector is the version of the reader.
 */
export const sbom: Detector = {
  id: 'sbom',
  kind: 'packages',
  version: 2,
  wants: exactPaths(INVENTORY_PATH),
  read: () => ({ diagnostics: [] }),
};
