import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noise } from '../testing/noise.ts';
import { type ZipMember, zipOf } from '../testing/zip-builder.ts';
import { inMemory, streamed } from './testing/read-members.ts';

const A: ZipMember = { name: 'a.txt', content: 'alpha' };
const B: ZipMember = { name: 'b/b.txt', content: 'beta', method: 'stored' };
const FOUND = ['a.txt: alpha', 'b/b.txt: beta', ' ends'];

it('a streamed archive is read as an archive in memory, whatever its members and chunks are', () => {
  const member = fc.record({
    name: fc.constantFrom('a.txt', 'b/c.txt', 'd.class', 'e/', 'f.bin'),
    content: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    descriptor: fc.constantFrom(undefined, 'signed' as const, 'unsigned' as const),
    method: fc.constantFrom('stored' as const, 'deflated' as const),
    isZip64: fc.boolean(),
  });
  // No program can find the end of a stored member of unknown size in a single pass.
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

describe('a streamed member whose sizes follow its content is read', () => {
  const chunkSizes = [1, 4, 16, 64, 256].map((kibibytes) => kibibytes * 1024);

  it('among members that are larger than chunks', () => {
    const classes = Array.from({ length: 60 }, (_, at): ZipMember => ({ name: `${at}.class`, content: noise(2000) }));
    const members = [
      ...classes,
      { name: 'lib.so', content: noise(1_000_000) },
      { name: 'large.txt', content: noise(700_000) },
      A,
    ].map((member): ZipMember => ({ ...member, descriptor: 'signed' }));
    const zip = zipOf(...members);
    const found = inMemory(zip);
    for (const chunkBytes of chunkSizes) expect(streamed(zip, {}, chunkBytes)).toEqual(found);
  });

  it('wherever the border of a chunk is', () => {
    for (const descriptor of ['signed', 'unsigned'] as const) {
      const zip = zipOf({ name: 'c.bin', content: noise(60), descriptor }, { ...A, descriptor }, B);
      for (let at = 1; at < zip.length; at += 1) expect(streamed(zip, {}, at)).toEqual(FOUND);
    }
  });
});
