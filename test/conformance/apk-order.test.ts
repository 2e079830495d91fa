/** Compares the apk scheme with apk-tools, on the versions of `../shared` if present. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import lzma from 'lzma-native';
import { expect, it } from 'vitest';
import { decompress } from 'zstd-napi';
import { apk } from '../../src/versions/apk.ts';
import { compareByApk } from '../../src/versions/testing/apk-rule.ts';
import { compareKeys } from '../../src/versions/testing/version-laws.ts';
import { describeShared, sharedPath } from '../fixtures/shared-data.ts';
import { captures, isAccepted } from './version-pairs.ts';

const SECURITY_DATABASES = ['alpine-secdb-json-regenerated', 'alpine-secdb-yaml'].map(
  (name) => `feeds/alpine/${name}.tar.zst`,
);
const IMAGES = [
  'alpine-minirootfs-20240923-x86_64.tar.gz',
  'alpine-minirootfs-3.18.9-aarch64.tar.gz',
  'alpine-minirootfs-3.18.9-x86_64.tar.gz',
  'alpine-minirootfs-3.9.6-x86_64.tar.gz',
  'library-3.4-a-rootfs.tar.xz',
  'library-3.4-c-rootfs.tar.gz',
].map((name) => `images/alpine/${name}`);

/** Typos in Alpine's security database; apk-tools 3 rejects all of them. */
const MISPRINTS = [
  '0.12.5.-r0 0.8.21.r2 1.0.4.-r0 1.11-20-r0 1.18.-r2 1.2.31-0 1.7.5.-r1 10.2.22.r0 10.2.24.r0 10.2.26.r0 2.15.r-r1',
  '2.7.16-33 2021-03-27-r5 4.10-1-r1 4.8.0.-r1 57-1-r2',
].flatMap((row) => row.split(' '));

describeShared('real versions', [...SECURITY_DATABASES, ...IMAGES], () => {
  it('of the security database sort as in apk, except for the listed typing errors', () => {
    const texts = SECURITY_DATABASES.map((path) => decompress(readFileSync(sharedPath(path))).toString('latin1'));
    const fixed = texts.flatMap((text) => [
      ...captures(text, /"([^"]*)":\["?CVE/g),
      ...captures(text, /^ {8}["']?(\d[^\s"':]*)["']?:$/gm),
    ]);
    expect(new Set(fixed).size).toBeGreaterThan(3500);
    expect([...new Set(fixed)].filter((version) => !isAccepted(apk, version)).toSorted()).toEqual(MISPRINTS);
    expectSorted(fixed.filter((version) => isAccepted(apk, version)));
  });

  it('of installed packages sort as in apk', async () => {
    const archives = await Promise.all(IMAGES.map((path) => expanded(readFileSync(sharedPath(path)))));
    const installed = captures(archives.join('\n'), /^C:Q1.+\nP:.+\nV:(.+)$/gm);
    expect(installed.length).toBeGreaterThan(50);
    expectSorted(installed);
  });
});

function expanded(archive: Buffer): Promise<string> {
  return new Promise((resolve) => {
    if (archive[0] === 0x1f) resolve(gunzipSync(archive).toString('latin1'));
    else lzma.decompress(archive, {}, (bytes) => resolve(bytes.toString('latin1')));
  });
}

function expectSorted(all: readonly string[]): void {
  const distinct = [...new Set(all)];
  expect(distinct.toSorted((a, b) => compareKeys(apk, a, b))).toEqual(distinct.toSorted(compareByApk));
}
