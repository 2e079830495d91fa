import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/database/open-store.ts';
import type { Report } from '../../src/model/report/report.ts';
import { writeOciLayout } from '../../src/worker/testing/image-builder.ts';
import { CLAIR_FILE } from '../fixtures/clair-program.ts';
import { type CliRun, runClair } from '../fixtures/cli-run.ts';
import { buildDemoLayers } from '../fixtures/demo-image.ts';
import { type DockerRegistry, startDockerRegistry } from '../fixtures/docker-registry.ts';
import { runCount } from '../fixtures/run-count.ts';
import { works } from './program.ts';

const isHere = works('docker-registry', ['--version']);
if (!isHere) console.warn('SKIPPED "a published database": docker-registry is not installed');

/** The bcrypt hash of "secret". */
const HTPASSWD = 'me:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n';
const LIMIT_MS = runCount(120, 10) * 60_000;
const ISSUES = 40;
const PROGRESS = /^demo: \d of \d layers\n/gmu;

describe.skipIf(!isHere)('a published database', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clair-published-'));
  const inFolder = (name: string): string => join(folder, name);
  const published = inFolder('published.db');
  const image = `oci:${inFolder('layout')}:demo`;
  let open: DockerRegistry;
  let closed: DockerRegistry;
  let databases = 0;
  const newDatabase = (): string => inFolder(`${(databases += 1)}.db`);

  beforeAll(async () => {
    writeOciLayout(inFolder('layout'), await buildDemoLayers(), 'demo', (tar) => tar);
    writeFileSync(inFolder('htpasswd'), HTPASSWD);
    [open, closed] = [
      await startDockerRegistry(folder, 'open'),
      await startDockerRegistry(folder, 'closed', inFolder('htpasswd')),
    ];
    for (const [name, secret] of [
      ['right', 'secret'],
      ['wrong', 'other'],
    ] as const) {
      const auth = Buffer.from(`me:${secret}`).toString('base64');
      mkdirSync(inFolder(name));
      writeFileSync(inFolder(`${name}/config.json`), JSON.stringify({ auths: { [closed.domain]: { auth } } }));
    }
  }, LIMIT_MS);
  afterAll(async () => {
    await open.stop();
    await closed.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => {
    delete env['DOCKER_CONFIG'];
    delete env['CLAIR_UPDATER_DATABASE'];
  });

  /** Stores a version of the feed: all vulnerabilities in openssl are fixed in version `9.<number>`. */
  async function update(number: number): Promise<void> {
    const issue = (fixed: string): object => ({
      releases: { bookworm: { status: 'resolved', repositories: {}, fixed_version: fixed, urgency: 'high' } },
    });
    const named = (year: number, count: number, fixed: string): object =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`CVE-${year}-${1000 + at}`, issue(fixed)]));
    const file = inFolder('tracker.json');
    const tracker = { openssl: named(2024, ISSUES, `9.${number}`), other: named(2023, 400, '1.2') };
    writeFileSync(file, JSON.stringify(tracker));
    await done('update', '--feed', 'debian', '--from', file, '--db', published);
  }

  async function done(...args: readonly string[]): Promise<CliRun> {
    const run = await runClair(args);
    expect(run).toMatchObject({ status: 0 });
    return run;
  }

  async function fingerprintIn(path: string): Promise<string | undefined> {
    if (!existsSync(path)) return undefined;
    const store = await openStore({ type: 'sqlite', path });
    try {
      return await store.feedSnapshot(async (snapshot) =>
        snapshot.feeds.some(({ lastSuccess }) => lastSuccess !== null)
          ? await snapshot.fingerprint('debian')
          : undefined,
      );
    } finally {
      await store.close();
    }
  }

  /** Runs a command in a process, and kills the process after a time. */
  async function killed(after: number, ...args: readonly string[]): Promise<void> {
    const child = spawn(execPath, [CLAIR_FILE, ...args], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    await Promise.race([ended, setTimeout(after)]);
    child.kill('SIGKILL');
    await ended;
  }

  it(
    'is pushed to a registry with a login, and pulled from it',
    async () => {
      await update(1);
      const reference = `${closed.domain}/team/clair-db:1`;
      env['DOCKER_CONFIG'] = inFolder('wrong');
      const refused = await runClair(['db', 'publish', reference, '--db', published]);
      expect(refused).toMatchObject({ status: 2, err: expect.stringContaining('registry/denied') });
      env['DOCKER_CONFIG'] = inFolder('right');
      await done('db', 'publish', reference, '--db', published);
      const database = newDatabase();
      expect((await done('db', 'pull', reference, '--db', database)).out).toContain(
        'created the database from the published SQLite',
      );
      expect(await fingerprintIn(database)).toBe(await fingerprintIn(published));
      await update(2);
      expect((await done('db', 'publish', reference, '--db', published)).out).toContain(`changes: ${ISSUES} entries`);
      expect((await done('db', 'pull', reference, '--db', database)).out).toContain(`0 added, ${ISSUES} changed`);
      expect(await fingerprintIn(database)).toBe(await fingerprintIn(published));
    },
    LIMIT_MS,
  );

  it(
    'is used only with a signature by the key',
    async () => {
      const { publicKey, privateKey } = generateKeyPairSync('ed25519');
      writeFileSync(inFolder('key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
      writeFileSync(inFolder('key.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
      const reference = `${open.domain}/signed`;
      await done('db', 'publish', reference, '--db', published);
      const database = newDatabase();
      const pull = ['db', 'pull', reference, '--db', database, '--key', inFolder('key.pub')];
      expect(await runClair(pull)).toMatchObject({ status: 2, err: expect.stringContaining('artifact/unsigned') });
      expect(existsSync(database)).toBe(false);
      await done('db', 'publish', reference, '--db', published, '--key', inFolder('key'));
      expect((await done(...pull)).out).toContain(', signed by ');
    },
    LIMIT_MS,
  );

  it(
    'is pulled by a scan, for the feeds of the image, with the age in the report',
    async () => {
      const reference = `${open.domain}/scanned:1`;
      await done('db', 'publish', reference, '--db', published);
      env['CLAIR_UPDATER_DATABASE'] = reference;
      const database = newDatabase();
      const scan = ['scan', image, '--format', 'json', '--db', database];
      const first = await runClair(scan);
      const report = JSON.parse(first.out) as Report;
      expect(first.err).toContain('debian: pulled ');
      expect(report.findings.length).toBeGreaterThan(0);
      const store = await openStore({ type: 'sqlite', path: published });
      const state = await store.feeds.find('debian');
      await store.close();
      expect(JSON.stringify(report.feeds)).toContain(new Date(state?.lastSuccess ?? 0).toISOString());
      expect(await runClair(['scan', reference])).toMatchObject({
        status: 2,
        err: expect.stringContaining('use clair db pull'),
      });
      // Clair pulls at most once per hour, so the second scan does not pull.
      env['CLAIR_UPDATER_DATABASE'] = reference;
      expect((await runClair(scan)).err).not.toContain('pulled');
      env['CLAIR_UPDATER_DATABASE'] = '127.0.0.1:1/none';
      const failed = await runClair(scan);
      expect(failed.status).toBe(3);
      expect(failed.out).toContain('debian could not be pulled from 127.0.0.1:1/none');
    },
    LIMIT_MS,
  );

  it(
    'is named in the report of a scan if it lacks the feed of the image, and cannot replace a database with more feeds',
    async () => {
      const catalog = inFolder('known_exploited_vulnerabilities.json');
      const entry = { cveID: 'CVE-2099-0002', vulnerabilityName: 'A hole', dateAdded: '2099-01-02' };
      writeFileSync(catalog, JSON.stringify({ vulnerabilities: [entry] }));
      const others = newDatabase();
      await done('update', '--feed', 'kev', '--from', catalog, '--db', others);
      const reference = `${open.domain}/others:1`;
      await done('db', 'publish', reference, '--db', others);
      env['CLAIR_UPDATER_DATABASE'] = reference;
      const { status, out } = await runClair(['scan', image, '--db', newDatabase()]);
      expect(status).toBe(3);
      expect(out).toContain(
        `debian could not be pulled from ${reference}: the published database does not contain this feed`,
      );
      const full = `${open.domain}/full:1`;
      await done('db', 'publish', full, '--db', published);
      const refused = await runClair(['db', 'publish', full, '--db', others]);
      expect(refused).toMatchObject({ status: 2, err: expect.stringContaining('artifact/feeds-missing') });
      const { out: shrunk } = await done('db', 'publish', full, '--db', others, '--allow-shrink');
      expect(shrunk).toMatch(/^kev: 1 entry.*^debian: removed from the published database$/ms);
    },
    LIMIT_MS,
  );

  it(
    'is one version in each report, while pulls change the database',
    async () => {
      const scanned = runCount(10_000, 12);
      const versions = Array.from({ length: runCount(50, 4) }, (_, at) => 3 + at);
      for (const version of versions) {
        await update(version);
        await done('db', 'publish', `${open.domain}/swapped:${version}`, '--db', published);
      }
      const database = newDatabase();
      await done('db', 'pull', `${open.domain}/swapped:3`, '--db', database);
      const pulling = { isOver: false };
      const reports: string[][] = [];
      const scans = async (): Promise<void> => {
        do {
          const { out, err } = await runClair(['scan', image, '--format', 'json', '--db', database]);
          // On a slow machine, the command prints progress.
          expect(err.replaceAll(PROGRESS, '')).toBe('');
          const { findings } = JSON.parse(out) as Report;
          reports.push(findings.flatMap(({ fixedIn }) => (fixedIn?.startsWith('9.') === true ? [fixedIn] : [])));
        } while (!pulling.isOver || reports.length < scanned);
      };
      const perPull = Math.floor(scanned / versions.length);
      const pulls = async (): Promise<void> => {
        for (const version of versions.slice(1)) {
          const before = reports.length;
          await done('db', 'pull', `${open.domain}/swapped:${version}`, '--db', database);
          while (reports.length < before + perPull) await setTimeout(20);
        }
        pulling.isOver = true;
      };
      await Promise.all([scans(), scans(), pulls()]);
      console.info(`${reports.length} scans during ${versions.length - 1} pulls`);
      expect(reports.filter((fixed) => new Set(fixed).size !== 1)).toEqual([]);
      expect(new Set(reports.map(({ length }) => length)).size).toBe(1);
      expect(new Set(reports.flat()).size).toBeGreaterThan(versions.length / 2);
    },
    LIMIT_MS,
  );

  it(
    'is complete after a kill at any moment of a publication or pull',
    async () => {
      const reference = `${open.domain}/killed:1`;
      await update(100);
      await done('db', 'publish', reference, '--db', published);
      const known = new Set([await fingerprintIn(published)]);
      const database = newDatabase();
      await done('db', 'pull', reference, '--db', database);
      const created: string[] = [];
      for (let round = 0; round < runCount(50, 2); round += 1) {
        await update(101 + round);
        known.add(await fingerprintIn(published));
        await killed(Math.random() * 6000, 'db', 'publish', reference, '--db', published);
        // A pull that ends before the kill stores the old or the new publication.
        await killed(Math.random() * 3000, 'db', 'pull', reference, '--db', database);
        expect(known).toContain(await fingerprintIn(database));
        if (round % 2 === 1) continue;
        // A first pull creates the database from the published SQLite file, whole or not at all.
        const first = newDatabase();
        await killed(Math.random() * 2000, 'db', 'pull', reference, '--db', first);
        if (!existsSync(first)) continue;
        expect(known).toContain(await fingerprintIn(first));
        created.push(first);
      }
      console.info(`${created.length} killed first pulls had created the database`);
      await done('db', 'publish', reference, '--db', published);
      for (const each of [database, ...created]) {
        await done('db', 'pull', reference, '--db', each);
        expect(await fingerprintIn(each)).toBe(await fingerprintIn(published));
      }
    },
    LIMIT_MS,
  );
});
