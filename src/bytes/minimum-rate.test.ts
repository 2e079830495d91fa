import { expect, it } from 'vitest';
import { allBytes } from './all-bytes.ts';
import { atLeast } from './minimum-rate.ts';

it('rejects a sender below the rate and reads other senders to the end', async () => {
  const slow = { code: 'submission/upload-slow', where: 'a.tar' } as const;
  async function* dripping(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('x');
    await new Promise(() => undefined);
  }
  const rate = { bytes: 10, window: 50 };
  await expect(allBytes(atLeast(dripping(), rate, slow), 99)).rejects.toMatchObject({
    code: 'submission/upload-slow',
    message: 'a.tar: too slow: 1 bytes in 50 ms, minimum 10 bytes',
  });
  async function* quick(): AsyncGenerator<Uint8Array> {
    for (let count = 0; count < 2; count += 1) yield Buffer.alloc(10);
  }
  async function* small(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('x');
  }
  expect((await allBytes(atLeast(small(), rate, slow), 99))?.length).toBe(1);
  expect((await allBytes(atLeast(quick(), rate, slow), 99))?.length).toBe(20);
});
