import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { noise } from '../testing/noise.ts';
import { type ZipMember, zipOf, zipWith } from '../testing/zip-builder.ts';
import { zipInMemory } from './bytes.ts';
import type { ZipLimits } from './limits.ts';
import { readZip } from './read.ts';
import { createZipTotals, type ZipTotalLimits, type ZipTotals } from './totals.ts';
import { createZipUse } from './use.ts';
import type { ZipVisitor } from './visitor.ts';

/**
 * Reads `.txt` members as content and `.zip` members as archives; returns the read members, and faults with the prefix
 * `!`.
 */
function read(zip: Buffer, limits: Partial<ZipLimits> = {}, totals?: ZipTotals): readonly string[] {
  const found: string[] = [];
  const visitor = (path: string): ZipVisitor => ({
    member: (name) => (name.endsWith('.txt') ? 'content' : name.endsWith('.zip') ? 'archive' : 'skip'),
    content: (name, bytes) => void found.push(`${path}${name}: ${Buffer.from(bytes).toString()}`),
    archive: (name) => visitor(`${path}${name}/`),
    fault: (what) => void found.push(`!${path} ${what}`),
    end: () => {},
  });
  readZip(zipInMemory(zip), visitor(''), createZipUse(limits, totals));
  return found;
}

const A: ZipMember = { name: 'a.txt', content: 'alpha' };
const B: ZipMember = { name: 'b/b.txt', content: 'beta', method: 'stored' };
const DIRECTORY = Buffer.from('PK\u0001\u0002', 'latin1');
const BOTH = ['a.txt: alpha', 'b/b.txt: beta'];

describe('the members of a zip archive are read', () => {
  it.each<[what: string, zip: Buffer]>([
    ['stored and deflated', zipOf(A, { name: 'b/' }, B)],
    ['with their sizes after the content', zipOf({ ...A, descriptor: 'signed' }, { ...B, descriptor: 'unsigned' })],
    ['with Zip64 fields', zipWith({ isZip64: true }, { ...A, isZip64: true }, { ...B, isZip64: true })],
    ['after a script', Buffer.concat([Buffer.from('#!/bin/sh\nexec java -jar $0\n'), zipOf(A, B)])],
    ['after a script, with Zip64 records', Buffer.concat([Buffer.alloc(5000), zipWith({ isZip64: true }, A, B)])],
    [
      'after a script that the offsets include',
      Buffer.concat([Buffer.alloc(100), zipWith({ scriptBytes: 100 }, A, B)]),
    ],
    ['before a comment', zipWith({ comment: 'PK\u0005\u0006'.repeat(20) }, A, B)],
  ])('%s', (_, zip) => {
    expect(read(zip)).toEqual(BOTH);
  });

  it('also in archives inside', () => {
    const inner = zipOf(A);
    const middle = zipOf({ name: 'inner.zip', content: inner }, B);
    expect(read(zipOf({ name: 'middle.zip', content: middle, method: 'stored' }, A))).toEqual([
      'middle.zip/inner.zip/a.txt: alpha',
      'middle.zip/b/b.txt: beta',
      'a.txt: alpha',
    ]);
  });

  it('only if the visitor requests them', () => {
    expect(read(zipOf({ name: 'a.class', deflated: Buffer.from('no deflate') }, A))).toEqual(['a.txt: alpha']);
  });
});

