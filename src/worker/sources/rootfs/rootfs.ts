import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { ClairError } from '../../../errors.ts';
import type { Detector } from '../../detectors/detector.ts';
import { readLayer } from '../../layer/layer-reader.ts';
import { initialState, nextState } from '../../layer/layer-state.ts';
import { type LinkTarget, MAX_PASSES, unitedTargets } from '../../layer/link-targets.ts';
import type { ImageSource } from '../image-source.ts';
import type { LayerSource } from '../layer-source.ts';
import { rootfsTar, type RootfsTarOptions } from './rootfs-tar.ts';
import { digestsOf } from '../image/source-digests.ts';

export type RootfsOptions = RootfsTarOptions & {
  /**
   * The detectors whose patterns select the files; by default, no detectors. The targets of links at the selected paths
   * are included.
   */
  readonly detectors?: readonly Detector[];
};

/**
 * Opens a directory with a root file system, such as `/`, as an image of one layer: a tar of the wanted paths, see
 * `rootfsTar()`. Writes the tar several times, first to resolve links and to compute its digest, so that a change
 * between two passes results in a digest mismatch. The platform is `linux/unknown`, because a directory states no
 * platform.
 *
 * @throws ClairError `image/target-invalid` when the path is not a directory; `bytes/…` and the abort reason of
 * `signal` as `rootfsTar()`, on opening or while the layer is read.
 */
export async function openRootfs(directory: string, options: RootfsOptions): Promise<ImageSource> {
  if (!statSync(directory).isDirectory()) {
    throw new ClairError('image/target-invalid', `${directory} is not a directory`);
  }
  const where = `root file system ${directory}`;
  const root = directory.replace(/\/+$/, '');
  const opening =
    (targets: readonly LinkTarget[]): LayerSource['open'] =>
    async (signal = options.signal) =>
      rootfsTar(root, {
        ...options,
        wants: [...options.wants, ...targets.map(({ wants }) => wants)],
        ...(signal && { signal }),
      });
  const targets = await targetsOfLinks({ where, opening }, options);
  const open = opening(targets);
  const digests = await digestsOf({ where, open }, options.signal);
  return {
    kind: 'rootfs',
    reference: directory,
    target: `rootfs:${resolve(directory)}`,
    digest: digests.diffId,
    platform: 'linux/unknown',
    layers: [{ source: { where, ...digests, isPartial: true, open }, ...digests, createdBy: '' }],
    close: async () => {},
  };
}

async function targetsOfLinks(
  {
    where,
    opening,
  }: { readonly where: string; readonly opening: (targets: readonly LinkTarget[]) => LayerSource['open'] },
  { detectors = [], signal }: RootfsOptions,
): Promise<readonly LinkTarget[]> {
  let targets: readonly LinkTarget[] = [];
  for (let pass = 0; pass < MAX_PASSES && detectors.length > 0; pass += 1) {
    const source = { where, open: opening(targets) };
    const { contents } = await readLayer(source, detectors, { targets, ...(signal && { signal }) });
    const { gaps } = nextState(initialState({}, targets), contents, detectors);
    if (gaps.length === 0) break;
    targets = unitedTargets(targets, gaps);
  }
  return targets;
}
