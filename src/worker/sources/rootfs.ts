import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { ClairError } from '../../errors.ts';
import type { ImageSource } from './image-source.ts';
import type { LayerSource } from './layer-source.ts';
import { rootfsTar, type RootfsTarOptions } from './rootfs-tar.ts';
import { digestsOf } from './source-digests.ts';

/**
 * Opens a directory that holds a root file system, such as `/`, as an image of one layer: a tar of the wanted paths, see
 * `rootfsTar()`. It is written twice, first for its digest, so what changes in between is a digest that does not match.
 * A directory tells neither a platform nor a name.
 *
 * @throws ClairError `image/target-invalid` when it is no directory; `bytes/…` and the reason of `signal` as
 * `rootfsTar()`, from here or while the layer is read.
 */
export async function openRootfs(directory: string, options: RootfsTarOptions): Promise<ImageSource> {
  if (!statSync(directory).isDirectory()) {
    throw new ClairError('image/target-invalid', `${directory} is no directory, and so no root file system`);
  }
  const where = `root file system ${directory}`;
  const root = directory.replace(/\/+$/, '');
  const open: LayerSource['open'] = async (signal = options.signal) =>
    rootfsTar(root, { ...options, ...(signal && { signal }) });
  const digests = await digestsOf({ where, open }, options.signal);
  return {
    kind: 'rootfs',
    reference: directory,
    target: `rootfs:${resolve(directory)}`,
    digest: digests.diffId,
    platform: 'linux/unknown',
    layers: [{ source: { where, ...digests, open }, ...digests, createdBy: '' }],
    close: async () => {},
  };
}
