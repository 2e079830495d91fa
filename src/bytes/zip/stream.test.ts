import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { noise } from '../testing/noise.ts';
import { type ZipMember, zipOf, zipWith } from '../testing/zip-builder.ts';
import type { ZipLimits } from './limits.ts';
import { inMemory, streamed } from './testing/read-members.ts';

const A: ZipMember = { name: 'a.txt', content: 'alpha' };
const B: ZipMember = { name: 'b/b.txt', content: 'beta', method: 'stored' };
const FOUND = ['a.txt: alpha', 'b/b.txt: beta', ' ends'];
const SCRIPT = Buffer.from('#!/bin/sh\nexec java -jar $0\n');

it('a streamed archive with more header signatures than the limit ends with a fault', () => {
  const content = Buffer.alloc(4000, 'PK\u0003\u0004', 'latin1');
  const full = {
    name: 'c.class',
    content,
    deflated: deflateRawSync(content, { level: 0 }),
    descriptor: 'signed',
  } as const;
  expect(streamed(zipOf(full, A))).toEqual(['a.txt: alpha', ' ends']);
  expect(streamed(zipOf(full, A), { maxMarks: 100 }, 64)).toEqual([
    '! the archive exceeds the limit of 100 header signatures',
    ' ends',
  ]);
});

describe('a streamed archive is read', () => {
  it.each<[what: string, zip: Buffer]>([
    ['stored and deflated', zipOf(A, { name: 'c/' }, B, { name: 'c.class', content: 'c' })],
    [
      'with sizes after the content',
      zipOf({ ...A, descriptor: 'signed' }, { name: 'c.class', content: 'c', descriptor: 'unsigned' }, B),
    ],
    [
      'with Zip64 fields',
      zipWith({ isZip64: true }, { ...A, isZip64: true, descriptor: 'signed' }, { ...B, isZip64: true }),
    ],
    ['after a script', Buffer.concat([SCRIPT, zipOf(A, B)])],
    ['after a script that the offsets include', Buffer.concat([SCRIPT, zipWith({ scriptBytes: SCRIPT.length }, A, B)])],
    ['before a comment', zipWith({ comment: 'text' }, A, B)],
    ['before a comment, with records of Zip64', zipWith({ comment: 'text', isZip64: true }, A, B)],
  ])('%s', (_, zip) => {
    for (const chunkBytes of [1, 3, 50, zip.length]) expect(streamed(zip, {}, chunkBytes)).toEqual(FOUND);
  });

  it('with the archives inside, large ones in the same way', () => {
    const inner = zipOf(
      A,
      ...[1, 2, 3, 4].map((at): ZipMember => ({ name: `${at}`, content: noise(400), descriptor: 'signed' })),
      B,
    );
    const zip = zipOf({ name: 'x.zip', content: inner, method: 'stored' }, { name: 'y.zip', content: zipOf(B) });
    const expected = [
      ...['a.txt: alpha', 'b/b.txt: beta', ' ends'].map((line) => `x.zip/${line}`),
      'y.zip/b/b.txt: beta',
      'y.zip/ ends',
      ' ends',
    ];
    for (const chunkBytes of [1, 100, zip.length]) {
      for (const maxHeldBytes of [1000, 1_000_000])
        expect(streamed(zip, { maxHeldBytes }, chunkBytes)).toEqual(expected);
    }
  });
});

describe('a streamed member whose sizes follow its content is read', () => {
  it('in each notation, also if the sizes of one notation look like another notation', () => {
    for (let length = 0; length < 60; length += 1) {
      for (const descriptor of ['signed', 'unsigned'] as const) {
        const members = [false, true].map((isZip64): ZipMember => {
          return { name: `${isZip64}.txt`, content: 'a'.repeat(length), descriptor, isZip64 };
        });
        const zip = zipOf(...members, A);
        expect(streamed(zip)).toEqual(inMemory(zip));
      }
    }
  });

  it('after a skipped member that is larger than the memory', () => {
    const zip = zipOf(
      { name: 'lib.so', content: noise(100_000), descriptor: 'signed' },
      { ...A, descriptor: 'signed' },
    );
    expect(streamed(zip, { maxHeldBytes: 1000 }, 4096)).toEqual(['a.txt: alpha', ' ends']);
  });

  it('after a member that contains headers and descriptors', () => {
    const inner = zipOf({ name: 'c.txt', content: 'c', descriptor: 'signed' }, { name: 'd.txt', content: 'd' });
    const deflated = deflateRawSync(inner, { level: 0 });
    const zip = zipOf({ name: 'x.bin', content: inner, deflated, descriptor: 'signed' }, A);
    for (const chunkBytes of [1, 50, zip.length])
      expect(streamed(zip, {}, chunkBytes)).toEqual(['a.txt: alpha', ' ends']);
  });
});

