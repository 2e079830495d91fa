import { expect, it } from 'vitest';
import { inChunks, tarOf } from '../../bytes/testing/tar-builder.ts';
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
