import { expect, it } from 'vitest';
import { createTextStore } from './text-store.ts';

const MEBIBYTE = 1024 * 1024;

it.each([
  ['in memory', 64 * MEBIBYTE],
  ['partly in a file', 2 * MEBIBYTE],
  ['in a file', 0],
])('returns every text %s, also one larger than the rest of a chunk or than a chunk', (_, memoryBytes) => {
  const sizes = [0, 1, MEBIBYTE - 2, 1, 2, MEBIBYTE, MEBIBYTE + 1, 3, 3 * MEBIBYTE];
  const texts = sizes.map((size, index) => `${index}é€𝄞${String.fromCharCode(97 + index).repeat(size)}`);
  const store = createTextStore(memoryBytes);
  const stored = texts.map(store.put);
  expect(stored.map(store.get).map((text, index) => text === texts[index])).toEqual(texts.map(() => true));
  store.close();
});
