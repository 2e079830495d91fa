import { expect, it } from 'vitest';
import { textLines } from './text-lines.ts';

async function linesOf(text: string | Buffer, chunkBytes: number, maxBytes = 100): Promise<string[]> {
  const bytes = Buffer.from(text);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  }
  const lines: string[] = [];
  for await (const line of textLines(chunks(), 'the export', maxBytes)) lines.push(line);
  return lines;
}

it.each([1, 2, 3, 7, 100])('splits only at line feeds, in chunks of %i bytes', async (chunkBytes) => {
  expect(await linesOf('one\n\ntwo \u20ac\r\n\u2028\n', chunkBytes)).toEqual(['one', '', 'two \u20ac\r', '\u2028']);
});

it.each<[string, string | Buffer, RegExp]>([
  ['an unterminated line', 'one\ntwo', /last line is incomplete/],
  ['a line that is too long', 'one\n123456789\n', /longer than 8 bytes/],
  ['bytes that are not UTF-8', Buffer.from([0x61, 0xff, 0x0a]), /not valid UTF-8/],
])('rejects %s', async (_, text, message) => {
  for (const chunkBytes of [1, 3]) {
    const reading = linesOf(text, chunkBytes, 8);
    await expect(reading).rejects.toMatchObject({ code: 'export/invalid', message: expect.stringMatching(message) });
  }
});
