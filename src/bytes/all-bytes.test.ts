import { expect, it } from 'vitest';
import { allBytes } from './all-bytes.ts';

it('stops reading and returns undefined beyond the bound', async () => {
  let read = 0;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (const text of ['ab', 'cd', 'ef']) {
      read += text.length;
      yield Buffer.from(text);
    }
  }
  expect((await allBytes(chunks(), 6))?.toString()).toBe('abcdef');
  read = 0;
  expect(await allBytes(chunks(), 3)).toBeUndefined();
  expect(read).toBe(4);
});
