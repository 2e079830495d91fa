import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import {
  buildDockerArchive,
  buildLayer,
  buildTar,
  configOf,
  hexOf,
  type LayerMembers,
  type Member,
} from '../../testing/image-builder.ts';
import { openArchiveFiles } from './archive-files.ts';
import { isDockerArchive, openDockerArchive } from './docker-archive.ts';
import type { ImageFiles } from '../image/image-files.ts';
import type { ImageSource } from '../image-source.ts';
import type { LayerSource } from '../layer-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-docker-archive-'));
const opened: ImageFiles[] = [];
let archives = 0;

afterEach(async () => {
  await Promise.all(opened.splice(0).map((files) => files.close()));
});
afterAll(() => rmSync(folder, { recursive: true }));

const BASE = await buildLayer({ 'etc/os-release': 'ID=debian\n' });
const TOP = await buildLayer({ hello: 'world' });
const CONFIG = JSON.stringify(
  configOf([
    { tar: BASE, createdBy: 'ADD base' },
    { tar: TOP, createdBy: 'RUN echo' },
  ]),
);
const OLD_NAMES = {
  config: `${hexOf(CONFIG)}.json`,
  base: `${hexOf('base')}/layer.tar`,
  top: `${hexOf('top')}/layer.tar`,
};
const NEW_NAMES = {
  config: `blobs/sha256/${hexOf(CONFIG)}`,
  base: `blobs/sha256/${hexOf(BASE)}`,
  top: `blobs/sha256/${hexOf(TOP)}`,
};

function manifestOf(names: typeof OLD_NAMES, rest: object = { RepoTags: ['test:1'] }): object {
  return { Config: names.config, ...rest, Layers: [names.base, names.top] };
}

/**
 * Returns the members of a valid archive of the older generation; `changes` replaces members or, with undefined,
 * removes them.
 */
function membersOf(changes: Readonly<Record<string, Member | undefined>> = {}, names = OLD_NAMES): LayerMembers {
  const members = {
    [names.base]: BASE,
    [names.top]: TOP,
    [names.config]: CONFIG,
    'manifest.json': JSON.stringify([manifestOf(names)]),
    ...changes,
  };
  const kept = Object.entries(members).flatMap(([name, member]) =>
    member === undefined ? [] : [[name, member] as const],
  );
  return Object.fromEntries(kept);
}

async function filesOf(archive: Uint8Array): Promise<ImageFiles> {
  const path = join(folder, `${(archives += 1)}.tar`);
  writeFileSync(path, archive);
  const files = await openArchiveFiles(path);
  opened.push(files);
  return files;
}

async function open(members: LayerMembers): Promise<ImageSource> {
  return await openDockerArchive(await filesOf(await buildTar(Object.entries(members))));
}

