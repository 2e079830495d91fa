import fc from 'fast-check';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { noise } from '../testing/noise.ts';
import { type ZipMember, zipOf, zipWith } from '../testing/zip-builder.ts';
import { zipInMemory } from './bytes.ts';
import type { ZipLimits } from './limits.ts';
import { readZip } from './read.ts';
import { ZipStream } from './stream.ts';
import { createZipUse } from './use.ts';
import type { ZipVisitor } from './visitor.ts';

/**
 * Reads `.txt` members as content and `.zip` members as archives; returns the read members, with faults after an `!`.
 */
function recorder(): { readonly found: string[]; readonly visitor: ZipVisitor } {
  const found: string[] = [];
  const visitor = (path: string): ZipVisitor => ({
    member: (name) => (name.endsWith('.txt') ? 'content' : name.endsWith('.zip') ? 'archive' : 'skip'),
    content: (name, bytes) => void found.push(`${path}${name}: ${Buffer.from(bytes).toString('latin1')}`),
    archive: (name) => visitor(`${path}${name}/`),
    fault: (what) => void found.push(`!${path} ${what}`),
    end: () => void found.push(`${path} ends`),
  });
  return { found, visitor: visitor('') };
}

function inMemory(zip: Buffer, limits: Partial<ZipLimits> = {}): readonly string[] {
  const { found, visitor } = recorder();
  readZip(zipInMemory(zip), visitor, createZipUse(limits));
  return found;
}

function streamed(zip: Buffer, limits: Partial<ZipLimits> = {}, chunkBytes = zip.length): readonly string[] {
  const { found, visitor } = recorder();
  const stream = new ZipStream(visitor, createZipUse(limits));
  for (let at = 0; at < zip.length; at += chunkBytes) stream.write(zip.subarray(at, at + chunkBytes));
  stream.end();
  return found;
}

const A: ZipMember = { name: 'a.txt', content: 'alpha' };
const B: ZipMember = { name: 'b/b.txt', content: 'beta', method: 'stored' };
const FOUND = ['a.txt: alpha', 'b/b.txt: beta', ' ends'];
const SCRIPT = Buffer.from('#!/bin/sh\nexec java -jar $0\n');

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

  it('as an archive in memory, whatever its members and chunks are', () => {
    const member = fc.record({
      name: fc.constantFrom('a.txt', 'b/c.txt', 'd.class', 'e/', 'f.bin'),
      content: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      descriptor: fc.constantFrom(undefined, 'signed' as const, 'unsigned' as const),
      method: fc.constantFrom('stored' as const, 'deflated' as const),
      isZip64: fc.boolean(),
    });
    // No program can find the end of a stored member of unknown size in one pass.
    const members = fc.array(member, { maxLength: 6, minLength: 1 }).map((all) => {
      return all.map(
        ({ descriptor, ...others }): ZipMember => ({
          ...others,
          ...(descriptor !== undefined && others.method === 'deflated' && { descriptor }),
        }),
      );
    });
    fc.assert(
      fc.property(members, members, fc.integer({ min: 1, max: 400 }), (outer, inner, chunkBytes) => {
        const zip = zipOf(...outer, { name: 'x.zip', content: zipOf(...inner) });
        expect(streamed(zip, {}, chunkBytes)).toEqual(inMemory(zip));
      }),
    );
  });
});

describe('a fault of a streamed archive', () => {
  it.each<[what: string, zip: Buffer, found: readonly string[]]>([
    ['no archive', Buffer.from('text'), ['! the archive has no members']],
    ['no members in the first MiB', Buffer.alloc(2 ** 21), ['! the archive has no members at its start']],
    ['an archive that is cut off', zipOf(A, B).subarray(0, 60), ['a.txt: alpha', '! the archive is cut off']],
    [
      'a member of unknown size that is cut off',
      zipOf({ ...A, descriptor: 'signed' }).subarray(0, 40),
      ['! the archive is cut off'],
    ],
    [
      'a damaged member',
      zipOf({ ...A, deflated: Buffer.from('no deflate') }, B),
      ['! "a.txt" is damaged', 'b/b.txt: beta'],
    ],
    [
      'a damaged member of unknown size',
      zipOf({ ...A, deflated: Buffer.from('no deflate'), descriptor: 'signed' }, B),
      ['! the archive is not read after the start of "a.txt", which is damaged'],
    ],
    [
      'a stored member of unknown size',
      zipOf({ ...B, descriptor: 'signed' }, A),
      ['! the archive states no size of the member "b/b.txt"'],
    ],
    [
      'a wrong size after the content',
      zipOf({
        ...A,
        descriptor: 'signed',
        deflated: Buffer.concat([deflateRawSync(Buffer.from('alpha')), Buffer.alloc(3)]),
      }),
      ['! the archive has wrong sizes after "a.txt"'],
    ],
    [
      'a wrong checksum',
      zipOf({ ...A, descriptor: 'signed', checksum: 1 }, B),
      ['! "a.txt" has a wrong checksum', 'a.txt: alpha', 'b/b.txt: beta'],
    ],
    [
      'a name that differs in the directory',
      zipOf({ ...A, localName: 'c.txt' }),
      ['c.txt: alpha', '! the archive differs from its central directory'],
    ],
    [
      'an offset that differs in the directory',
      zipOf(A, { ...B, offset: 1 }),
      [...FOUND.slice(0, 2), '! the archive differs from its central directory'],
    ],
    [
      'members that are not in the directory',
      Buffer.concat([zipOf(A).subarray(0, -22 - 51), zipOf(B)]),
      [...FOUND.slice(0, 2), '! the archive has 2 members and a directory of 1'],
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
      ['! "x.zip" is inside more than 0 archives', 'b/b.txt: beta'],
    ],
    [
      'memory, for a deflated archive',
      { maxHeldBytes: 1000 },
      zipOf({ name: 'x.zip', content: noise(1200) }, A),
      ['! "x.zip" exceeds the limit of 1000 bytes in memory', 'a.txt: alpha'],
    ],
    [
      'memory, for a member of unknown size',
      { maxHeldBytes: 1000 },
      zipOf({ name: 'x', content: noise(1200), descriptor: 'signed' }, A),
      ['! the archive is not read after the start of "x", which has more than 1000 bytes'],
    ],
    [
      'expansion, for members of unknown size',
      { maxReadBytes: 100_000 },
      zipOf(
        ...['a', 'b', 'c'].map((name): ZipMember => ({ name, content: Buffer.alloc(60_000), descriptor: 'signed' })),
      ),
      ['! the archive inflates to more than 20 times its size'],
    ],
    ['content', { maxContentBytes: 4 }, zipOf(A, B), ['! "a.txt" exceeds the limit of 4 bytes', 'b/b.txt: beta']],
  ])('is the limit of %s', (_, limits, zip, found) => {
    expect(streamed(zip, limits)).toEqual([...found, ' ends']);
  });
});
