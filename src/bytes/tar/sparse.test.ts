import { describe, expect, it } from 'vitest';

import { inChunks, type Member, pax, paxRecord, tarHeader, tarOf } from '../testing/tar-builder.ts';
import { ClairError } from '../../errors.ts';
import { walkTar } from './walk.ts';
import type { TarEntry } from './entry.ts';

async function walk(
  archive: Buffer,
  maxFileBytes: number = 1000,
): Promise<{ seen: TarEntry[]; content: string } | string> {
  const seen: TarEntry[] = [];
  const contents: Uint8Array[] = [];
  const visitor = {
    entry: (entry: TarEntry) => seen.push(entry) > 0,
    content: (_: TarEntry, bytes: Uint8Array) => void contents.push(bytes),
  };
  try {
    await walkTar(inChunks(archive), visitor, { where: 'layer.tar', limits: { maxFileBytes } });
  } catch (error) {
    return error instanceof ClairError ? `${error.code}: ${error.message}` : String(error);
  }
  return { seen, content: Buffer.concat(contents).toString() };
}

describe('sparse files', () => {
  const octal = (value: number): string => `${value.toString(8).padStart(11, '0')}\0`;
  const expected = `${'\0'.repeat(10)}ab${'\0'.repeat(8)}c`;

  function oldGnu(parts: readonly (readonly [number, number])[], extended: boolean): Buffer {
    const map = Buffer.alloc(109);
    map.write(parts.map(([offset, length]) => octal(offset) + octal(length)).join(''));
    map[96] = extended ? 1 : 0;
    map.write(octal(21), 97);
    return tarHeader({ name: 's', type: 'S', size: 3, format: 'gnu', patch: { at: 386, bytes: map } });
  }

  function extension(parts: readonly (readonly [number, number])[]): Buffer {
    const block = Buffer.alloc(512);
    block.write(parts.map(([offset, length]) => octal(offset) + octal(length)).join(''));
    return block;
  }

  const body = Buffer.concat([Buffer.from('abc')], 512);
  const noName = { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '21' };

  it.each<[string, (Member | Buffer)[]]>([
    [
      'old GNU',
      [
        oldGnu(
          [
            [10, 2],
            [20, 1],
          ],
          false,
        ),
        body,
      ],
    ],
    ['old GNU with an extension block', [oldGnu([[10, 2]], true), extension([[20, 1]]), body]],
    [
      'PAX 0.0',
      [
        {
          name: 'x',
          type: 'x',
          content:
            paxRecord('GNU.sparse.size', '21') +
            [10, 2, 20, 1]
              .map((number, index) =>
                paxRecord(`GNU.sparse.${index % 2 === 0 ? 'offset' : 'numbytes'}`, String(number)),
              )
              .join(''),
        },
        { name: 's', content: 'abc' },
      ],
    ],
    [
      'PAX 0.1',
      [
        pax({ 'GNU.sparse.size': '21', 'GNU.sparse.map': '10,2,20,1', 'GNU.sparse.name': 's' }),
        { name: 'GNUSparseFile.1/s', content: 'abc' },
      ],
    ],
    [
      'PAX 1.0',
      [
        pax({ ...noName, 'GNU.sparse.name': 's' }),
        { name: 'GNUSparseFile.1/s', content: `${'2\n10\n2\n20\n1\n'.padEnd(512, '\0')}abc` },
      ],
    ],
  ])('%s: fills holes with zeros', async (_, members) => {
    const walked = await walk(tarOf(...members, { name: 'next' }));
    expect(walked).toEqual({
      seen: [
        { kind: 'file', path: 's', size: 21 },
        { kind: 'file', path: 'next', size: 0 },
      ],
      content: expected,
    });
  });

  it.each<[string, (Member | Buffer)[]]>([
    ['a part beyond the end of the file', [oldGnu([[19, 3]], false), body]],
    [
      'parts that overlap',
      [
        oldGnu(
          [
            [10, 2],
            [11, 1],
          ],
          false,
        ),
        body,
      ],
    ],
    [
      'more parts than are stored',
      [
        oldGnu(
          [
            [1, 2],
            [9, 4],
          ],
          false,
        ),
        body,
      ],
    ],
    ['a missing map', [pax(noName), { name: 's', content: 'abc' }]],
  ])('%s: is corrupt', async (_, members) => {
    expect(await walk(tarOf(...members))).toMatch(/^bytes\/corrupt: layer\.tar: member "s": the sparse map/);
  });

  it.each<[string, Record<string, string>, string]>([
    ['is read as stored if its real size is empty', { 'GNU.sparse.realsize': '' }, 'abc'],
    [
      'has its other size if its real size is empty',
      { 'GNU.sparse.realsize': '', 'GNU.sparse.size': '21', 'GNU.sparse.map': '10,2,20,1' },
      expected,
    ],
  ])('%s', async (_, records, content) => {
    expect(await walk(tarOf(pax(records), { name: 's', content: 'abc' }))).toEqual({
      seen: [expect.objectContaining({ kind: 'file', path: 's', size: content.length })],
      content,
    });
  });

  it('is limited by its real size', async () => {
    const message = await walk(tarOf(oldGnu([[10, 2]], false), body), 20);
    expect(message).toBe('bytes/limit-exceeded: layer.tar: member "s": more than 20 bytes');
  });
});