describe('a fault is reported, and the other members are read,', () => {
  const NAME = '"a.txt"';
  it.each<[what: string, member: ZipMember, fault: string, isRead?: boolean]>([
    ['of a damaged member', { ...A, deflated: Buffer.from('no deflate') }, `${NAME} is damaged`],
    ['of a wrong checksum', { ...A, checksum: 1 }, `${NAME} has a wrong checksum`, true],
    ['of a size that is too small', { ...A, size: 2 }, `${NAME} is larger than the stated 2 bytes`],
    ['of a size that is too large', { ...A, size: 100 }, `${NAME} is 5 bytes instead of 100`, true],
    ['of an encrypted member', { ...A, flags: 1 }, `${NAME} is encrypted`],
    ['of another method', { ...A, methodNumber: 9 }, `${NAME} is compressed by method 9, which is not supported`],
    [
      'of a name that differs',
      { ...A, localName: 'c.txt' },
      `${NAME} has a different name or compression method in its local header than in the central directory`,
      true,
    ],
    [
      'of an offset without a member',
      { ...A, offset: 3 },
      `${NAME} is not at the offset that the central directory states`,
    ],
    [
      'of an offset behind the end',
      { ...A, offset: 10_000 },
      `${NAME} is not at the offset that the central directory states`,
    ],
  ])('%s', (_, member, fault, isRead = false) => {
    expect(read(zipOf(member, B))).toEqual([`! ${fault}`, ...(isRead ? ['a.txt: alpha'] : []), 'b/b.txt: beta']);
  });

  it('of a directory that is cut off', () => {
    const zip = zipOf(A, B);
    zip.writeUInt32LE(0, zip.lastIndexOf('PK\u0001\u0002', undefined, 'latin1'));
    expect(read(zip)).toEqual(['a.txt: alpha', '! the archive has a damaged central directory']);
  });

  it('of a member that extends beyond the end', () => {
    const zip = zipOf(A, B);
    zip.writeUInt32LE(10_000, zip.indexOf(DIRECTORY) + 20);
    expect(read(zip)).toEqual(['! "a.txt" extends beyond the end of the archive', 'b/b.txt: beta']);
  });

  it('of a number of members that differs, so that a directory is not cut short', () => {
    const zip = zipOf(A, B);
    const end = zip.length - 22;
    const [first, last] = [zip.indexOf(DIRECTORY), zip.lastIndexOf(DIRECTORY)];
    const cut = Buffer.concat([zip.subarray(0, first), zip.subarray(last)]);
    cut.writeUInt32LE(end - last, cut.length - 10);
    expect(read(cut)).toEqual(['b/b.txt: beta', '! the archive states 2 members but has 1']);
    zip.writeUInt32LE(0, end + 12);
    zip.writeUInt16LE(0, end + 10);
    expect(read(zip)).toEqual(['! the archive has an empty central directory']);
  });

  it('of members in front of the archive', () => {
    const zip = Buffer.concat([zipOf(A), zipOf(B)]);
    expect(read(zip)).toEqual([
      'b/b.txt: beta',
      '! the archive has members before its start that are not in its central directory',
    ]);
  });

  it.each([
    ['no archive', Buffer.from('text')],
    ['an empty file', Buffer.alloc(0)],
    ['an archive without its end', zipOf(A).subarray(0, -1)],
    ['a directory before the start', Buffer.concat([Buffer.alloc(0), zipOf(A).subarray(40)])],
  ])('of %s', (_, zip) => {
    expect(read(zip)).toEqual(['! the archive has no central directory']);
  });

  it('of an archive inside', () => {
    expect(read(zipOf({ name: 'x.zip', content: 'text' }, A))).toEqual([
      '!x.zip/ the archive has no central directory',
      'a.txt: alpha',
    ]);
  });
});

describe('the limit', () => {
  it.each<[what: string, limits: Partial<ZipLimits>, zip: Buffer, found: readonly string[]]>([
    ['of members', { maxMembers: 1 }, zipOf(A, B), ['a.txt: alpha', '! the archive exceeds the limit of 1 members']],
    ['of content', { maxContentBytes: 4 }, zipOf(A, B), ['! "a.txt" exceeds the limit of 4 bytes', 'b/b.txt: beta']],
    [
      'of archives',
      { maxArchives: 1 },
      zipOf({ name: 'x.zip', content: zipOf(A) }, A),
      ['!x.zip/ the archive exceeds the limit of 1 archives', 'a.txt: alpha'],
    ],
    [
      'of depth',
      { maxDepth: 1 },
      zipOf({ name: 'x.zip', content: zipOf({ name: 'y.zip', content: zipOf(A) }, B) }),
      ['!x.zip/ "y.zip" is nested in more than 1 archives', 'x.zip/b/b.txt: beta'],
    ],
    [
      'of the ratio',
      { maxRatio: 10, ratioFreeBytes: 100 },
      zipOf({ name: 'x.zip', content: Buffer.alloc(10_000) }, A),
      ['! "x.zip" inflates to more than 10 times its compressed size', 'a.txt: alpha'],
    ],
    [
      'of memory',
      { maxHeldBytes: 1000 },
      zipOf({ name: 'x.zip', content: noise(1001) }, A),
      ['! "x.zip" would exceed the limit of 1000 bytes in memory', 'a.txt: alpha'],
    ],
    [
      'of read bytes',
      { maxReadBytes: 60 },
      zipOf(A, B),
      ['a.txt: alpha', '! the archive exceeds the limit of 60 bytes to read'],
    ],
    [
      'of the content of all members',
      { maxContentsBytes: 5 },
      zipOf(A, B),
      ['a.txt: alpha', '! "b/b.txt" exceeds the limit of 5 bytes of file contents'],
    ],
  ])('%s ends with a fault', (_, limits, zip, found) => {
    expect(read(zip, limits)).toEqual(found);
  });

  it('of memory counts the archives around an archive', () => {
    const [inner, limits] = [zipOf({ name: 'a.txt', content: noise(500), method: 'stored' }), { maxHeldBytes: 1000 }];
    const nested = zipOf({ name: 'x.zip', content: zipOf({ name: 'y.zip', content: inner }) });
    expect(read(nested, limits)).toEqual(['!x.zip/ "y.zip" would exceed the limit of 1000 bytes in memory']);
    const apart = zipOf({ name: 'x.zip', content: inner }, { name: 'y.zip', content: inner });
    expect(read(apart, limits)).toHaveLength(2);
  });
});

