import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it, vi } from 'vitest';
import {
  buildDockerArchive,
  buildLayer,
  buildTar,
  configOf,
  hexOf,
  oldestDockerArchive,
  writeOciLayout,
} from '../testing/image-builder.ts';
import { osRelease } from '../detectors/os/os-release.ts';
import { parseImageReference } from '../../model/image-reference.ts';
import type { ImageSource } from './image-source.ts';
import {
  type FileTarget,
  openImage,
  openImages,
  type OpenImageOptions,
  parseTarget,
  type RootfsTarget,
} from './target.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-target-'));
afterAll(() => rmSync(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);
for (const name of ['image.tar', 'image:1.tar', 'image:1.tar:2', 'oci']) writeFileSync(at(name), '');
for (const name of ['layout', 'layout:old']) {
  mkdirSync(at(name));
  writeFileSync(at(`${name}/oci-layout`), '{}');
}
const FOLDERS: Readonly<Record<string, string>> = {
  app: 'package.json',
  'web-app': 'manifest.json',
  'with-index': 'index.json',
};
for (const [name, file] of Object.entries(FOLDERS)) {
  mkdirSync(at(`${name}/repositories`), { recursive: true });
  writeFileSync(at(`${name}/${file}`), '{ "name": "app" }');
}

describe('parseTarget', () => {
  it.each<[string, FileTarget | RootfsTarget]>([
    [at('image.tar'), { kind: undefined, path: at('image.tar'), tag: undefined }],
    [at('layout'), { kind: undefined, path: at('layout'), tag: undefined }],
    [`docker-archive:${at('image.tar')}`, { kind: 'docker-archive', path: at('image.tar'), tag: undefined }],
    [`oci:${at('layout')}`, { kind: 'oci', path: at('layout'), tag: undefined }],
    [`oci:${at('layout')}:1.0`, { kind: 'oci', path: at('layout'), tag: '1.0' }],
    [`oci:${at('image.tar')}:1.0`, { kind: 'oci', path: at('image.tar'), tag: '1.0' }],
    [`${at('layout')}:1.0`, { kind: undefined, path: at('layout'), tag: '1.0' }],
    [`${at('layout')}:`, { kind: undefined, path: at('layout'), tag: '' }],
    [at('image:1.tar'), { kind: undefined, path: at('image:1.tar'), tag: undefined }],
    [at('image:1.tar:2'), { kind: undefined, path: at('image:1.tar:2'), tag: undefined }],
    [`${at('image:1.tar')}:3`, { kind: undefined, path: at('image:1.tar'), tag: '3' }],
    [`oci:${at('layout:old')}`, { kind: 'oci', path: at('layout:old'), tag: undefined }],
    [`oci:${at('layout:new')}`, { kind: 'oci', path: at('layout'), tag: 'new' }],
    [`docker-archive:${at('image:1.tar:2')}`, { kind: 'docker-archive', path: at('image:1.tar:2'), tag: undefined }],
    [`oci-archive:${at('image.tar')}`, { kind: 'oci-archive', path: at('image.tar'), tag: undefined }],
    [`oci-archive:${at('image.tar')}:1.0`, { kind: 'oci-archive', path: at('image.tar'), tag: '1.0' }],
    [`rootfs:${at('layout')}`, { kind: 'rootfs', path: at('layout') }],
    [`rootfs:${at('layout:old')}`, { kind: 'rootfs', path: at('layout:old') }],
    ['rootfs:/', { kind: 'rootfs', path: '/' }],
  ])('%s', (text, target) => {
    expect(parseTarget(text)).toEqual(target);
  });

  it.each([
    'nofile.tar',
    'team/nofile.tar.gz',
    'nofile.tgz:1.0',
    'registry.test/app/image.tar.zst',
    'app.cdx.json',
    'app.xml',
    'team/app.spdx',
  ])('%s is a missing file, not a name in a registry', (text) => {
    const message = `no such file: ${text}; for an image with this name in a registry, use registry:${text}`;
    expect(() => parseTarget(text)).toThrow(expect.objectContaining({ code: 'image/not-found', message }));
    expect(parseTarget(`registry:${text}`)).toMatchObject({ kind: 'registry' });
  });

  it.each(['tar', 'team/tar:1', 'registry.tar/app', 'app.tar.d', 'app:1.0.json', 'localhost:5000/schema.json'])(
    '%s is a name in a registry',
    (text) => {
      expect(parseTarget(text)).toMatchObject({ kind: 'registry', reference: parseImageReference(text) });
    },
  );

  it.each(['', 'oci:', 'oci-archive:', 'docker-archive:', 'rootfs:'])('"%s" has no path', (text) => {
    expect(() => parseTarget(text)).toThrow(
      expect.objectContaining({ code: 'image/target-invalid', message: `"${text}" names no path` }),
    );
  });

  it.each(['registry:', 'docker:', 'podman:'])('"%s" has no name of an image', (text) => {
    expect(() => parseTarget(text)).toThrow(
      expect.objectContaining({ code: 'image/target-invalid', message: `"${text}" names no image` }),
    );
  });

  it.each([
    at('none'),
    `${at('none')}:1`,
    `${at('image.tar')}/below`,
    `${at('image.tar')}/below:1`,
    at('x'.repeat(300)),
    ':1',
    './debian',
    'OCI:layout',
    'http://localhost/debian',
  ])('%s is not found', (text) => {
    const error = { code: 'image/not-found', message: `no such file: ${text}` };
    expect(() => parseTarget(text)).toThrow(expect.objectContaining(error));
    expect(() => parseTarget(`oci:${text}`)).toThrow(expect.objectContaining(error));
    expect(() => parseTarget(`oci-archive:${text}`)).toThrow(expect.objectContaining(error));
    expect(() => parseTarget(`docker-archive:${text}`)).toThrow(expect.objectContaining(error));
    const directory = { ...error, message: `no such directory: ${text}` };
    expect(() => parseTarget(`rootfs:${text}`)).toThrow(expect.objectContaining(directory));
  });

  it.each([
    ['debian', 'docker.io/library/debian:latest'],
    ['localhost:5000/debian:12', 'localhost:5000/debian:12'],
    ['registry:localhost:5000/debian:12', 'localhost:5000/debian:12'],
    // The scheme takes precedence over an image or a host with that name.
    ['registry:2', 'docker.io/library/2:latest'],
    ['registry:5000/debian', 'docker.io/5000/debian:latest'],
    ['registry:registry:2', 'docker.io/library/registry:2'],
  ])('%s is the image %s of a registry', (text, name) => {
    expect(parseTarget(text)).toEqual({ kind: 'registry', reference: parseImageReference(name) });
  });

  it('prefers an existing file to a reference without a scheme', () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      expect(parseTarget('layout')).toMatchObject({ path: 'layout' });
      expect(parseTarget('layout:1')).toMatchObject({ path: 'layout', tag: '1' });
      expect(parseTarget('registry:layout')).toMatchObject({ kind: 'registry' });
      expect(() => parseTarget('oci:debian')).toThrow(expect.objectContaining({ code: 'image/not-found' }));
    } finally {
      process.chdir(before);
    }
  });

  it.each(['app', 'app/', 'web-app', 'with-index'])('the path of the folder %s is a root file system', (name) => {
    expect(parseTarget(at(name))).toEqual({ kind: 'rootfs', path: at(name) });
    expect(parseTarget(`${at(name)}:1`)).toMatchObject({ kind: undefined, tag: '1' });
    expect(parseTarget(`oci:${at(name)}`)).toMatchObject({ kind: 'oci' });
  });

  it('takes the path of a folder for the folder, and a bare name for an image with that name', () => {
    const before = process.cwd();
    process.chdir(folder);
    try {
      for (const path of ['./app', '.', '..', 'app/', '../'])
        expect(parseTarget(path)).toEqual({ kind: 'rootfs', path });
      for (const name of ['app', 'app:1.0']) {
        const reference = parseImageReference(name);
        expect(parseTarget(name)).toEqual({ kind: 'registry', reference, folder: 'app' });
      }
    } finally {
      process.chdir(before);
    }
  });

  it.each(['registry:', 'registry:Debian', `registry:${at('layout')}`, 'registry:http://localhost/debian'])(
    '%s is not an image reference',
    (text) => {
      expect(() => parseTarget(text)).toThrow(expect.objectContaining({ code: 'image/target-invalid' }));
    },
  );

  it.each([
    ['docker-archive', 'file'],
    ['rootfs', 'directory'],
  ])('a %s has no tag', (kind, what) => {
    expect(() => parseTarget(`${kind}:${at('image.tar')}:1`)).toThrow(
      expect.objectContaining({ code: 'image/not-found', message: `no such ${what}: ${at('image.tar')}:1` }),
    );
  });
});

