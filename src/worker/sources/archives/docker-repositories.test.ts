import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import {
  buildDockerArchive,
  buildLayer,
  buildTar,
  hexOf,
  type LayerMembers,
  type Member,
  oldestDockerArchive,
} from '../../testing/image-builder.ts';
import { allOf } from '../../../bytes/testing/tar-builder.ts';
import { openArchiveFiles } from './archive-files.ts';
import { hasRepositories, openDockerRepositories } from './docker-repositories.ts';
import type { ImageFiles } from '../image/image-files.ts';
import type { ImageSource } from '../image-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-docker-repositories-'));
const opened: ImageFiles[] = [];
let archives = 0;

afterEach(async () => {
  await Promise.all(opened.splice(0).map((files) => files.close()));
});
afterAll(() => rmSync(folder, { recursive: true }));

const BASE = await buildLayer({ 'etc/os-release': 'ID=debian\n' });
const TOP = await buildLayer({ hello: 'world' });
const LAYERS = [
  { tar: BASE, createdBy: 'ADD base' },
  { tar: TOP, createdBy: 'RUN echo' },
];
const GOOD = oldestDockerArchive(LAYERS, ['1']);
const BASE_ID = hexOf(` ${hexOf(BASE)}`);
const TOP_ID = hexOf(`${BASE_ID} ${hexOf(TOP)}`);
const TOP_JSON = GOOD[`${TOP_ID}/json`] as string;
const DIFF_IDS = [`sha256:${hexOf(BASE)}`, `sha256:${hexOf(TOP)}`];

async function filesOf(archive: Uint8Array): Promise<ImageFiles> {
  const path = join(folder, `${(archives += 1)}.tar`);
  writeFileSync(path, archive);
  const files = await openArchiveFiles(path);
  opened.push(files);
  return files;
}

/** Opens the valid archive; `changes` replaces members or, with undefined, removes them. */
async function filesWith(changes: Readonly<Record<string, Member | undefined>>): Promise<ImageFiles> {
  const members = Object.entries({ ...GOOD, ...changes });
  return await filesOf(
    await buildTar(members.flatMap(([name, member]) => (member === undefined ? [] : [[name, member] as const]))),
  );
}

async function openWith(changes: Readonly<Record<string, Member | undefined>>): Promise<ImageSource> {
  return await openDockerRepositories(await filesWith(changes));
}

async function openWithStep(change: object): Promise<ImageSource> {
  const step = { ...JSON.parse(TOP_JSON), ...change };
  return await openWith({ [`${TOP_ID}/json`]: JSON.stringify(step) });
}

describe('an image', () => {
  it("has the digest of its topmost layer's JSON file, and its layers base first", async () => {
    const image = await openWith({});
    expect(image).toMatchObject({
      kind: 'docker-archive',
      reference: 'test:1',
      digest: `sha256:${hexOf(TOP_JSON)}`,
      platform: 'linux/amd64',
      layers: [
        { digest: DIFF_IDS[0], diffId: DIFF_IDS[0], createdBy: '/bin/sh -c ADD base' },
        { digest: DIFF_IDS[1], diffId: DIFF_IDS[1], createdBy: '/bin/sh -c RUN echo' },
      ],
    });
    const bytes = await Promise.all(image.layers.map(async ({ source }) => await allOf(await source.open())));
    expect(bytes).toEqual([BASE, TOP]);
  });

  it('may have compressed layers with both digests', async () => {
    const gzip = gzipSync(TOP);
    const { layers } = await openWith({ [`${TOP_ID}/layer.tar`]: gzip });
    const digests = { digest: `sha256:${hexOf(gzip)}`, diffId: DIFF_IDS[1] };
    expect(layers[1]).toMatchObject({ ...digests, source: digests });
  });

  it('may be compressed as a whole', async () => {
    const files = await filesOf(gzipSync(await buildTar(Object.entries(GOOD))));
    expect((await openDockerRepositories(files)).layers.map(({ diffId }) => diffId)).toEqual(DIFF_IDS);
  });

  it('may have several tags', async () => {
    const files = await filesOf(await buildTar(Object.entries(oldestDockerArchive(LAYERS, ['1', 'latest']))));
    expect((await openDockerRepositories(files)).reference).toBe('test:1');
  });

  it('may have an empty layer', async () => {
    const { layers } = await openWith({ [`${TOP_ID}/layer.tar`]: '' });
    expect(layers[1]).toMatchObject({ diffId: `sha256:${hexOf('')}` });
  });

  it.each<[string, object, Partial<ImageSource>]>([
    ['another platform', { os: 'linux', architecture: 'arm', variant: 'v7' }, { platform: 'linux/arm/v7' }],
    ['no platform', { os: undefined, architecture: '' }, { platform: 'linux/unknown' }],
  ])('states %s', async (_, change, expected) => {
    expect(await openWithStep(change)).toMatchObject(expected);
  });

  it.each<[string, object, string]>([
    ['no command', { container_config: {} }, ''],
    ['null for the command', { container_config: { Cmd: null } }, ''],
    ['null for the container', { container_config: null, comment: 'Imported' }, 'Imported'],
    ['a comment only', { container_config: undefined, comment: 'Imported' }, 'Imported'],
  ])('with %s still has layers', async (_, change, createdBy) => {
    expect((await openWithStep(change)).layers[1]).toMatchObject({ createdBy });
  });
});

