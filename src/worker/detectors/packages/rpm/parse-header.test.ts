import { describe, expect, it } from 'vitest';
import { numberTag, type RpmTag, type RpmTags, rpmHeader, rpmHeaderOf, textTag } from './testing/rpm-header.ts';
import { parseHeader, type RpmHeader } from './parse-header.ts';

const A: RpmHeader = {
  name: 'a',
  epoch: 0,
  version: '1',
  release: '1',
  arch: 'x86_64',
  sourceRpm: '',
  vendor: '',
  module: undefined,
};
const NVR: readonly RpmTag[] = [textTag(1000, 'a'), textTag(1001, '1'), textTag(1002, '1'), textTag(1022, 'x86_64')];

describe('a header', () => {
  it.each<[string, RpmTags, Partial<RpmHeader>]>([
    ['without optional tags', {}, {}],
    ['without an architecture', { arch: undefined }, { arch: '' }],
    ['with an epoch', { epoch: 7 }, { epoch: 7 }],
    ['with the highest epoch', { epoch: 0xffff_ffff }, { epoch: 0xffff_ffff }],
    ['with its source', { sourceRpm: 's-1-1.src.rpm' }, { sourceRpm: 's-1-1.src.rpm' }],
    ['with a vendor', { vendor: 'Füllhorn, Inc.' }, { vendor: 'Füllhorn, Inc.' }],
    ['with a module', { module: 'perl:5.26:8030020200313080146:1' }, { module: 'perl:5.26:8030020200313080146:1' }],
    ['with an empty module, which differs from no module', { module: '' }, { module: '' }],
    ['with a name of 1024 bytes', { name: 'x'.repeat(1024) }, { name: 'x'.repeat(1024) }],
  ])('%s is read', (_, tags, expected) => {
    expect(parseHeader(rpmHeader(tags))).toEqual({ ...A, ...expected });
  });

  it.each<[string, readonly RpmTag[], readonly RpmTag[], Partial<RpmHeader>]>([
    ['the first language of a text is used', [...NVR, textTag(1011, 'one\0two', 9)], [], { vendor: 'one' }],
    ['the first text of a list is used', [...NVR, textTag(1011, 'one\0two', 8)], [], { vendor: 'one' }],
    ['an entry after the region replaces one in it', NVR, [textTag(1022, 'noarch')], { arch: 'noarch' }],
    ['unknown tags are skipped', [...NVR, numberTag(1009, 5)], [numberTag(1008, 6)], {}],
  ])('%s', (_, tags, added, expected) => {
    expect(parseHeader(rpmHeaderOf(tags, added))).toEqual({ ...A, ...expected });
  });
});

describe('damage', () => {
  const good = rpmHeader();
  const entryOf = (tag: number): number => {
    const needle = Buffer.alloc(4);
    needle.writeUInt32BE(tag);
    return good.indexOf(needle);
  };
  const changed = (offset: number, value: number): Buffer => {
    const bytes = Buffer.from(good);
    bytes.writeUInt32BE(value, offset);
    return bytes;
  };

  it.each<[string, Uint8Array, RegExp]>([
    ['no bytes', new Uint8Array(0), /^a header is only 0 bytes long/],
    ['only a preamble', good.subarray(0, 8), /instead of/],
    ['a byte too few', good.subarray(0, -1), /^the header is \d+ bytes instead of/],
    ['a byte too many', Buffer.concat([good, Buffer.alloc(1)]), /^the header is \d+ bytes instead of/],
    ['65,536 index entries', changed(0, 0x1_0000), /^the header has more than 65535 index entries/],
    ['65,535 missing index entries', changed(0, 0xffff), /instead of/],
    ['missing data', changed(4, 0xffff_ffff), /instead of/],
    ['a type that does not exist', changed(entryOf(1022) + 4, 10), /^tag 1022 has the unknown type 10$/],
    ['an offset beyond the data', changed(entryOf(1022) + 8, good.length), /^tag 1022 points outside/],
    ['a negative offset', changed(entryOf(1022) + 8, 0xffff_fff0), /^tag 1022 points outside/],
    ['a count beyond the data', changed(entryOf(1022) + 12, 0x7fff_ffff), /^tag 1022 points outside/],
    ['a count of no texts', changed(entryOf(1000) + 12, 0), /^the field name is not text/],
    ['a name that is a number', changed(entryOf(1000) + 4, 4), /^the field name is not text/],
    ['a name that is bytes', changed(entryOf(1000) + 4, 7), /^the field name is not text/],
    ['an epoch that is a text', rpmHeaderOf([...NVR, textTag(1003, '1')]), /^the field epoch is not a number/],
    ['two epochs', rpmHeaderOf([...NVR, { ...numberTag(1003, 1), count: 2 }]), /^the field epoch is not a number/],
    [
      'an epoch that ends after the data',
      rpmHeaderOf(NVR, [cut(numberTag(1003, 1))]),
      /^the field epoch is not a number/,
    ],
    ['a text without an end', rpmHeaderOf(NVR, [cut(textTag(1011, 'x'))]), /^the field vendor has no end/],
    ['no name', rpmHeader({ name: undefined }), /^the field name is missing or blank/],
    ['an empty name', rpmHeader({ name: '' }), /^the field name is missing or blank/],
    ['a name of blanks', rpmHeader({ name: ' \u00A0\uFEFF' }), /^the field name is missing or blank/],
    ['no version', rpmHeader({ version: undefined }), /^the field version is missing or blank/],
    ['no release', rpmHeader({ release: undefined }), /^the field release is missing or blank/],
    ['a name of 1025 bytes', rpmHeader({ name: 'x'.repeat(1025) }), /^the field name is longer than 1024 bytes/],
    ['a name of two lines', rpmHeader({ name: 'a\nb' }), /^the field name has control characters/],
  ])('%s', (_, bytes, message) => {
    expect(() => parseHeader(bytes)).toThrow(
      expect.objectContaining({ code: 'bytes/corrupt', message: expect.stringMatching(message) }),
    );
  });
});

function cut(tag: RpmTag): RpmTag {
  return { ...tag, bytes: tag.bytes.subarray(0, -1) };
}
