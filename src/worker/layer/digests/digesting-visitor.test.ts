import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inChunks, type Member, pax, tarOf } from '../../../bytes/testing/tar-builder.ts';
import { digestOfContent } from '../../files/testing/layer-members.ts';
import { DETECTORS } from '../../detectors/index.ts';
import { digestAt, NO_FILE, NOT_HASHED, shortDigest } from './file-digests.ts';
import { createLayerReader } from '../layer-reader.ts';
import { unpackContents } from '../packed-contents.ts';
import { pathsOf } from '../tree/path-list.ts';

/** Returns the digests by path, in their stored form. */
async function digestsOf(members: readonly Member[], chunkBytes?: number): Promise<Record<string, string>> {
  const open = async (): Promise<AsyncIterable<Uint8Array>> => inChunks(tarOf(...members), chunkBytes);
  const reader = createLayerReader(DETECTORS, { hasFileDigests: true });
  const { entries, others, fileDigests } = unpackContents((await reader.read({ where: 'x', open })).contents);
  if (fileDigests === undefined) throw new Error('the layer has no digests');
  const listed = others === undefined ? [] : [...pathsOf(others)];
  expect(fileDigests.others).toHaveLength(16 * listed.length);
  expect(fileDigests.entries).toHaveLength(16 * entries.length);
  return Object.fromEntries([
    ...listed.map((path, at) => [path, digestAt(fileDigests.others, at)]),
    ...entries.map(({ path }, at) => [path, digestAt(fileDigests.entries, at)]),
  ]);
}

const shortOf = (content: string): string => shortDigest(digestOfContent(content));

const file = (name: string, content: string): Member => ({ name, content });
const hardLink = (name: string, link: string): Member => ({ name, type: '1', link });

describe('the digests of the files of a layer', () => {
  it('include unwanted, wanted, small and large files, and executables', async () => {
    const contents = {
      'srv/small': 'a',
      'srv/large': 'x'.repeat(1_000_000),
      'srv/empty': '',
      'etc/os-release': 'ID=debian\n',
      'usr/bin/program': `\x7fELF${'\0'.repeat(2000)}`,
      'usr/lib/node_modules/a/package.json': '{"name":"a","version":"1.0.0"}',
    };
    const members = Object.entries(contents).map(([name, content]) => file(name, content));
    const expected = Object.entries(contents).map(([path, content]) => [path, shortOf(content)]);
    expect(await digestsOf(members)).toMatchObject(Object.fromEntries(expected));
  });

  it('do not depend on how the bytes arrive', async () => {
    const contents = fc.array(fc.string({ maxLength: 3000 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(contents, fc.integer({ min: 1, max: 5000 }), async (texts, chunkBytes) => {
        const members = texts.map((text, at) => file(`srv/${at}`, text));
        const expected = texts.map((text, at) => [`srv/${at}`, shortOf(text)]);
        expect(await digestsOf(members, chunkBytes)).toEqual(Object.fromEntries(expected));
      }),
      { numRuns: 25 },
    );
  });

  it.each<[what: string, members: readonly Member[], digests: Record<string, string>]>([
    ['the last of two files', [file('srv/a', 'one'), file('srv/a', 'two')], { 'srv/a': shortOf('two') }],
    ['the target of a hard link', [file('srv/a', 'one'), hardLink('srv/b', 'srv/a')], { 'srv/b': shortOf('one') }],
    ['the target of links to links', [file('a', '1'), hardLink('b', 'a'), hardLink('c', 'b')], { c: shortOf('1') }],
    [
      'a wanted hard link',
      [file('srv/a', 'ID=x\n'), hardLink('etc/os-release', 'srv/a')],
      { 'etc/os-release': shortOf('ID=x\n') },
    ],
    ['a link to a layer below', [hardLink('srv/b', 'srv/a')], { 'srv/b': NOT_HASHED }],
    [
      'a link to a path with two files',
      [file('srv/a', 'one'), hardLink('srv/b', 'srv/a'), file('srv/a', 'two')],
      { 'srv/b': NOT_HASHED },
    ],
    ['a directory', [{ name: 'srv/', type: '5' }], {}],
    ['a device', [{ name: 'dev/null', type: '3' }], { 'dev/null': NO_FILE }],
    [
      'a sparse file',
      [
        pax({
          'GNU.sparse.major': '1',
          'GNU.sparse.minor': '0',
          'GNU.sparse.realsize': '20',
          'GNU.sparse.name': 'srv/a',
        }),
        file('GNUSparseFile.0/a', `1\n0\n4\n${'\0'.repeat(506)}text`),
        file('srv/b', 'b'),
      ],
      { 'srv/a': NOT_HASHED, 'srv/b': shortOf('b') },
    ],
  ])('of %s', async (_, members, digests) => {
    expect(await digestsOf(members)).toMatchObject(digests);
  });

  it('are absent without the setting', async () => {
    const open = async (): Promise<AsyncIterable<Uint8Array>> => inChunks(tarOf(file('a', 'a')));
    const { contents } = await createLayerReader(DETECTORS).read({ where: 'x', open });
    expect(unpackContents(contents)).not.toHaveProperty('fileDigests');
  });
});