describe('rejects a broken archive', () => {
  const repositories = (value: unknown): LayerMembers => ({ repositories: JSON.stringify(value) });
  const step = (value: unknown): LayerMembers => ({ [`${BASE_ID}/json`]: JSON.stringify(value) });

  it.each<[string, Readonly<Record<string, Member | undefined>>, RegExp]>([
    ['no list of names', { repositories: undefined }, /has no repositories/],
    ['a list of names that is not JSON', { repositories: '{' }, /repositories in .* is not valid JSON/],
    ['a list of names of another shape', repositories({ test: ['1'] }), /repositories in .* is invalid/],
    ['no image', repositories({}), /contains no image/],
    ['a name without tags', repositories({ test: {} }), /contains no image/],
    ['an invalid identifier', repositories({ test: { 1: 'latest' } }), /names the layer "latest", but a layer ID has/],
    ['an identifier that is a path', repositories({ test: { 1: '../../etc' } }), /names the layer "..\/..\/etc", but/],
    ['a topmost layer that is missing', repositories({ test: { 1: hexOf('none') } }), /has no [0-9a-f]{64}\/json/],
    ['a parent that is missing', { [`${BASE_ID}/json`]: undefined }, new RegExp(`has no ${BASE_ID}/json`)],
    [
      'a parent that is not an identifier',
      step({ parent: 'x'.repeat(1000) }),
      /names the layer "x{200}…", but a layer ID has/,
    ],
    ['a parent that is not text', step({ parent: 1 }), /json in .* is invalid: \/parent/],
    ['a layer above itself', step({ parent: BASE_ID }), new RegExp(`layer ${BASE_ID} is its own ancestor`)],
    ['parents in circles', step({ parent: TOP_ID }), new RegExp(`layer ${TOP_ID} is its own ancestor`)],
    ['a layer without a tar', { [`${BASE_ID}/layer.tar`]: undefined }, new RegExp(`has no ${BASE_ID}/layer.tar`)],
    ['a tar that is a link out', { [`${BASE_ID}/layer.tar`]: { link: '/etc/passwd' } }, /has no [0-9a-f]{64}\/layer/],
  ])('%s', async (_, changes, message) => {
    await expect(openWith(changes)).rejects.toMatchObject({
      code: 'image/unreadable',
      message: expect.stringMatching(message),
    });
  });

  it('with a truncated compressed layer', async () => {
    const cut = gzipSync(BASE).subarray(0, 100);
    await expect(openWith({ [`${BASE_ID}/layer.tar`]: cut })).rejects.toMatchObject({ code: 'bytes/truncated' });
  });
});

it('lists the names when several images need a choice', async () => {
  const names = { a: { 1: TOP_ID, 2: TOP_ID }, 'registry.example/b': { 1: BASE_ID } };
  await expect(openWith({ repositories: JSON.stringify(names) })).rejects.toMatchObject({
    code: 'image/choice-needed',
    message: expect.stringContaining('contains 2 images (a:1, a:2, registry.example/b:1); save a single image'),
  });
});

it('ends with the reason of an aborted signal', async () => {
  const files = await filesWith({});
  await expect(openDockerRepositories(files, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
});

it('is detected by its list of names', async () => {
  expect(hasRepositories(await filesWith({}))).toBe(true);
  expect(hasRepositories(await filesOf(await buildDockerArchive(LAYERS, 'test:1')))).toBe(false);
});