describe('an end that another program may not regard as the end is a fault of a streamed archive', () => {
  const second = zipOf(B);
  const smaller = zipOf(A);
  smaller.writeUInt32LE(smaller.readUInt32LE(smaller.length - 10) - 1, smaller.length - 10);
  const otherSize = zipWith({ isZip64: true }, A);
  otherSize.writeUInt32LE(1, otherSize.length - 10);
  const noLocator = zipWith({ isZip64: true }, A);
  noLocator.writeUInt32LE(0, noLocator.length - 42);

  it.each<[what: string, zip: Buffer, fault: string]>([
    ['another archive', Buffer.concat([zipOf(A), second]), 'is followed by bytes that were not read'],
    ['other bytes', Buffer.concat([zipOf(A), Buffer.from('x')]), 'is followed by bytes that were not read'],
    [
      'other bytes after a comment',
      Buffer.concat([zipWith({ comment: 'text' }, A), Buffer.from('x')]),
      'is followed by bytes that were not read',
    ],
    [
      'another archive in the comment',
      zipWith({ comment: second.toString('latin1') }, A),
      'may have another archive in its comment',
    ],
    ['a comment that is cut off', zipWith({ comment: 'text' }, A).subarray(0, -1), 'is cut off'],
    ['a wrong size of the directory', smaller, 'states a wrong size for its central directory'],
    [
      'other bytes in the directory',
      Buffer.concat([
        zipOf(A, B).subarray(0, -22),
        Buffer.from('PK\u0007\u0008'.padEnd(24, ' ')),
        zipOf(A, B).subarray(-22),
      ]),
      'states a wrong size for its central directory',
    ],
    ['two sizes of the directory', otherSize, 'is damaged'],
    ['no position of the records of Zip64', noLocator, 'is damaged'],
  ])('%s', (what, zip, fault) => {
    const members = what === 'other bytes in the directory' ? FOUND.slice(0, 2) : FOUND.slice(0, 1);
    for (const chunkBytes of [1, 7, zip.length]) {
      expect(streamed(zip, {}, chunkBytes)).toEqual([...members, `! the archive ${fault}`, ' ends']);
    }
  });

  it('as Java reads the last of two archives', () => {
    const zip = Buffer.concat([zipOf(A), second]);
    expect(inMemory(zip)).toEqual([
      'b/b.txt: beta',
      '! the archive has members before its start that are not in its central directory',
      ' ends',
    ]);
  });
});

