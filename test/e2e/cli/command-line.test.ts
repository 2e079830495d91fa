import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import lzma from 'lzma-native';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../../../src/cli/program.ts';
import { type CliRun, runClair } from '../../fixtures/cli-run.ts';
import type { Report } from '../../../src/model/report/report.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';
import * as builder from '../../../src/worker/testing/image-builder.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-cli-'));
const inFolder = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const clair = async (...args: readonly string[]): Promise<CliRun> =>
  await clairUntil(new AbortController().signal, ...args);

async function clairUntil(signal: AbortSignal, ...args: readonly string[]): Promise<CliRun> {
  return await runClair(args, signal);
}

async function scanned(target: string, database: string): Promise<CliRun & { readonly report: Report }> {
  const outcome = await clair('scan', target, '--format', 'json', '--db', database);
  return { ...outcome, report: JSON.parse(outcome.out) };
}

async function archiveOf(name: string, ...layers: readonly builder.BuiltLayer[]): Promise<string> {
  writeFileSync(inFolder(name), await builder.buildDockerArchive(layers, 'test:1'));
  return inFolder(name);
}

let layers: readonly builder.BuiltLayer[];
let archive: string;
let databases = 0;
let database: string;

beforeAll(async () => {
  layers = await buildDemoLayers();
  archive = await archiveOf('image.tar', ...layers);
});
beforeEach(() => {
  database = inFolder(`clair-${(databases += 1)}.db`);
});

const update = async (from = DEMO_FEED): Promise<CliRun> =>
  await clair('update', '--feed', 'debian', '--from', from, '--db', database);

