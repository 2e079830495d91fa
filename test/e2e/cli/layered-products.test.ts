import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli } from '../../../src/cli/program.ts';
import type { Report } from '../../../src/model/report/report.ts';
import { buildDockerArchive, buildLayer, type LayerMembers } from '../../../src/worker/testing/image-builder.ts';
import { rpmHeader, type RpmTags } from '../../../src/worker/detectors/packages/rpm/testing/rpm-header.ts';
import { sqliteDatabase } from '../../../src/worker/detectors/packages/rpm/testing/rpm-sqlite.ts';

const DOCUMENT = new URL('../../../src/updater/fetchers/redhat/testdata/vex/cve-2099-0004.json', import.meta.url);

const BASEOS = 'rhel-9-for-x86_64-baseos-rpms';
const openshift = (minor: number): string => `rhocp-4.${minor}-for-rhel-9-x86_64-rpms`;

const folder = mkdtempSync(join(tmpdir(), 'clair-products-'));
const inFolder = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let outputs = '';
async function clair(...args: readonly string[]): Promise<number> {
  outputs = '';
  const write = (text: string): unknown => (outputs += text);
  return await runCli(args, { out: write, err: write, signal: new AbortController().signal });
}

beforeAll(async () => {
  mkdirSync(inFolder('feed'));
  copyFileSync(fileURLToPath(DOCUMENT), inFolder('feed/cve-2099-0004.json'));
  const entries = [
    [BASEOS, 'cpe:/o:redhat:enterprise_linux:9::baseos'],
    ...[15, 16].map((minor) => [openshift(minor), `cpe:/a:redhat:openshift:4.${minor}::el9`]),
  ];
  const data = Object.fromEntries(entries.map(([name, cpe]) => [name, { cpes: [cpe] }]));
  writeFileSync(inFolder('feed/repository-to-cpe.json'), JSON.stringify({ data }));
  const path = inFolder('first.db');
  expect(await clair('update', '--feed', 'redhat', '--from', inFolder('feed'), '--db', path)).toBe(0);
  expect(await clair('db', 'export', inFolder('export'), '--db', path)).toBe(0);
  expect(await clair('db', 'import', inFolder('export'), '--db', inFolder('second.db'))).toBe(0);
});

function members(packages: readonly RpmTags[], contentSets?: readonly string[]): LayerMembers {
  const manifest = { metadata: { icm_version: 1 }, content_sets: contentSets };
  return {
    'var/lib/rpm/rpmdb.sqlite': sqliteDatabase(packages.map((each) => rpmHeader(each))),
    ...(contentSets !== undefined && { 'usr/share/buildinfo/content-sets.json': JSON.stringify(manifest) }),
  };
}

const TOOL = {
  name: 'tool',
  version: '3.1',
  release: '1.rhaos4.16.el9',
  sourceRpm: 'tool-3.1-1.rhaos4.16.el9.src.rpm',
};
const EXTRAS = { name: 'extras', version: '1', release: '1.el9', sourceRpm: 'tool-extras-1-1.el9.src.rpm' };
const OLD_TOOL = { name: 'tool', version: '2.0', release: '1.el9', sourceRpm: 'tool-2.0-1.el9.src.rpm' };

const RELEASE: LayerMembers = { 'etc/os-release': 'ID="rhel"\nVERSION_ID="9.4"\n' };
const BASE: LayerMembers = { ...RELEASE, ...members([OLD_TOOL, EXTRAS], [BASEOS]) };

async function reportOf(database: string, ...layers: readonly LayerMembers[]): Promise<Report> {
  const built = layers.map(async (each, index) => ({ tar: await buildLayer(each), createdBy: `step ${index}` }));
  writeFileSync(inFolder('image.tar'), await buildDockerArchive(await Promise.all(built), 'test:1'));
  await clair('scan', `docker-archive:${inFolder('image.tar')}`, '--format', 'json', '--db', inFolder(database));
  return JSON.parse(outputs);
}

const found = ({ findings }: Report): readonly string[] =>
  findings.map(({ package: name, version, status, fixedIn }) => `${name} ${version} ${status} ${fixedIn}`);

async function reportOfProduct(database: string, minor: number): Promise<Report> {
  const product = members([TOOL, { ...EXTRAS, version: '2' }], [BASEOS, openshift(minor)]);
  return await reportOf(database, BASE, product);
}

it.each(['first.db', 'second.db'])('an image gets the product of its packages from %s', async (db) => {
  const [newer, older] = [await reportOfProduct(db, 16), await reportOfProduct(db, 15)];
  expect(found(newer)).toEqual(['extras 2-1.el9 open null', 'tool 3.1-1.rhaos4.16.el9 fixed 3.1-2.rhaos4.16.el9']);
  // In version 4.15 of the product, an older version of the package has the fix.
  expect(found(older)).toEqual(['extras 2-1.el9 open null']);
  expect([...newer.diagnostics, ...older.diagnostics]).toEqual([]);
});

it('an image with packages of an unknown product gets a diagnostic', async () => {
  const report = await reportOfProduct('first.db', 14);
  expect(found(report)).toEqual([]);
  expect(report.diagnostics).toMatchObject([
    {
      code: 'content-set-unknown',
      message: `The products of the repositories ${openshift(14)} are unknown, so advisories for these products were not matched`,
      incomplete: true,
    },
  ]);
});

it.each<[string, LayerMembers]>([
  ['of RHEL alone', BASE],
  ['without repository data', { ...RELEASE, ...members([OLD_TOOL, EXTRAS]) }],
])('an image %s gets only the advisories of RHEL', async (_, layer) => {
  const report = await reportOf('first.db', layer);
  expect(found(report)).toEqual(['tool 2.0-1.el9 fixed 2.0-5.el9_4']);
  expect(report.diagnostics).toEqual([]);
});
