import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { inChunks, tarMember, tarOf } from '../../bytes/testing/tar-builder.ts';
import { DETECTORS } from '../detectors/index.ts';
import { readLayer } from './layer-reader.ts';

it('rejects an oversized release file with a diagnostic', async () => {
  const tar = tarOf({ name: 'etc/os-release', content: 'ID=debian\n' });
  const source = { where: 'layer.tar', open: async () => inChunks(tar) };
  const read = async (maxReleaseFileBytes: number): Promise<unknown> =>
    (await readLayer(source, DETECTORS, { limits: { maxReleaseFileBytes } })).contents.entries;
  const message = 'etc/os-release exceeds 9 bytes, so it was not read as a release file';
  const diagnostics = [{ code: 'release-file-unreadable', message, where: 'etc/os-release' }];
  expect(await read(9)).toEqual([{ kind: 'file', path: 'etc/os-release', facts: { diagnostics } }]);
  expect(await read(10)).toMatchObject([{ facts: { release: { ID: 'debian' }, diagnostics: [] } }]);
});

it('rejects an endless layer after the time limit', async () => {
  let opened: AbortSignal | undefined;
  async function* drip(): AsyncGenerator<Uint8Array> {
    for (;;) {
      yield tarMember({ name: 'a' });
      await setTimeout(1);
    }
  }
  const source = {
    where: 'a dripping source',
    open: async (signal?: AbortSignal) => {
      opened = signal;
      return drip();
    },
  };
  await expect(readLayer(source, DETECTORS, { limits: { maxMilliseconds: 50 } })).rejects.toMatchObject({
    code: 'bytes/limit-exceeded',
    message: 'a dripping source: the layer was not read within 0.05 seconds',
  });
  expect(opened?.aborted).toBe(true);
});