describe('the limit for all files together', () => {
  it.each<[what: string, limits: Partial<ZipTotalLimits>, found: readonly string[]]>([
    [
      'of archives',
      { maxArchives: 1 },
      ['a.txt: alpha', '! the archive exceeds the limit of 1 archives in all archives of the layer'],
    ],
    [
      'of members',
      { maxMembers: 2 },
      ['a.txt: alpha', 'a.txt: alpha', '! the archive exceeds the limit of 2 members in all archives of the layer'],
    ],
    [
      'of read bytes',
      { maxReadBytes: 150 },
      [
        'a.txt: alpha',
        'a.txt: alpha',
        '! the archive exceeds the limit of 150 bytes to read in all archives of the layer',
      ],
    ],
  ])('%s ends with a fault', (_, limits, expected) => {
    const totals = createZipTotals(limits);
    const found = [zipOf(A), zipOf(A, B)].flatMap((zip) => read(zip, {}, totals));
    expect(found).toEqual(expected);
  });
});

describe('a bomb', () => {
  it('of members with the same bytes is read up to the limit', () => {
    const deflated = deflateRawSync(Buffer.alloc(50_000));
    const copies = Array.from({ length: 1000 }, (_, at): ZipMember => {
      return {
        name: at === 0 ? 'a.txt' : `${at}.txt`,
        localName: 'a.txt',
        deflated,
        offset: 0,
        size: 50_000,
        checksum: 0,
      };
    });
    const found = read(zipOf(...copies), { maxContentsBytes: 1_000_000 });
    expect(found.filter((line) => line.startsWith('a.txt: ') || /^\d+\.txt: /.test(line))).toHaveLength(20);
    expect(found.at(-1)).toBe('! "999.txt" exceeds the limit of 1000000 bytes of file contents');
  });

  it('of archives with the same bytes at each depth is read up to the limits of archives and members', () => {
    let zip = zipOf(A);
    for (let depth = 1; depth <= 9; depth += 1) {
      const copies = Array.from({ length: 10 }, (_, at): ZipMember => {
        return { name: `${at}.zip`, localName: '0.zip', content: zip, method: 'stored', offset: 0 };
      });
      zip = Buffer.concat([zipOf(...copies.slice(0, 1)).subarray(0, 35 + zip.length), directoryOf(...copies)]);
    }
    const found = read(zip, { maxMembers: 5000 });
    expect(found).toContain('! the archive exceeds the limit of 5000 members');
    expect(found.some((line) => line.endsWith('is nested in more than 8 archives'))).toBe(true);
    expect(found.length).toBeLessThan(10_000);
    expect(read(zip, { maxArchives: 50 })).toContain('!9.zip/ the archive exceeds the limit of 50 archives');
  });
});

/**
 * Returns the central directory and the end record of an archive whose members all share the bytes of the first member.
 */
function directoryOf(...members: readonly ZipMember[]): Buffer {
  const [first] = members;
  const [whole, one] = [zipOf(...members), zipOf(...(first === undefined ? [] : [first]))];
  const end = Buffer.from(whole.subarray(whole.length - 22 - directorySize(whole)));
  end.writeUInt32LE(one.length - 22 - directorySize(one), end.length - 6);
  return end;
}

function directorySize(zip: Buffer): number {
  return zip.readUInt32LE(zip.length - 10);
}
