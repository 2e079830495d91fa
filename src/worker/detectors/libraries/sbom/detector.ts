import type { Detector } from '../../detector.ts';
import { INVENTORY_PATH } from '../../packages/sbom/detector.ts';
import { exactPaths } from '../../path-pattern.ts';

/**
 * Placeholder detector for the libraries of an SBOM; the detector `sbom` is the placeholder for the packages of the
 * SBOM. Neither detector reads files of a layer.
 */
export const sbomLibraries: Detector = {
  id: 'sbom-libraries',
  kind: 'features',
  version: 1,
  wants: exactPaths(INVENTORY_PATH),
  read: () => ({ diagnostics: [] }),
};
