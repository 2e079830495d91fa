import { describe, expect, it } from 'vitest';
import { inChunks } from '../testing/tar-builder.ts';
import { partOf } from './partial-response.ts';

const RANGE = { start: 100, end: 110, size: 1000 };
const HEADERS = { 'content-range': 'bytes 100-109/1000' };

async function part(headers: Readonly<Record<string, string>>, bytes = 10): Promise<Uint8Array> {
  return await partOf({ headers, body: inChunks(Buffer.alloc(bytes, 'x'), 4) }, RANGE, 'blob');
}

describe('the response to a request for a part of a blob', () => {
  it('is the part', async () => {
    expect(Buffer.from(await part(HEADERS)).toString()).toBe('xxxxxxxxxx');
    expect(await part({ ...HEADERS, 'content-encoding': 'identity' })).toHaveLength(10);
  });

  it.each<[string, Readonly<Record<string, string>>, number, RegExp]>([
    [
      'of another part',
      { 'content-range': 'bytes 0-9/1000' },
      10,
      /the response has the Content-Range "bytes 0-9\/1000" instead of/,
    ],
    ['of another size', { 'content-range': 'bytes 100-109/2000' }, 10, /instead of "bytes 100-109\/1000"/],
    ['of an unknown size', { 'content-range': 'bytes 100-109/*' }, 10, /instead of/],
    ['without a range', {}, 10, /the response has no Content-Range; expected/],
    ['with a content coding', { ...HEADERS, 'content-encoding': 'gzip' }, 10, /content coding gzip/],
    ['with too many bytes', HEADERS, 11, /longer than the requested 10 bytes/],
    ['with too few bytes', HEADERS, 9, /has 9 of the requested 10 bytes/],
    ['without bytes', HEADERS, 0, /has 0 of the requested 10 bytes/],
  ])('is refused: %s', async (_, headers, bytes, message) => {
    await expect(part(headers, bytes)).rejects.toThrow(message);
  });
});