describe('a fault of a streamed archive', () => {
  const wrongDescriptor = zipOf({ ...A, descriptor: 'signed' }, B);
  wrongDescriptor.writeUInt32LE(1, wrongDescriptor.indexOf('PK\u0007\u0008', 'latin1') + 8);

  it.each<[what: string, zip: Buffer, found: readonly string[]]>([
    ['no archive', Buffer.from('text'), ['! the archive has no members']],
    ['no members in the first MiB', Buffer.alloc(2 ** 21), ['! the archive has no member in its first 1048576 bytes']],
    ['an archive that is cut off', zipOf(A, B).subarray(0, 60), ['a.txt: alpha', '! the archive is cut off']],
    [
      'a member of unknown size that is cut off',
      zipOf({ ...A, descriptor: 'signed' }).subarray(0, 40),
      ['! the archive is cut off in "a.txt", or states a wrong size after this member'],
    ],
    [
      'a damaged member',
      zipOf({ ...A, deflated: Buffer.from('no deflate') }, B),
      ['! "a.txt" is damaged', 'b/b.txt: beta'],
    ],
    [
      'a damaged member of unknown size',
      zipOf({ ...A, deflated: Buffer.from('no deflate'), descriptor: 'signed' }, B),
      ['! "a.txt" is damaged', 'b/b.txt: beta'],
    ],
    [
      'a stored member of unknown size',
      zipOf({ ...B, descriptor: 'signed' }, A),
      ['! the archive does not state the size of the member "b/b.txt"'],
    ],
    [
      'a wrong size after the content',
      wrongDescriptor,
      ['! the archive is cut off in "a.txt", or states a wrong size after this member'],
    ],
    [
      'a wrong inflated size after the content',
      zipOf({ ...A, descriptor: 'signed', size: 4 }, B),
      ['! "a.txt" is larger than the stated 4 bytes', 'b/b.txt: beta'],
    ],
    [
      'a wrong checksum',
      zipOf({ ...A, descriptor: 'signed', checksum: 1 }, B),
      ['! "a.txt" has a wrong checksum', 'a.txt: alpha', 'b/b.txt: beta'],
    ],
    [
      'a name that differs in the directory',
      zipOf({ ...A, localName: 'c.txt' }),
      ['c.txt: alpha', '! the archive has members that differ from its central directory'],
    ],
    [
      'an offset that differs in the directory',
      zipOf(A, { ...B, offset: 1 }),
      [...FOUND.slice(0, 2), '! the archive has members that differ from its central directory'],
    ],
    [
      'members that are not in the directory',
      Buffer.concat([zipOf(A).subarray(0, -22 - 51), zipOf(B)]),
      [...FOUND.slice(0, 2), '! the archive has 2 members, but its central directory lists 1'],
    ],
    [
      'other bytes between members',
      Buffer.concat([zipOf(A).subarray(0, -22 - 51), Buffer.from('text'), zipOf(B)]),
      ['a.txt: alpha', '! the archive is damaged'],
    ],
  ])('is reported: %s', (_, zip, found) => {
    for (const chunkBytes of [Math.ceil(zip.length / 5000), 13 + Math.ceil(zip.length / 100), zip.length]) {
      expect(streamed(zip, {}, chunkBytes)).toEqual([...found, ' ends']);
    }
  });

  it.each<[what: string, limits: Partial<ZipLimits>, zip: Buffer, found: readonly string[]]>([
    ['members', { maxMembers: 1 }, zipOf(A, B), ['a.txt: alpha', '! the archive exceeds the limit of 1 members']],
    ['archives', { maxArchives: 0 }, zipOf(A), ['! the archive exceeds the limit of 0 archives']],
    [
      'depth',
      { maxDepth: 0 },
      zipOf({ name: 'x.zip', content: zipOf(A) }, B),
      ['! "x.zip" is nested in more than 0 archives', 'b/b.txt: beta'],
    ],
    [
      'memory, for a deflated archive',
      { maxHeldBytes: 1000 },
      zipOf({ name: 'x.zip', content: noise(1200) }, A),
      ['! "x.zip" would exceed the limit of 1000 bytes in memory', 'a.txt: alpha'],
    ],
    [
      'memory, for a member of unknown size',
      { maxHeldBytes: 1000 },
      zipOf({ name: 'x.zip', content: noise(1200), descriptor: 'signed' }, A),
      ['! "x.zip" would exceed the limit of 1000 bytes in memory', 'a.txt: alpha'],
    ],
    [
      'expansion, for a member of unknown size',
      { ratioFreeBytes: 50_000 },
      zipOf({ name: 'x.zip', content: Buffer.alloc(60_000), descriptor: 'signed' }, A),
      ['! "x.zip" inflates to more than 100 times its compressed size', 'a.txt: alpha'],
    ],
    ['content', { maxContentBytes: 4 }, zipOf(A, B), ['! "a.txt" exceeds the limit of 4 bytes', 'b/b.txt: beta']],
    [
      'content, for a member of unknown size',
      { maxContentBytes: 4 },
      zipOf({ ...A, descriptor: 'signed' }, B),
      ['! "a.txt" exceeds the limit of 4 bytes', 'b/b.txt: beta'],
    ],
  ])('is the limit of %s', (_, limits, zip, found) => {
    expect(streamed(zip, limits)).toEqual([...found, ' ends']);
  });
});
