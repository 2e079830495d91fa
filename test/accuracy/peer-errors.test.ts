/**
 * Tests Clair for known errors of other scanners, each with the smallest image that shows the error. The tests import
 * small feeds, and check the reports of `clair scan` on whole images. test/conformance/images/peer-images.test.ts tests
 * real images.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliRun, runClair } from '../fixtures/cli-run.ts';
import type { Report } from '../../src/model/report/report.ts';
import { buildDockerArchive, buildLayer, type LayerMembers } from '../../src/worker/testing/image-builder.ts';
import { rpmHeader } from '../../src/worker/detectors/packages/rpm/testing/rpm-header.ts';
import { sqliteDatabase } from '../../src/worker/detectors/packages/rpm/testing/rpm-sqlite.ts';

const STATUS = 'var/lib/dpkg/status';
const INSTALLED = 'lib/apk/db/installed';
const BOOKWORM = { 'etc/os-release': 'ID=debian\nVERSION_ID="12"\n' };

const folder = mkdtempSync(join(tmpdir(), 'clair-peers-'));
const database = join(folder, 'clair.db');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  const resolved = (version: string): object => ({
    releases: {
      bookworm: { status: 'resolved', repositories: { bookworm: version }, fixed_version: version, urgency: 'high' },
    },
  });
  await update('debian', 'tracker.json', {
    openssl: { 'CVE-2099-1': resolved('3.0.9-2') },
    nginx: { 'CVE-2099-2': resolved('1.99-1') },
    linux: { 'CVE-2099-3': resolved('6.1.200-1') },
  });
  for (const [branch, fixed] of [
    ['v3.22', '1.0-r1'],
    ['edge', '2.0-r0'],
  ] as const) {
    const packages = [{ pkg: { name: 'musl', secfixes: { [fixed]: ['CVE-2099-4'] } } }];
    mkdirSync(join(folder, 'secdb', branch), { recursive: true });
    const secdb = { distroversion: branch, reponame: 'main', packages };
    writeFileSync(join(folder, 'secdb', branch, 'main.json'), JSON.stringify(secdb));
  }
  expect(await clair('update', '--feed', 'alpine', '--from', join(folder, 'secdb'), '--db', database)).toMatchObject({
    status: 0,
  });
  await update('almalinux', 'alsa.json', {
    id: 'ALSA-2099:1',
    modified: '2099-01-01T00:00:00Z',
    related: ['CVE-2099-5'],
    affected: ['php', 'bash'].map((name) => ({
      package: { ecosystem: 'AlmaLinux:9', name },
      ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '8.2-1.el9' }] }],
    })),
  });
});

describe('one invalid line in dpkg/status', () => {
  const good = [stanza('a', '1'), stanza('openssl', '3.0.9-1')];
  const bad = stanza('b', '1').replace('Architecture', 'this is no field\nArchitecture');

  it('skips only its own stanza, and the report is incomplete', async () => {
    const { status, report } = await scan({ ...BOOKWORM, [STATUS]: [good[0], bad, good[1]].join('\n') });
    expect(names(report)).toEqual(['a', 'openssl']);
    expect(findingLines(report)).toEqual(['CVE-2099-1 openssl 3.0.9-1 in layer 0']);
    expect(databaseDiagnostics(report)).toEqual(['package-entry-unreadable']);
    expect(status).toBe(3);
  });
});

describe('a distroless image', () => {
  it('is read from a layer without directory entries, ignoring other files beside the stanzas', async () => {
    const { report } = await scan(BOOKWORM, {
      'var/lib/dpkg/status.d/openssl': stanza('openssl', '3.0.9-1').replace(/^Status: .*\n/m, ''),
      'var/lib/dpkg/status.d/openssl.md5sums': 'd41d8cd98f00b204e9800998ecf8427e  usr/bin/openssl\n',
      'var/lib/dpkg/status.d/openssl.preinst': '#!/bin/sh\nset -e\ncat <<EOF\nPackage: openssl\nEOF\n',
    });
    expect(findingLines(report)).toEqual(['CVE-2099-1 openssl 3.0.9-1 in layer 1']);
    expect(databaseDiagnostics(report)).toEqual([]);
  });
});

describe('Debian without etc/debian_version', () => {
  it('is identified by os-release', async () => {
    const { report } = await scan({ ...BOOKWORM, [STATUS]: stanza('openssl', '3.0.9-1') });
    expect(findingLines(report)).toEqual(['CVE-2099-1 openssl 3.0.9-1 in layer 0']);
  });
});

describe('the apk repositories', () => {
  const ADDRESS = 'https://dl-cdn.alpinelinux.org/alpine';
  const alpine = (repositories: string): LayerMembers => ({
    'etc/os-release': 'ID=alpine\nVERSION_ID=3.22.1\n',
    'etc/apk/repositories': repositories,
    [INSTALLED]: 'P:musl\nV:1.5-r0\nA:x86_64\no:musl\n\nP:.build-deps\nV:0\nA:noarch\n\n',
  });

  it.each([
    ['a tagged line', `${ADDRESS}/v3.22/main\n@testing ${ADDRESS}/edge/testing\n`],
    ['a second branch', `${ADDRESS}/v3.22/main\n${ADDRESS}/edge/main\n`],
  ])('%s do not change the branch of the image', async (_, repositories) => {
    const { report } = await scan(alpine(repositories));
    expect(report.distribution?.namespace).toBe('alpine:v3.22');
    expect(findingLines(report)).toEqual([]);
    expect(names(report)).toEqual(['.build-deps', 'musl']);
  });

  it('of one other branch alone set the branch', async () => {
    const { report } = await scan(alpine(`${ADDRESS}/edge/main\n`));
    expect(report.distribution?.namespace).toBe('alpine:edge');
    expect(findingLines(report)).toEqual(['CVE-2099-4 musl 1.5-r0 in layer 0']);
  });
});

describe('the layer of a finding', () => {
  const library = (feed: string): string => stanza('libssl3', '7', `openssl (${feed})`);

  it('is the layer that installed the present version, not the last layer with a database', async () => {
    const base = { ...BOOKWORM, [STATUS]: library('3.0.9-1') };
    const { report } = await scan(base, { [STATUS]: `${library('3.0.9-1')}\n${stanza('a', '1')}` });
    expect(findingLines(report)).toEqual(['CVE-2099-1 libssl3 7 in layer 0']);
  });

  it('is the later layer when only the source version changed', async () => {
    const { report } = await scan({ ...BOOKWORM, [STATUS]: library('3.0.8-1') }, { [STATUS]: library('3.0.9-1') });
    expect(findingLines(report)).toEqual(['CVE-2099-1 libssl3 7 in layer 1']);
  });

  it('is the later layer when the package was removed and reinstalled', async () => {
    const { report } = await scan(
      { ...BOOKWORM, [STATUS]: library('3.0.9-1') },
      { [STATUS]: '' },
      { [STATUS]: library('3.0.9-1') },
    );
    expect(findingLines(report)).toEqual(['CVE-2099-1 libssl3 7 in layer 2']);
  });
});

describe('a signed kernel', () => {
  it('has the findings of the kernel that it signs', async () => {
    const { report } = await scan({
      ...BOOKWORM,
      [STATUS]: stanza('linux-image-6.1.0-9-amd64', '6.1.170-3', 'linux-signed-amd64 (6.1.170+3)'),
    });
    expect(findingLines(report)).toEqual(['CVE-2099-3 linux-image-6.1.0-9-amd64 6.1.170-3 in layer 0']);
  });
});

describe('third-party packages', () => {
  it('are not matched with the Debian feed', async () => {
    const foreign = `${stanza('nginx', '1.25.3-1~bookworm')}Maintainer: NGINX Packaging <nginx-packaging@f5.com>\n`;
    const { status, report } = await scan({
      ...BOOKWORM,
      [STATUS]: `${foreign}\n${stanza('nginx-light', '1.22-1', 'nginx')}`,
    });
    expect(names(report)).toEqual(['nginx', 'nginx-light']);
    expect(report.packages.map(({ namespace }) => namespace)).toEqual([null, 'debian:12']);
    expect(findingLines(report)).toEqual(['CVE-2099-2 nginx-light 1.22-1 in layer 0']);
    expect(databaseDiagnostics(report)).toEqual(['package-third-party']);
    expect(status).toBe(3);
  });

  it('are not matched with the AlmaLinux feed', async () => {
    const of = { version: '8.1', release: '1.el9', arch: 'x86_64' };
    const remi = "Remi's RPM repository <https://rpms.remirepo.net/>";
    const headers = [
      rpmHeader({ ...of, name: 'bash', vendor: 'AlmaLinux' }),
      rpmHeader({ ...of, name: 'php', vendor: remi }),
    ];
    const { status, report } = await scan({
      'etc/os-release': 'ID="almalinux"\nVERSION_ID="9.4"\n',
      'var/lib/rpm/rpmdb.sqlite': sqliteDatabase(headers),
    });
    expect(findingLines(report)).toEqual(['ALSA-2099:1 bash 8.1-1.el9 in layer 0']);
    expect(report.diagnostics.find(({ code }) => code === 'package-third-party')?.message).toContain(
      'php 8.1-1.el9 (Remi',
    );
    expect(status).toBe(3);
  });
});

function stanza(name: string, version: string, feed?: string): string {
  const lines = [`Package: ${name}`, 'Status: install ok installed', 'Architecture: amd64', `Version: ${version}`];
  return `${[...lines, ...(feed === undefined ? [] : [`Source: ${feed}`])].join('\n')}\n`;
}

async function clair(...args: readonly string[]): Promise<CliRun> {
  return await runClair(args);
}

async function update(feed: string, name: string, document: object): Promise<void> {
  writeFileSync(join(folder, name), JSON.stringify(document));
  expect(await clair('update', '--feed', feed, '--from', join(folder, name), '--db', database)).toMatchObject({
    status: 0,
  });
}

let images = 0;

async function scan(...layers: readonly LayerMembers[]): Promise<{ readonly status: number; readonly report: Report }> {
  const path = join(folder, `image-${(images += 1)}.tar`);
  const built = await Promise.all(layers.map(async (members) => ({ tar: await buildLayer(members), createdBy: '' })));
  writeFileSync(path, await buildDockerArchive(built, 'test:1'));
  const { status, out } = await clair('scan', `docker-archive:${path}`, '--format', 'json', '--db', database);
  return { status, report: JSON.parse(out) };
}

function names({ packages }: Report): readonly string[] {
  return packages.map(({ name }) => name).toSorted();
}

function findingLines({ findings }: Report): readonly string[] {
  return findings.map((each) => `${each.id} ${each.package} ${each.version} in layer ${each.layer}`).toSorted();
}

function databaseDiagnostics({ diagnostics }: Report): readonly string[] {
  return diagnostics.map(({ code }) => code).filter((code) => code.startsWith('package-'));
}