describe('clair scan', () => {
  it('reports each vulnerability with its package and the introducing layer, and no fixed vulnerabilities', async () => {
    expect(await update()).toMatchObject({ status: 0, out: expect.stringContaining('6 added') });
    const { status, err, report } = await scanned(`docker-archive:${archive}`, database);
    expect({ status, err, diagnostics: report.diagnostics.map(({ code }) => code) }).toEqual({
      status: 0,
      err: '',
      diagnostics: ['feed-undecided'],
    });
    expect(report.undecided.listed).toMatchObject([{ id: 'CVE-2099-0006', package: 'zlib1g', status: 'undetermined' }]);
    expect(report.target).toMatchObject({ kind: 'docker-archive', reference: 'test:1', platform: 'linux/amd64' });
    expect(report.distribution).toEqual({
      id: 'debian',
      version: '12',
      namespace: 'debian:12',
      prettyName: 'Debian GNU/Linux 12 (bookworm)',
    });
    expect(report.layers.map((each) => [each.index, each.createdBy, each.packagesAdded, each.packagesRemoved])).toEqual(
      [
        [0, 'debootstrap bookworm', 3, 0],
        [1, 'RUN apt-get install curl openssl', 3, 0],
        [2, 'RUN apt-get upgrade', 4, 4],
        [3, 'RUN apt-get remove curl libcurl4', 0, 2],
      ],
    );
    expect(report.packages.map((each) => [each.name, each.layer])).toEqual([
      ['base-files', 0],
      ['libssl3', 2],
      ['openssl', 2],
      ['zlib1g', 0],
    ]);
    expect(report.packages[1]).toEqual({
      namespace: 'debian:12',
      name: 'libssl3',
      version: '3.0.13-1~deb12u1',
      arch: 'amd64',
      type: 'deb',
      purl: 'pkg:deb/debian/libssl3@3.0.13-1~deb12u1?arch=amd64&distro=debian-12&upstream=openssl',
      source: { name: 'openssl', version: '3.0.13-1~deb12u1' },
      paths: [],
      owner: null,
      flags: [],
      candidates: [],
      layer: 2,
    });
    expect(report.findings.map((each) => [each.id, each.severity, each.status, each.package, each.layer])).toEqual([
      ['CVE-2099-0002', 'Low', 'postponed', 'libssl3', 2],
      ['CVE-2099-0002', 'Low', 'postponed', 'openssl', 2],
      ['CVE-2099-0005', 'Negligible', 'open', 'zlib1g', 0],
    ]);
    expect(report.findings[2]).toMatchObject({
      namespace: 'debian:12',
      version: '1:1.2.13.dfsg-1',
      fixedIn: null,
      link: 'https://security-tracker.debian.org/tracker/CVE-2099-0005',
      description: expect.stringContaining('example program'),
    });
    const source = { name: 'debian', vulnerabilities: 6, isUsed: true, isStale: false, error: null };
    expect(report.feeds).toMatchObject([{ ...source, updatedAt: expect.stringMatching(/^20.*Z$/) }]);
  });

  it('lists the repositories of a Red Hat image', async () => {
    const manifest = JSON.stringify({
      metadata: { icm_version: 1 },
      content_sets: ['rhel-9-baseos', 'rhel-9-appstream'],
    });
    const tar = await builder.buildLayer({
      'etc/os-release': 'ID=rhel\nVERSION_ID=9.4\n',
      'root/buildinfo/content_manifests/base-9.4-1.json': manifest,
      'usr/share/buildinfo/content-sets.json': manifest,
      'usr/share/buildinfo/labels.json': '{"cpe": "cpe:/o:redhat:enterprise_linux:9"}',
    });
    const sbom = await builder.buildLayer({
      'root/buildinfo/content_manifests/sbom.json': '{"bomFormat": "CycloneDX"}',
    });
    const image = await archiveOf('repositories.tar', { tar, createdBy: '' }, { tar: sbom, createdBy: '' });
    const { report } = await scanned(image, database);
    expect(report.contentSets).toEqual(['rhel-9-appstream', 'rhel-9-baseos']);
    expect(report.diagnostics).toContainEqual({
      code: 'content-manifest-unreadable',
      message: expect.stringContaining('an SBOM without content sets'),
      where: 'root/buildinfo/content_manifests/sbom.json',
      incomplete: false,
    });
    expect((await scanned(archive, database)).report.contentSets).toEqual([]);
  });

  it('reports the same findings for every form of the image', async () => {
    await update();
    const expected = (await scanned(archive, inFolder('other.db'))).report;
    writeFileSync(inFolder('image.tar.gz'), gzipSync(readFileSync(archive)));
    writeFileSync(inFolder('image.tar.xz'), await compressXz(readFileSync(archive)));
    builder.writeOciLayout(inFolder('layout'), layers, 'v1');
    builder.writeOciLayout(inFolder('layout-plain'), layers, 'v1', (tar) => tar);
    for (const target of ['image.tar.gz', 'image.tar.xz', 'layout', 'layout-plain']) {
      const { report, status } = await scanned(inFolder(target), inFolder(`${target}.db`));
      expect(status).toBe(3);
      expect(report.packages).toEqual(expected.packages);
      expect(report.layers.map(({ diffId }) => diffId)).toEqual(expected.layers.map(({ diffId }) => diffId));
    }
    const { report } = await scanned(`oci:${inFolder('layout')}:v1`, database);
    expect(report.target).toMatchObject({ kind: 'oci', reference: 'v1' });
    expect(report.layers[0]?.digest).not.toBe(report.layers[0]?.diffId);
  });

  it('prints the same as a table', async () => {
    await update();
    const { status, out } = await clair('scan', archive, '--db', database);
    expect(status).toBe(0);
    expect(out).toMatch(
      /\nLayer 2 {2}RUN apt-get upgrade\n.*\n.*\n {2}CVE-2099-0002 +Low +12\.5 +libssl3, openssl +3\.0\.13-1~deb12u1 +- \(postponed\) .*\n/,
    );
    expect(out).toContain('3 findings (2 low, 1 negligible) of 2 CVEs in 3 packages; 1 undetermined.');
  });

  describe('does not report incomplete results as clean', () => {
    const status = 'Package: a\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n\n';
    const debian = 'ID=debian\nVERSION_ID="12"\n';

    it.each<[string, Record<string, string>, string]>([
      ['no operating system', { 'var/lib/dpkg/status': status }, 'distribution-unknown'],
      [
        'another release',
        { 'etc/os-release': 'ID=debian\nVERSION_ID=99\n', 'var/lib/dpkg/status': status },
        'namespace-without-data',
      ],
      ['no packages', { 'etc/os-release': debian }, 'package-database-missing'],
      ['another distribution', { 'etc/os-release': 'ID=plan9\nVERSION_ID=4\n' }, 'namespace-without-data'],
      [
        'an unreadable database',
        { 'etc/os-release': debian, 'var/lib/dpkg/status': '\0\x01binary' },
        'package-database-unreadable',
      ],
      [
        'a broken entry',
        { 'etc/os-release': debian, 'var/lib/dpkg/status': `${status}Package: b\nrubbish\n` },
        'package-entry-unreadable',
      ],
      [
        'an invalid version',
        { 'etc/os-release': debian, 'var/lib/dpkg/status': status.replace('1\n', '1 2\n') },
        'package-version-invalid',
      ],
    ])('%s: status 3, a diagnostic, and a visible line', async (_, members, code) => {
      await update();
      const target = await archiveOf(`${code}.tar`, { tar: await builder.buildLayer(members), createdBy: 'test' });
      const { status: exitStatus, report } = await scanned(target, database);
      expect(exitStatus).toBe(3);
      expect(report.diagnostics.map((each) => [each.code, each.incomplete])).toContainEqual([code, true]);
      const { out } = await clair('scan', target, '--db', database);
      expect(out).toContain(`WARNING  ${code}: `);
      expect(out).toContain('THE REPORT IS INCOMPLETE');
    });

    it('without any data: status 3', async () => {
      const { status: exitStatus, report } = await scanned(archive, database);
      expect(exitStatus).toBe(3);
      expect(report.diagnostics.map(({ code }) => code)).toEqual(['namespace-without-data']);
      expect(report.feeds).toEqual([]);
    });

    it('with a database that a layer removes: status 3', async () => {
      await update();
      const target = await archiveOf(
        'removed.tar',
        ...layers,
        { tar: await builder.buildLayer({ 'var/lib/.wh.dpkg': '' }), createdBy: 'RUN rm -rf /var/lib/dpkg' },
        { tar: await builder.buildLayer({ 'etc/motd': 'hello' }), createdBy: 'COPY motd' },
      );
      const { status: exitStatus, report } = await scanned(target, database);
      expect(exitStatus).toBe(3);
      expect(report.packages).toEqual([]);
      expect(report.diagnostics.map(({ code }) => code)).toEqual(['package-database-removed']);
    });
  });

  it.each<[string, () => Promise<string[]> | string[], string]>([
    ['a missing image', () => [inFolder('none.tar')], 'image/not-found'],
    ['an empty target', () => ['oci:'], 'image/target-invalid'],
    ['a missing tag', () => [`oci:${inFolder('layout')}:none`], 'image/choice-needed'],
    ['a text instead of an image', () => [DEMO_FEED], 'bytes/corrupt'],
    ['a truncated image', () => [cut(archive, 5000)], 'bytes/truncated'],
    ['a database that cannot be opened', () => [archive, '--db', '/dev/null/x.db'], 'database/unavailable'],
  ])('cannot scan %s: status 2 with a next step', async (_, args, code) => {
    const { status, out, err } = await clair('scan', '--db', database, ...(await args()));
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toMatch(/^clair: .+\n.+ \[.+\]\n$/);
    expect(err).toContain(`[${code}]`);
  });
});

