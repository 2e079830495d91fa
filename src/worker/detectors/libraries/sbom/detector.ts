import type { Detector } from '../../detector.ts';
import { INVENTORY_PATH } from '../../packages/sbom/detector.ts';
import { exactPaths } from '../../path-pattern.ts';

/** Stands for the libraries in a software bill of materials, as `sbom` stands for its packages. */
export const sbomLibraries: Detector = {
  id: 'sbom-libraries',
  kind: 'features',
  version: 1,
  wants: exactPaths(INVENTORY_PATH),
  read: () => ({ diagnostics: [] }),
};
