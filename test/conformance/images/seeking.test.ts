/**
 * Real images have the same report when their uncompressed layers are read by seeking and when all bytes are verified.
 */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Report } from '../../../src/model/report/report.ts';
import { buildDockerArchive } from '../../../src/worker/testing/image-builder.ts';
import { runClair } from '../../fixtures/cli-run.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';
import { outputBytes } from '../program.ts';

const FEED = 'feeds/alpine/alpine-secdb-yaml.tar.zst';

const ARCHIVES: readonly string[] = [
  'images/debian-dbonly/bullseye-4layers.docker-archive.tar.xz',
  'images/peers/alpine-310.tar.gz',
  'images/peers/docker-archives/hello-world.tar',
  'images/peers/docker-archives/java-uberjar.tar',
];

const LAYERS: readonly string[] = [
  'images/almalinux/almalinux-9-docker-aarch64-micro.tar.xz',
  'images/alpine/alpine-minirootfs-3.9.6-x86_64.tar.gz',
  'images/alpine/library-3.4-a-rootfs.tar.xz',
  'images/busybox/busybox-musl-amd64-rootfs.tar.gz',
  'images/debian-dbonly/trixie.layer.tar.xz',
];

describeShared('an image that is read by seeking', [FEED, ...ARCHIVES, ...LAYERS], () => {
  const folder = mkdtempSync(join(tmpdir(), 'clair-seeking-'));
  const database = join(folder, 'clair.db');
  beforeAll(async () => {
    const update = await runClair(['update', '--feed', 'alpine', '--from', sharedPath(FEED), '--db', database]);
    expect(update).toMatchObject({ status: 0 });
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Returns the path of an uncompressed copy. */
  function uncompressed(name: string): string {
    const path = join(folder, basename(name).replace(/\.[gx]z$/, ''));
    const program = { gz: 'gzip', xz: 'xz' }[name.slice(-2)];
    if (program === undefined) copyFileSync(sharedPath(name), path);
    else writeFileSync(path, outputBytes(program, ['--decompress', '--stdout', sharedPath(name)]));
    return path;
  }

  /** Returns whether all layers were verified, and the report without the fields that may differ between two scans. */
  async function scan(target: string, ...args: readonly string[]) {
    const { status, out } = await runClair(['scan', target, ...args, '--format', 'json', '--db', database]);
    const report: Report = JSON.parse(out);
    const feeds = report.feeds.map((feed) => ({ ...feed, ageSeconds: 0 }));
    const comparable = { status, ...report, feeds, createdAt: '', layersVerified: null };
    return { isVerified: report.layersVerified, comparable };
  }

  it.each(ARCHIVES)('has the report of --verify: %s', async (name) => {
    const path = uncompressed(name);
    const verified = await scan(path, '--verify');
    expect(await scan(path)).toEqual({ ...verified, isVerified: false });
    expect(verified.isVerified).toBe(true);
  });

  it.each(LAYERS)('has the report of --verify: the layer %s', async (name) => {
    const path = join(folder, `${basename(name)}.image.tar`);
    const tar = readFileSync(uncompressed(name));
    writeFileSync(path, await buildDockerArchive([{ tar, createdBy: 'ADD' }], 'real:1'));
    const verified = await scan(path, '--verify');
    expect(await scan(path)).toEqual({ ...verified, isVerified: false });
    expect(verified.isVerified).toBe(true);
  });
});
