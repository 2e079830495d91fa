import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  gnuLong,
  type Member,
  pax,
  tarHeader,
  tarMember,
  tarOf,
  withoutEnd,
} from '../../src/bytes/testing/tar-builder.ts';
import type { Report } from '../../src/model/report/report.ts';
import * as builder from '../../src/worker/testing/image-builder.ts';
import { type CliRun, runClair } from '../fixtures/cli-run.ts';
import { buildDemoLayers, DEMO_FEED } from '../fixtures/demo-image.ts';

/** Clair reads uncompressed layers of local images by seeking: it neither verifies their digests nor stores them. */
const folder = mkdtempSync(join(tmpdir(), 'clair-unverified-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let layers: readonly builder.BuiltLayer[];
let database: string;
let databases = 0;
beforeAll(async () => {
  layers = await buildDemoLayers();
});
beforeEach(async () => {
  database = join(folder, `${(databases += 1)}.db`);
  await clair('update', '--feed', 'debian', '--from', DEMO_FEED);
});

async function clair(...args: readonly string[]): Promise<CliRun> {
  return await runClair([...args, '--db', database]);
}

type Scanned = Pick<CliRun, 'status' | 'err'> & { readonly report: Report | undefined };

async function scan(target: string, ...args: readonly string[]): Promise<Scanned> {
  const { status, out, err } = await clair('scan', target, '--format', 'json', ...args);
  return { status, err, report: out === '' ? undefined : JSON.parse(out) };
}

/** A report without the fields that may differ between two runs. */
function comparable({ status, report }: Scanned): unknown {
  const feeds = report?.feeds.map((feed) => ({ ...feed, ageSeconds: 0 }));
  return { status, report: report && { ...report, feeds, createdAt: '', layersVerified: undefined } };
}

/** The age of the feeds may differ between two runs. */
function withoutAges({ out, ...others }: CliRun): CliRun {
  return { ...others, out: out.replaceAll(/("ageSeconds": )\d+|\d+ (?:second|minute)s?/g, '$1') };
}

let archives = 0;
async function archiveOf(of: readonly builder.BuiltLayer[], tag = 'test:1'): Promise<string> {
  const path = join(folder, `${(archives += 1)}.tar`);
  writeFileSync(path, await builder.buildDockerArchive(of, tag));
  return path;
}

/** Returns the number of rows of the tables about layers and images in the database file. */
function storedRows(): number {
  const connection = new Database(database, { readonly: true });
  const tables = ['layer', 'layer_contents', 'layer_feature', 'feature', 'blob', 'image'];
  const counts = tables.map((table) => connection.prepare<[], number>(`SELECT COUNT(*) FROM ${table}`).pluck().get());
  connection.close();
  return counts.reduce<number>((sum, each) => sum + (each ?? 0), 0);
}

describe('an image with uncompressed layers', () => {
  it.each<[string, () => Promise<string>]>([
    ['a docker-archive', async () => await archiveOf(layers)],
    [
      'an OCI layout',
      async () => {
        const path = join(folder, `layout-${(archives += 1)}`);
        builder.writeOciLayout(path, layers, '1', (tar) => tar);
        return path;
      },
    ],
  ])('%s has the report of --verify, with layersVerified false, and nothing is stored', async (_, build) => {
    const target = await build();
    const seeking = await scan(target);
    expect([seeking.status, seeking.err]).toEqual([0, '']);
    expect(seeking.report?.layersVerified).toBe(false);
    expect(seeking.report?.findings.length).toBeGreaterThan(0);
    expect(storedRows()).toBe(0);
    const verified = await scan(target, '--verify');
    expect(verified.report?.layersVerified).toBe(true);
    expect(storedRows()).toBeGreaterThan(0);
    expect(comparable(seeking)).toEqual(comparable(verified));
    // A later scan neither uses nor changes the stored data.
    const rows = storedRows();
    expect(comparable(await scan(target))).toEqual(comparable(verified));
    expect(storedRows()).toBe(rows);
  });

  it('has the same explanation, difference and gate as with --verify', async () => {
    const [one, other] = [await archiveOf(layers.slice(0, 1)), await archiveOf(layers.slice(0, 2), 'test:2')];
    const commands = [
      ['explain', 'CVE-2099-0001', other, '--format', 'json'],
      ['diff', one, other],
      ['graph', other],
      ['scan', other, '--fail-on', 'low'],
    ];
    for (const command of commands) {
      const [seeking, verified] = [await clair(...command), await clair(...command, '--verify')];
      expect(withoutAges(seeking)).toEqual(withoutAges(verified));
      expect(seeking.out).not.toBe('');
    }
  });

  it('recognises a base image that is stored', async () => {
    await scan(await archiveOf(layers.slice(0, 1), 'base:1'), '--verify');
    const { report } = await scan(await archiveOf(layers));
    expect(report?.layers.map(({ origin }) => origin)).toEqual(['base', 'own', 'own', 'own']);
  });

  it('recognises a base image of the same run', async () => {
    const base = await archiveOf(layers.slice(0, 1), 'base:1');
    const { out } = await clair('diff', base, await archiveOf(layers), '--format', 'json');
    expect(JSON.parse(out).after.layers.map(({ origin }: { readonly origin: string }) => origin)).toEqual([
      'base',
      'own',
      'own',
      'own',
    ]);
  });

  it('is verified and stored if its layers are compressed', async () => {
    const path = join(folder, 'gzip-layout');
    builder.writeOciLayout(path, layers, '1', gzipSync);
    expect((await scan(path)).report?.layersVerified).toBe(true);
    expect(storedRows()).toBeGreaterThan(0);
  });
});

describe('an archive that claims the digests of other layers', () => {
  /** Writes an archive that claims the digest of the first layer but contains the bytes of the second layer. */
  async function lyingArchive(): Promise<string> {
    const [honest, ...others] = layers;
    const fake = layers[1];
    if (honest === undefined || fake === undefined) throw new Error('the image has too few layers');
    const config = JSON.stringify(builder.configOf([honest]));
    const name = `${builder.hexOf(config)}.json`;
    const path = join(folder, 'lying.tar');
    const manifest = JSON.stringify([{ Config: name, RepoTags: ['test:1'], Layers: ['layer.tar'] }]);
    const members = { 'layer.tar': fake.tar, [name]: config, 'manifest.json': manifest };
    writeFileSync(path, await builder.buildLayer(members));
    expect(others.length).toBeGreaterThan(0);
    return path;
  }

  it('has the packages of its own bytes, although the database has the layer that it claims', async () => {
    await scan(await archiveOf(layers.slice(0, 1)), '--verify');
    const rows = storedRows();
    const { report } = await scan(await lyingArchive());
    expect(report?.packages.map(({ name }) => name)).toContain('curl');
    expect(report?.layersVerified).toBe(false);
    expect(storedRows()).toBe(rows);
  });

  it('is refused with --verify, although the database has the layer that it claims', async () => {
    await scan(await archiveOf(layers.slice(0, 1)), '--verify');
    const { status, err } = await scan(await lyingArchive(), '--verify');
    expect(status).toBe(2);
    expect(err).toContain('[bytes/digest-mismatch]');
  });
});

const MIB = 1024 * 1024;
const STATUS =
  'Package: zlib1g\nStatus: install ok installed\nSource: zlib\nArchitecture: amd64\nVersion: 1:1.2.13.dfsg-1\n';
const RELEASE: Member = { name: 'etc/os-release', content: 'ID=debian\nVERSION_ID="12"\n' };
const PACKAGES: Member = { name: 'var/lib/dpkg/status', content: STATUS };
const BIG: Member = { name: 'big', content: Buffer.alloc(MIB, 1) };
/** A member whose content is an archive: a reader that trusts a wrong size would read the inner members. */
const INNER: Member = {
  name: 'inner',
  content: withoutEnd({ name: 'var/lib/dpkg/status', content: STATUS.replace('zlib1g', 'hidden') }, BIG),
};

describe('a crafted layer', () => {
  it.each<[string, Buffer]>([
    ['with an archive inside a file', tarOf(RELEASE, INNER, PACKAGES)],
    ['whose file states a size that ends inside its content', tarOf(RELEASE, { ...INNER, size: 512 }, PACKAGES)],
    ['whose file states a size beyond the next header', tarOf(RELEASE, { ...BIG, size: 2 * MIB }, PACKAGES, BIG, BIG)],
    [
      'whose last file states a size beyond its end',
      withoutEnd(RELEASE, PACKAGES, tarHeader({ name: 'big', size: 9 * MIB })),
    ],
    ['whose size is in a PAX header', tarOf(RELEASE, pax({ size: String(MIB) }), { ...BIG, size: 0 }, PACKAGES)],
    ['with a PAX header that states another size', tarOf(RELEASE, pax({ size: '512' }), BIG, PACKAGES)],
    ['with a long name', tarOf(RELEASE, gnuLong('L', 'var/lib/dpkg/status'), { ...PACKAGES, name: 'short' }, BIG)],
    ['with a directory that states a size', tarOf(RELEASE, { name: 'd/', type: '5', size: MIB }, PACKAGES, BIG)],
    ['with a damaged header after a large file', tarOf(RELEASE, PACKAGES, BIG, Buffer.alloc(512, 7))],
    ['that ends inside a large file', tarOf(RELEASE, PACKAGES, BIG).subarray(0, -MIB)],
    [
      'with a single block of zeros',
      Buffer.concat([withoutEnd(RELEASE, PACKAGES, BIG), Buffer.alloc(512), tarMember(INNER)]),
    ],
    ['with members after its end', Buffer.concat([tarOf(RELEASE, BIG, PACKAGES), tarOf(INNER)])],
    ['without an end', withoutEnd(RELEASE, BIG, PACKAGES)],
    ['that repeats a file', tarOf(RELEASE, PACKAGES, BIG, { ...PACKAGES, content: STATUS.replace('zlib1g', 'other') })],
    ['with a sparse file', tarOf(RELEASE, pax({ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0' }), BIG, PACKAGES)],
    ['that is no archive', Buffer.alloc(4096, 3)],
    ['that is empty', Buffer.alloc(0)],
  ])('%s has the report of --verify or is refused like it', async (_, tar) => {
    const target = await archiveOf([{ tar, createdBy: 'crafted' }]);
    const [seeking, verified] = [await scan(target), await scan(target, '--verify')];
    expect(comparable(seeking)).toEqual(comparable(verified));
    expect(seeking.err).toBe(verified.err);
    expect(seeking.report?.layersVerified ?? false).toBe(false);
  });
});