describe('opening the image of a target', async () => {
  const layers = [{ tar: await buildLayer({ hello: 'world' }), createdBy: 'ADD' }];
  const archive = await buildDockerArchive(layers, 'archive:1');
  const manifest = writeOciLayout(at('real-layout'), layers, '1.0');
  const digests = { oci: manifest, 'docker-archive': `sha256:${hexOf(JSON.stringify(configOf(layers)))}` };
  const layoutTar = await tarOf(at('real-layout'));
  const both = Buffer.concat([layoutTar.subarray(0, -1024), archive]);
  const images = { 'archive.tar': archive, 'archive.tar.gz': gzipSync(archive), 'layout.tar': layoutTar };
  for (const [name, bytes] of Object.entries({ ...images, 'layout.tar.gz': gzipSync(layoutTar), 'both.tar': both })) {
    writeFileSync(at(name), bytes);
  }
  const oldest = await buildTar(Object.entries(oldestDockerArchive(layers, ['1'])));
  writeFileSync(at('oldest.tar'), oldest);
  writeFileSync(at('oldest-layout.tar'), Buffer.concat([oldest.subarray(0, -1024), layoutTar]));
  writeFileSync(at('oldest-archive.tar'), Buffer.concat([oldest.subarray(0, -1024), archive]));
  writeFileSync(at('empty.tar'), await buildTar([]));
  mkdirSync(at('saved'));
  writeFileSync(at('saved/manifest.json'), '[]');

  async function open(text: string): Promise<ImageSource> {
    return await openImage(parseTarget(text));
  }

  it.each<[string, 'docker-archive' | 'oci', string]>([
    ['archive.tar', 'docker-archive', 'archive:1'],
    ['archive.tar.gz', 'docker-archive', 'archive:1'],
    ['docker-archive:archive.tar', 'docker-archive', 'archive:1'],
    ['real-layout', 'oci', '1.0'],
    ['oci:real-layout', 'oci', '1.0'],
    ['oci:real-layout:1.0', 'oci', '1.0'],
    ['real-layout:1.0', 'oci', '1.0'],
    ['layout.tar', 'oci', '1.0'],
    ['layout.tar.gz', 'oci', '1.0'],
    ['oci:layout.tar.gz:1.0', 'oci', '1.0'],
    ['both.tar', 'docker-archive', 'archive:1'],
    ['oci:both.tar', 'oci', '1.0'],
    ['oci-archive:layout.tar', 'oci', '1.0'],
    ['oci-archive:layout.tar.gz:1.0', 'oci', '1.0'],
    ['oldest-layout.tar', 'oci', '1.0'],
    ['oldest-archive.tar', 'docker-archive', 'archive:1'],
  ])('%s is %s', async (text, kind, reference) => {
    const image = await open(placed(text));
    expect(image).toMatchObject({ kind, reference, digest: digests[kind], platform: 'linux/amd64' });
    const chunks: Uint8Array[] = [];
    for await (const chunk of await image.layers[0]!.source.open()) chunks.push(chunk);
    const expected = kind === 'oci' ? gzipSync(layers[0]!.tar) : layers[0]!.tar;
    expect(hexOf(Buffer.concat(chunks))).toBe(hexOf(expected));
    await image.close();
  });

  it.each<[string, string, string]>([
    ['app:1.0', 'image/target-invalid', 'app is a directory without a saved image, so it has no tag'],
    ['empty.tar', 'image/target-invalid', 'is neither a docker-archive (it has no manifest.json) nor an OCI layout'],
    [
      'empty.tar',
      'image/target-invalid',
      'to scan a root file system, unpack it first and name its directory as rootfs:PATH',
    ],
    ['oci:archive.tar', 'image/unreadable', 'has no index.json'],
    ['oci-archive:archive.tar', 'image/unreadable', 'has no index.json'],
    ['oci-archive:real-layout', 'image/target-invalid', 'real-layout is a directory, not an archive; use oci:'],
    ['oldest.tar:1', 'image/target-invalid', 'is a docker-archive, in which no tag can be selected: omit ":1"'],
    ['rootfs:real-layout', 'image/target-invalid', 'is a root file system, which this command does not support'],
    ['docker-archive:real-layout', 'image/unreadable', 'has no manifest.json'],
    ['saved', 'image/unreadable', 'contains no image'],
    ['oci:real-layout:2.0', 'image/choice-needed', 'has no image "2.0"; it contains 1.0'],
    [
      'archive.tar:archive',
      'image/target-invalid',
      'is a docker-archive, in which no tag can be selected: omit ":archive"',
    ],
  ])('%s fails: %s', async (text, code, message) => {
    await expect(open(placed(text))).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('closes its files on failure', async () => {
    const temporary = at('temporary');
    mkdirSync(temporary);
    vi.stubEnv('TMPDIR', temporary);
    try {
      await expect(open(placed('oci:archive.tar.gz'))).rejects.toMatchObject({ code: 'image/unreadable' });
      expect(readdirSync(temporary)).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it.each(['archive.tar', 'real-layout', 'layout.tar'])('accepts %s for its own platform only', async (name) => {
    const target = parseTarget(at(name));
    const image = await openImage(target, { platform: { os: 'linux', architecture: 'amd64' } });
    await image.close();
    await expect(openImage(target, { platform: { os: 'linux', architecture: 's390x' } })).rejects.toMatchObject({
      code: 'image/choice-needed',
      message: `${at(name)} has an image for linux/amd64, not for linux/s390x`,
    });
  });

  it.each(['oldest.tar', 'docker-archive:oldest.tar'])('%s is a docker-archive of the oldest kind', async (text) => {
    const image = await open(placed(text));
    expect(image).toMatchObject({ kind: 'docker-archive', reference: 'test:1', platform: 'linux/amd64' });
    expect(image.layers.map(({ diffId }) => diffId)).toEqual([`sha256:${hexOf(layers[0]!.tar)}`]);
    await image.close();
  });

  describe('a root file system', () => {
    const detectors = [osRelease];
    mkdirSync(at('root/etc'), { recursive: true });
    writeFileSync(at('root/etc/os-release'), 'ID=debian');

    it('is an image of one layer', async () => {
      const image = await openImage(parseTarget(placed('rootfs:root')), { detectors });
      expect(image).toMatchObject({ kind: 'rootfs', reference: at('root'), layers: [{ createdBy: '' }] });
    });

    it('is a single image for all platforms', async () => {
      const set = await openImages(parseTarget(placed('rootfs:root')), { detectors });
      expect(set.images.map(({ platform }) => platform)).toEqual(['linux/unknown']);
      expect(await set.images[0]!.open()).toMatchObject({ kind: 'rootfs' });
    });

    it.each<[string, string, OpenImageOptions]>([
      ['rootfs:root', 'image/choice-needed', { detectors, platform: { os: 'linux', architecture: 'amd64' } }],
      ['rootfs:archive.tar', 'image/target-invalid', { detectors }],
    ])('%s fails with %s', async (text, code, options) => {
      await expect(openImage(parseTarget(placed(text)), options)).rejects.toMatchObject({ code });
    });
  });

  it.each(['layout.tar', 'oci-archive:layout.tar', 'oldest.tar', 'archive.tar'])(
    '%s has one image for all platforms',
    async (text) => {
      const set = await openImages(parseTarget(placed(text)));
      expect(set.images).toHaveLength(1);
      expect(await set.images[0]!.open()).toMatchObject({ platform: 'linux/amd64' });
      await set.close();
    },
  );

  it.each(['archive.tar', 'archive.tar.gz', 'oldest.tar'])(
    'reading %s ends with the reason of an aborted signal',
    async (name) => {
      const signal = AbortSignal.abort(new Error('enough'));
      await expect(openImage(parseTarget(at(name)), { signal })).rejects.toThrow('enough');
    },
  );

  it('does not contact a registry without access options', async () => {
    await expect(open('localhost/app')).rejects.toMatchObject({ code: 'image/target-invalid' });
  });

  it("selects this machine's platform, in the image specification's terms", async () => {
    const manifests = ['amd64', 'arm64', 'ppc64le', '386'].map((architecture, index) => ({
      digest: `sha256:${`${index}`.repeat(64)}`,
      platform: { os: 'linux', architecture },
    }));
    mkdirSync(at('platforms'));
    writeFileSync(at('platforms/index.json'), JSON.stringify({ manifests }));
    const mine = ({ x64: '0', arm64: '1', ppc64: '2', ia32: '3' } as Record<string, string>)[process.arch] ?? '';
    // The error names the manifest of the platform, which the layout does not contain.
    await expect(open(at('platforms'))).rejects.toMatchObject({
      message: expect.stringContaining(`has no blobs/sha256/${mine.repeat(64)}`),
    });
  });
});

function placed(text: string): string {
  const [, kind = '', path = ''] = /^(docker-archive:|oci:|oci-archive:|rootfs:)?(.*)$/.exec(text) ?? [];
  return `${kind}${at(path)}`;
}

async function tarOf(layout: string): Promise<Buffer> {
  const names = readdirSync(layout, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return await buildTar(
    names.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(layout.length + 1), readFileSync(path)] as const;
    }),
  );
}