async function bytesOf(source: LayerSource): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await source.open()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('an image', () => {
  it("has its configuration's digest, and its layers base first", async () => {
    const image = await open(membersOf());
    const digests = [`sha256:${hexOf(BASE)}`, `sha256:${hexOf(TOP)}`];
    expect(image).toMatchObject({
      kind: 'docker-archive',
      reference: 'test:1',
      digest: `sha256:${hexOf(CONFIG)}`,
      platform: 'linux/amd64',
      layers: [
        { digest: digests[0], diffId: digests[0], createdBy: 'ADD base', source: { diffId: digests[0] } },
        { digest: digests[1], diffId: digests[1], createdBy: 'RUN echo', source: { diffId: digests[1] } },
      ],
    });
  });

  it.each<[string, LayerMembers]>([
    ['in folders of their own, as older versions save them', membersOf()],
    ['as blobs, as newer versions save them', membersOf({}, NEW_NAMES)],
    [
      'with names that start with ./',
      Object.fromEntries(Object.entries(membersOf()).map(([name, member]) => [`./${name}`, member])),
    ],
    ['behind the manifest', { 'manifest.json': null, ...membersOf() }],
    ['behind a symbolic link', membersOf({ [OLD_NAMES.top]: { link: '../store/top' }, 'store/top': TOP })],
    ['behind a hard link', membersOf({ 'store/top': TOP, [OLD_NAMES.top]: { same: 'store/top' } })],
  ])('returns the bytes of its layers %s', async (_, members) => {
    const { layers } = await open(members);
    expect(await Promise.all(layers.map(({ source }) => bytesOf(source)))).toEqual([BASE, TOP]);
  });

  it('may be compressed as a whole', async () => {
    const archive = await buildDockerArchive([{ tar: BASE, createdBy: 'ADD base' }], 'test:1');
    const { layers } = await openDockerArchive(await filesOf(gzipSync(archive)));
    expect(await bytesOf(layers[0]!.source)).toEqual(BASE);
  });

  it('may have the same layer twice, saved once', async () => {
    const config = JSON.stringify(configOf([BASE, BASE].map((tar) => ({ tar, createdBy: '' }))));
    const manifest = JSON.stringify([{ Config: 'config.json', Layers: [OLD_NAMES.base, OLD_NAMES.base] }]);
    const { layers } = await open({ [OLD_NAMES.base]: BASE, 'config.json': config, 'manifest.json': manifest });
    expect(await Promise.all(layers.map(({ source }) => bytesOf(source)))).toEqual([BASE, BASE]);
  });

  it('may have no layers', async () => {
    const manifest = JSON.stringify([{ Config: 'config.json', Layers: [] }]);
    const image = await open({ 'config.json': JSON.stringify(configOf([])), 'manifest.json': manifest });
    expect(image.layers).toEqual([]);
  });

  it.each<[string, object]>([
    ['no tags', {}],
    ['null for tags', { RepoTags: null }],
    ['an empty list of tags', { RepoTags: [] }],
  ])('with %s is named by its path', async (_, rest) => {
    const image = await open(membersOf({ 'manifest.json': JSON.stringify([manifestOf(OLD_NAMES, rest)]) }));
    expect(image.reference).toBe(join(folder, `${archives}.tar`));
  });

  it.each<[string, object, readonly string[]]>([
    ['no history', { history: undefined }, ['', '']],
    ['null for the history', { history: null }, ['', '']],
    ['comments in the history', { history: [{ comment: 'imported' }, {}] }, ['imported', '']],
    ['too short a history', { history: [{ created_by: 'a' }] }, ['a', '']],
    [
      'steps without a layer',
      { history: [{ empty_layer: true }, { created_by: 'a' }, { empty_layer: true }, { created_by: 'b' }] },
      ['a', 'b'],
    ],
    [
      'steps without a layer that are not marked',
      {
        history: [
          { created_by: 'ADD base' },
          { created_by: '/bin/sh -c #(nop)  CMD ["sh"]' },
          { created_by: 'ENV A=1' },
          { created_by: 'RUN echo' },
          { created_by: 'ENTRYPOINT ["x"]', empty_layer: true },
        ],
      },
      ['ADD base', 'RUN echo'],
    ],
    [
      'more steps than layers, if it is unknown which steps have no layer',
      { history: [{ created_by: 'ADD base' }, { created_by: 'RUN a' }, { created_by: 'RUN b' }] },
      ['', ''],
    ],
  ])('with %s still has layers', async (_, rest, steps) => {
    const image = await open(membersOf({ [OLD_NAMES.config]: JSON.stringify({ ...JSON.parse(CONFIG), ...rest }) }));
    expect(image.layers.map(({ createdBy }) => createdBy)).toEqual(steps);
  });

  it.each<[object, string]>([
    [{ architecture: 'arm', variant: 'v7' }, 'linux/arm/v7'],
    [{ os: undefined, architecture: undefined }, 'linux/unknown'],
  ])('with %j is for %s', async (rest, platform) => {
    const image = await open(membersOf({ [OLD_NAMES.config]: JSON.stringify({ ...JSON.parse(CONFIG), ...rest }) }));
    expect(image.platform).toBe(platform);
  });
});

