/**
 * Tests Clair for known errors of other scanners on real images and feeds; test/accuracy/peer-errors.test.ts tests the
 * same errors with small images.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decompress } from 'zstd-napi';
import { type Clair, composeClair } from '../../../src/compose/clair.ts';
import type { Report } from '../../../src/model/report/report.ts';
import { openImage, parseTarget } from '../../../src/worker/sources/target.ts';
import { buildDockerArchive, buildLayer } from '../../../src/worker/testing/image-builder.ts';
import { findingsOf, reportOfImage } from '../../../src/report/testing/layer-report.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';
import { newDatabase } from '../../../src/database/testing/stores.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-peer-images-'));
afterAll(() => rmSync(folder, { recursive: true }));

let images = 0;

async function reportOf(clair: Clair, ...tars: readonly Buffer[]): Promise<Report> {
  const path = join(folder, `image-${(images += 1)}.tar`);
  writeFileSync(
    path,
    await buildDockerArchive(
      tars.map((tar) => ({ tar, createdBy: '' })),
      'test:1',
    ),
  );
  return await reportOfImage(clair, `docker-archive:${path}`);
}

const DEBIAN_FEED = 'feeds/debian/debian-tracker-derived.json.zst';
const DEBIAN_IMAGE = 'images/debian-dbonly/bullseye-4layers.docker-archive.tar.xz';

describeShared('one invalid line in the dpkg/status of a real Debian image', [DEBIAN_FEED, DEBIAN_IMAGE], () => {
  it('loses one of 122 packages with its findings, and the report is incomplete', async () => {
    const clair = await composeClair(newDatabase());
    try {
      await clair.updater.update('debian', { from: sharedPath(DEBIAN_FEED) });
      const status = await statusAt(1);
      const release = { 'etc/os-release': 'ID=debian\nVERSION_ID="11"\n' };
      const whole = await reportOf(clair, await buildLayer({ ...release, 'var/lib/dpkg/status': status }));
      expect(whole.packages).toHaveLength(122);
      const broken = status.replace(/^Package: libsepol1\n/m, '$&this line is no field\n');
      expect(broken).not.toBe(status);
      const report = await reportOf(clair, await buildLayer({ ...release, 'var/lib/dpkg/status': broken }));
      expect(report.packages).toHaveLength(121);
      expect(findingsOf(report)).toEqual(findingsOf(whole).filter((line) => !line.includes(' libsepol1 ')));
      expect(findingsOf(report).length).toBeLessThan(findingsOf(whole).length);
      const added = report.diagnostics.filter(({ code }) => whole.diagnostics.every((each) => each.code !== code));
      expect(added).toMatchObject([{ code: 'package-entry-unreadable', incomplete: true }]);
    } finally {
      await clair.close();
    }
  });
});

async function statusAt(index: number): Promise<string> {
  const image = await openImage(parseTarget(`docker-archive:${sharedPath(DEBIAN_IMAGE)}`));
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of await image.layers[index]!.source.open()) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString('latin1');
    const start = text.indexOf('Package: ');
    return text.slice(start, text.indexOf('\0', start));
  } finally {
    await image.close();
  }
}

const ALPINE_FEED = 'feeds/alpine/alpine-secdb-json-regenerated.tar.zst';
const ALPINE_ROOT = 'images/alpine/alpine-minirootfs-3.9.6-x86_64.tar.gz';
const ADDRESS = 'https://dl-cdn.alpinelinux.org/alpine';

describeShared('the apk repositories of a real Alpine 3.9', [ALPINE_FEED, ALPINE_ROOT], () => {
  let clair: Clair;
  let root: Buffer;
  /** The findings with only the release files: for 3.9 and for edge. */
  let asRelease: readonly string[];
  let asEdge: readonly string[];

  const withFiles = async (files: Readonly<Record<string, string>>): Promise<readonly string[]> =>
    findingsOf(await reportOf(clair, root, await buildLayer(files)));

  beforeAll(async () => {
    clair = await composeClair(newDatabase());
    writeFileSync(join(folder, 'secdb.tar'), decompress(readFileSync(sharedPath(ALPINE_FEED))));
    await clair.updater.update('alpine', { from: join(folder, 'secdb.tar') });
    root = gunzipSync(readFileSync(sharedPath(ALPINE_ROOT)));
    const none = { 'etc/apk/repositories': '' };
    asRelease = await withFiles(none);
    asEdge = await withFiles({ ...none, 'etc/os-release': 'ID=alpine\nVERSION_ID=3.23_alpha20260101\n' });
    expect(asEdge.length).toBeGreaterThan(2 * asRelease.length);
  });
  afterAll(async () => await clair.close());

  it.each([
    ['its own', `${ADDRESS}/v3.9/main\n${ADDRESS}/v3.9/community\n`],
    ['its own branch and a tagged branch', `${ADDRESS}/v3.9/main\n@testing ${ADDRESS}/edge/testing\n`],
    ['its own branch and edge', `${ADDRESS}/v3.9/main\n${ADDRESS}/edge/main\n`],
  ])('%s: the findings are the findings of 3.9', async (_, repositories) => {
    expect(await withFiles({ 'etc/apk/repositories': repositories })).toEqual(asRelease);
  });

  it('edge alone: the findings are the findings of edge', async () => {
    const repositories = `#${ADDRESS}/v3.9/main\n${ADDRESS}/edge/main\n${ADDRESS}/edge/community\n`;
    expect(await withFiles({ 'etc/apk/repositories': repositories })).toEqual(asEdge);
  });
});
