import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { tarMember } from '../../bytes/testing/tar-builder.ts';
import { DETECTORS } from '../detectors/index.ts';
import { readLayer } from './layer-reader.ts';

it('gives up an endless layer after a bounded time', async () => {
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