describe('clair update', () => {
  it('prints the changes', async () => {
    await update();
    expect((await update()).out).toMatch(/^debian: 0 added, 0 changed, 0 withdrawn, 6 unchanged/);
    const feed = JSON.parse(readFileSync(DEMO_FEED, 'utf8'));
    delete feed.zlib;
    feed.curl['CVE-2099-0004'].releases.bookworm = { status: 'resolved', fixed_version: '8.0-1', urgency: 'medium' };
    writeFileSync(inFolder('feed.json'), JSON.stringify(feed));
    expect((await update(inFolder('feed.json'))).out).toMatch(/^debian: 0 added, 1 changed, 2 withdrawn, 3 unchanged/);
  });

  it('reports invalid entries; a report mentions only entries of its findings and skipped entries', async () => {
    const feed = JSON.parse(readFileSync(DEMO_FEED, 'utf8'));
    feed.openssl['CVE-2099-0001'].releases.bookworm.status = 'pondering';
    writeFileSync(inFolder('diagnostics.json'), JSON.stringify(feed));
    expect((await update(inFolder('diagnostics.json'))).out).toMatch(
      /1 entry not fully read, 0 skipped \(\d+\.\d s\):\n {2}openssl CVE-2099-0001 .*pondering.*\ndatabase: /,
    );
    // The image contains the fix, so the vulnerability does not affect the image.
    const diagnostics = await scanned(archive, database);
    expect(diagnostics.status).toBe(0);
    expect(diagnostics.report.diagnostics.map(({ code }) => code)).toEqual(['feed-undecided']);

    feed.openssl['CVE-2099-0001'] = 'lost';
    writeFileSync(inFolder('diagnostics.json'), JSON.stringify(feed));
    await update(inFolder('diagnostics.json'));
    const skipped = await scanned(archive, database);
    expect(skipped.status).toBe(3);
    expect(skipped.report.diagnostics.map(({ code }) => code)).toEqual(['feed-record-skipped', 'feed-undecided']);
  });

  it('keeps the data when a feed is invalid: status 2', async () => {
    await update();
    writeFileSync(inFolder('page.json'), '<!doctype html><title>Sign in</title>');
    const { status, err } = await update(inFolder('page.json'));
    expect(status).toBe(2);
    expect(err).toContain('[feed/invalid]');
    expect((await scanned(archive, database)).report.findings).toHaveLength(3);
  });
});

