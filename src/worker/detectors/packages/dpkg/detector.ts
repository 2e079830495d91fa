import type { Detector } from '../../detector.ts';
import { childrenOf, exactPaths } from '../../path-pattern.ts';
import { readDpkgStatus } from './parse-status.ts';

/**
 * Reads dpkg's package databases: the file `status`, and the directory `status.d` of distroless images with one file
 * for each package.
 */
export const dpkg: Detector = {
  id: 'dpkg',
  kind: 'packages',
  version: 4,
  wants: [...exactPaths('var/lib/dpkg/status'), ...childrenOf('var/lib/dpkg/status.d')],
  read: readDpkgStatus,
  coverage: {
    use: 'matched by source package and version',
    notes: [
      'The third word of `Status` determines whether a package is installed.',
      '**Signed kernels and boot loaders** of Debian and Ubuntu come from source packages that contain only signatures (`linux-signed-amd64`, `grub-efi-amd64-signed`, `shim-signed`), which no feed lists. Clair matches these packages under the source package of the unsigned build: `linux-signed-amd64` 6.1.170+3 is matched as `linux` 6.1.170-3. Metapackages such as `linux-meta` contain no kernel and are matched by their own name.',
    ],
  },
};
