import { describe, expect, it } from 'vitest';
import { csvRecords } from './csv-records.ts';

async function read(bytes: Uint8Array | string, size = 1000, maxRecordLength?: number): Promise<(readonly string[])[]> {
  const all = Buffer.from(bytes);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let start = 0; start < all.length; start += size) yield all.subarray(start, start + size);
  }
  const records: (readonly string[])[] = [];
  for await (const record of csvRecords(chunks(), 'list.csv', maxRecordLength)) records.push(record);
  return records;
}

describe('comma-separated values', () => {
  it.each([
    ['an empty text', '', []],
    [
      'plain fields',
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'CRLF line breaks and empty lines',
      'a,b\r\n\r\n\n1,2\r\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'empty fields',
      ',\na,,"",\n',
      [
        ['', ''],
        ['a', '', '', ''],
      ],
    ],
    ['a comma and a line break in quotes', '"a,b","c\nd\r\ne",f\n', [['a,b', 'c\nd\r\ne', 'f']]],
    ['quotes in quotes', '"a ""b"", c",""""\n', [['a "b", c', '"']]],
    ['quotes in quotes around a line break', '"a ""\n"" b"\nc\n', [['a "\n" b'], ['c']]],
    ['a byte order mark', '\ufeffa,b\n', [['a', 'b']]],
    [
      'characters of several bytes',
      '"é",€\n𝄞,x\n',
      [
        ['é', '€'],
        ['𝄞', 'x'],
      ],
    ],
    ['quotes in an unquoted field', 'a,b"c"d,e\n', [['a', 'b"c"d', 'e']]],
    ['text after a closing quote', 'a,"b"c,d\n', [['a', '"b"c', 'd']]],
  ])('%s', async (_, text, expected) => {
    for (const size of [1, 2, 3, 1000]) expect(await read(text, size)).toEqual(expected);
  });

  it.each([
    ['a truncated line', 'a,b\n1,2', 'feed/truncated'],
    ['a truncated quoted field', 'a,b\n"1\n', 'feed/truncated'],
    ['a truncated character', Buffer.from('a\né').subarray(0, 3), 'feed/invalid'],
    ['bytes that are not UTF-8', Uint8Array.of(0x61, 0xff, 0x0a), 'feed/invalid'],
  ])('are rejected with %s', async (_, bytes, code) => {
    await expect(read(bytes, 1)).rejects.toMatchObject({ code });
  });

  it('have a limit on each record', async () => {
    expect(await read('12345\n12345\n', 1, 5)).toHaveLength(2);
    await expect(read('123456\n', 1, 5)).rejects.toMatchObject({ code: 'feed/limit-exceeded' });
    await expect(read('123456\n', 1000, 5)).rejects.toMatchObject({ code: 'feed/limit-exceeded' });
    await expect(read('"1234\n678', 1, 5)).rejects.toMatchObject({ code: 'feed/limit-exceeded' });
  });
});