describe('clair feeds', () => {
  it('lists the state of each feed, and shows a failed feed by its status', async () => {
    const before = await clair('feeds', '--db', database);
    expect(before).toMatchObject({
      status: 0,
      out: expect.stringMatching(/│ debian +│ never updated │ +- │ +- │ +0 │/),
    });
    expect(before.out).toMatch(/^│ Feed +│.* Not fully read │/m);
    expect(before.out).toMatch(/│ kev +│ never updated │/);
    await update();
    const fresh = await clair('feeds', '--db', database);
    expect(fresh).toMatchObject({
      status: 0,
      out: expect.stringMatching(/│ debian +│ fresh +│ +0 min │ +0 min │ +6 │ vulnerabilities +│ +0 │ - /),
    });
    expect(fresh.out).toMatch(/│ nvd +│ never updated │ +- │ +- │ +0 │ enrichments +│ +0 │/);
    await update(inFolder('none.json'));
    const failed = await clair('feeds', '--json', '--db', database);
    expect(failed.status).toBe(3);
    const known = {
      name: 'debian',
      state: 'failed',
      ageSeconds: expect.any(Number),
      holds: 'vulnerabilities',
      vulnerabilities: 6,
    };
    const row = JSON.parse(failed.out).find(({ name }: { name: string }) => name === 'debian');
    expect(row).toMatchObject({ ...known, error: expect.stringContaining('none') });
  });
});

describe('clair serve', () => {
  it('runs until it receives a signal', async () => {
    await update();
    const stop = new AbortController();
    let listening: (url: string) => void;
    const address = new Promise<string>((resolve) => {
      listening = resolve;
    });
    const ended = runCli(
      ['serve', '--no-updates', '--port', '0', '--no-health-port', '--log-level', 'silent', '--db', database],
      {
        out: (text) => listening(text.replace('Clair listens on ', '').trim()),
        err: () => {},
        signal: stop.signal,
      },
    );
    const response = await fetch(`${await address}/v1/vulnerabilities/CVE-2099-0001`);
    expect(await response.json()).toMatchObject({ ID: 'CVE-2099-0001', Priority: 'High' });
    stop.abort();
    expect(await ended).toBe(0);
  });

  it('reports a port in use: status 2', async () => {
    const { createServer } = await import('node:net');
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { status, err } = await clair(
      'serve',
      '--no-updates',
      '--no-health-port',
      '--port',
      String(port),
      '--log-level',
      'silent',
      '--db',
      database,
    );
    server.close();
    expect({ status, err }).toEqual({ status: 2, err: expect.stringContaining(`cannot listen on 127.0.0.1:${port}`) });
  });
});

describe('the command line', () => {
  it.each([
    [['--help'], 0],
    [['--version'], 0],
    [['scan', '--help'], 0],
    [['nonsense'], 2],
    [['scan'], 2],
    [['scan', 'x', '--format', 'pdf'], 2],
    [['serve', '--port', '70000'], 2],
    [['update', '--feed', 'nobody'], 2],
  ])('%j exits with status %i', async (args, status) => {
    const outcome = await clair(...args);
    expect(outcome.status).toBe(status);
    expect(outcome.out + outcome.err).not.toBe('');
  });

  it.each([
    ['scan', () => [archive]],
    ['update', () => ['--feed', 'debian', '--from', DEMO_FEED]],
  ])('%s exits with status 130 on SIGINT, and stores nothing', async (command, args) => {
    const outcome = await clairUntil(AbortSignal.abort(), command, ...args(), '--db', database);
    expect(outcome).toEqual({ status: 130, out: '', err: 'clair: stopped; stored data is consistent\n' });
    expect((await scanned(archive, database)).report.feeds.map((feed) => feed.vulnerabilities)).not.toContain(6);
  });

  it('does not create a database for a scan that cannot start', async () => {
    await clair('scan', inFolder('none.tar'), '--db', database);
    expect(existsSync(database)).toBe(false);
  });
});

function cut(path: string, bytes: number): string {
  const name = inFolder('cut.tar');
  writeFileSync(name, readFileSync(path).subarray(0, bytes));
  return name;
}

const compressXz = (bytes: Buffer): Promise<Buffer> => new Promise((resolve) => lzma.compress(bytes, {}, resolve));