describe('rejects a broken archive', () => {
  const config = (text: string): LayerMembers => membersOf({ [OLD_NAMES.config]: text });
  const manifest = (text: string): LayerMembers => membersOf({ 'manifest.json': text });
  const withDiffIds = (ids: readonly unknown[]): LayerMembers =>
    config(JSON.stringify({ ...JSON.parse(CONFIG), rootfs: { diff_ids: ids } }));
  const huge = JSON.stringify('x'.repeat(4 * 1024 * 1024));

  it.each<[string, LayerMembers, RegExp]>([
    ['no manifest', membersOf({ 'manifest.json': undefined }), /has no manifest\.json/],
    ['no image', manifest('[]'), /contains no image/],
    ['no configuration', membersOf({ [OLD_NAMES.config]: undefined }), /has no [0-9a-f]{64}\.json/],
    ['a manifest that is not JSON', manifest('[{'), /manifest\.json in .* is not valid JSON/],
    ['an empty manifest', manifest(''), /manifest\.json in .* is not valid JSON/],
    ['a manifest of another shape', manifest('{}'), /manifest\.json in .* is invalid/],
    ['a manifest without layers', manifest('[{"Config": "x"}]'), /manifest\.json in .* is invalid/],
    ['layers that are not names', manifest('[{"Config": "x", "Layers": [1]}]'), /\/0\/Layers\/0/],
    ['a configuration that is not JSON', config('\u0000'), /\.json in .* is not valid JSON/],
    ['a configuration of another shape', config('{"rootfs": {}}'), /\/rootfs/],
    ['too large a manifest', manifest(huge), /manifest\.json in .* is larger than 4194304 bytes/],
    ['too large a configuration', config(huge), /\.json in .* is larger than 4194304 bytes/],
    [
      'fewer layers than the configuration',
      manifest(JSON.stringify([{ Config: OLD_NAMES.config, Layers: [] }])),
      /lists 0 layers, but the image configuration lists 2/,
    ],
    [
      'one layer',
      manifest(JSON.stringify([{ Config: OLD_NAMES.config, Layers: ['a'] }])),
      /lists 1 layer, but the image configuration lists 2/,
    ],
    [
      'more layers than the configuration',
      withDiffIds([`sha256:${hexOf(BASE)}`]),
      /lists 2 layers, but the image configuration lists 1/,
    ],
    [
      'a digest of another kind',
      withDiffIds(['sha512:abc', 'x']),
      /names a layer "sha512:abc", which is not a SHA-256 or SHA-512 digest/,
    ],
    ['a digest that is a path', withDiffIds(['sha256:../../etc/passwd', 'x']), /not a SHA-256 or SHA-512 digest/],
    ['a digest that is not text', withDiffIds([1, 2]), /\/rootfs\/diff_ids\/0/],
    ['too many layers', withDiffIds(Array(1001).fill(`sha256:${hexOf(BASE)}`)), /lists more than 1000 layers/],
  ])('%s', async (_, members, message) => {
    await expect(open(members)).rejects.toMatchObject({
      code: 'image/unreadable',
      message: expect.stringMatching(message),
    });
  });

  it.each<[string, LayerMembers]>([
    ['a layer that is missing', membersOf({ [OLD_NAMES.top]: undefined })],
    ['a link to a layer that is missing', membersOf({ [OLD_NAMES.top]: { link: '../none' } })],
    [
      'a layer that is a file of this machine',
      membersOf({ 'manifest.json': JSON.stringify([manifestOf({ ...OLD_NAMES, top: '/etc/passwd' })]) }),
    ],
  ])('when the layer is read: %s', async (_, members) => {
    const { layers } = await open(members);
    await expect(bytesOf(layers[1]!.source)).rejects.toMatchObject({ code: 'image/unreadable' });
  });
});

it('lists the tags when several images need a choice', async () => {
  const images = [manifestOf(OLD_NAMES, { RepoTags: ['a:1', 'a:2'] }), manifestOf(OLD_NAMES, { RepoTags: ['b:1'] })];
  await expect(open(membersOf({ 'manifest.json': JSON.stringify(images) }))).rejects.toMatchObject({
    code: 'image/choice-needed',
    message: expect.stringContaining('contains 2 images (a:1, a:2, b:1); save'),
  });
});

it('is detected by its manifest', async () => {
  const archive = async (members: LayerMembers): Promise<ImageFiles> =>
    await filesOf(await buildTar(Object.entries(members)));
  expect(isDockerArchive(await archive(membersOf()))).toBe(true);
  expect(isDockerArchive(await archive({ 'index.json': '{}' }))).toBe(false);
});
