import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CliRun, runClair } from '../../fixtures/cli-run.ts';
import { openStore } from '../../../src/database/open-store.ts';
import type { FeedState } from '../../../src/model/feed.ts';
import { digestOfDatabase } from '../../../src/database/testing/database-digest.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';
import { feedRecord, writeExport } from '../../../src/updater/testing/export-builder.ts';
import { buildDockerArchive } from '../../../src/worker/testing/image-builder.ts';

/** The columns with times, which differ between the two databases. */
const TIMES = [
  'change_log.at',
  'feed_update.at',
  'layer.created_at',
  'image.scanned_at',
  'image_reference.since',
  'schema_migration.applied_at',
];

let folder: string;
let archive: string;
let exported: string;
let [here, there] = ['', ''];
const inFolder = (name: string): string => join(folder, name);

async function clairUntil(signal: AbortSignal, ...args: readonly string[]): Promise<CliRun> {
  return await runClair(args, signal);
}
const clair = async (...args: readonly string[]): Promise<CliRun> =>
  await clairUntil(new AbortController().signal, ...args);
const update = async (db: string): Promise<CliRun> =>
  await clair('update', '--feed', 'debian', '--from', DEMO_FEED, '--db', db);

/** Imports KEV and EPSS enrichments for CVEs of the demo feed, and for a CVE that the demo feed does not contain. */
async function enrich(db: string): Promise<void> {
  const [catalog, scores] = [inFolder('known_exploited_vulnerabilities.json'), inFolder('epss_scores-2099-01-01.csv')];
  const entry = { cveID: 'CVE-2099-0002', vulnerabilityName: 'A hole', dateAdded: '2099-01-02' };
  writeFileSync(catalog, JSON.stringify({ vulnerabilities: [entry] }));
  writeFileSync(scores, 'cve,epss,percentile\nCVE-2099-0002,1e-05,0.5\nCVE-2099-0005,1,1\nCVE-2099-9999,0.5,0.7\n');
  await clair('update', '--feed', 'kev', '--from', catalog, '--db', db);
  await clair('update', '--feed', 'epss', '--from', scores, '--db', db);
}

async function stateOf(db: string): Promise<FeedState | undefined> {
  const store = await openStore({ type: 'sqlite', path: db });
  const state = await store.feeds.find('debian');
  await store.close();
  return state;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'clair-db-'));
  archive = inFolder('image.tar');
  writeFileSync(archive, await buildDockerArchive(await buildDemoLayers(), 'test:1'));
  exported = inFolder('export');
  await update(inFolder('online.db'));
  await enrich(inFolder('online.db'));
  await clair('db', 'export', exported, '--db', inFolder('online.db'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let databases = 0;
beforeEach(() => {
  databases += 1;
  [here, there] = [inFolder(`here-${databases}.db`), inFolder(`there-${databases}.db`)];
});

const withoutTimes = (report: string): string =>
  report.replaceAll(/"(createdAt|attemptedAt)": "[^"]*"|"ageSeconds": \d+/g, '');

describe('a machine without a network', () => {
  it('has the same reports and contents as the origin of the file', async () => {
    await update(here);
    await enrich(here);
    const path = inFolder('carried');
    const { status, out } = await clair('db', 'export', path, '--db', here);
    expect({ status, lines: out.split('\n') }).toEqual({
      status: 0,
      lines: [
        expect.stringMatching(/^debian: 6 vulnerabilities, data of 2\S+Z, 0 hours old$/),
        expect.stringMatching(/^epss: 3 enrichments, data of 2\S+Z, 0 hours old$/),
        expect.stringMatching(/^kev: 1 enrichment, data of 2\S+Z, 0 hours old$/),
        expect.stringMatching(/carried: 3 feeds, 6 vulnerabilities, 4 enrichments, 0\.0 MB \(\d+\.\d s\)$/),
        '',
      ],
    });
    const imported = await clair('db', 'import', path, '--db', there);
    expect({ ...imported, out: imported.out.split('\n') }).toEqual({
      status: 0,
      out: [
        expect.stringMatching(/carried: verified, 3 feeds, exported at 2\S+Z by Clair \S+ \(\d+\.\d s\)$/),
        expect.stringMatching(/^debian: 6 added, 0 changed, 0 withdrawn, 0 unchanged; data of 2\S+Z, 0 hours old \(/),
        expect.stringMatching(/^epss: 3 added, 0 changed, 0 withdrawn, 0 unchanged; data of 2\S+Z, 0 hours old \(/),
        expect.stringMatching(/^kev: 1 added, 0 changed, 0 withdrawn, 0 unchanged; data of 2\S+Z, 0 hours old \(/),
        `database: ${there}`,
        '',
      ],
      err: '',
    });
    const before = await clair('scan', archive, '--format', 'json', '--db', here);
    const after = await clair('scan', archive, '--format', 'json', '--db', there);
    expect(JSON.parse(after.out).findings.map(({ cves }: { readonly cves: unknown }) => cves)).toEqual([
      ...[0, 1].map(() => [
        {
          id: 'CVE-2099-0002',
          epss: { score: 1e-5, percentile: 0.5 },
          kev: { name: 'A hole', added: '2099-01-02' },
        },
      ]),
      [{ id: 'CVE-2099-0005', epss: { score: 1, percentile: 1 } }],
    ]);
    // Only the time of the last attempt (the import) and the age of the data differ.
    expect(withoutTimes(after.out)).toEqual(withoutTimes(before.out));
    expect(digestOfDatabase(there, TIMES)).toBe(digestOfDatabase(here, TIMES));
    const { lastAttempt: _attempt, staleAfter: _policy, ...state } = (await stateOf(here))!;
    expect(await stateOf(there)).toMatchObject(state);
  });

  it('writes nothing when it imports the same file again', async () => {
    await clair('db', 'import', exported, '--db', there);
    const digest = digestOfDatabase(there);
    const { status, out } = await clair('db', 'import', exported, '--db', there);
    expect(status).toBe(0);
    expect(out).toMatch(/^debian: 0 added, 0 changed, 0 withdrawn, 6 unchanged; /m);
    expect(out).toMatch(/^epss: 0 added, 0 changed, 0 withdrawn, 3 unchanged; /m);
    expect(out).toMatch(/^kev: 0 added, 0 changed, 0 withdrawn, 1 unchanged; /m);
    expect(digestOfDatabase(there)).toBe(digest);
  });

  it('reports the age of the imported data', async () => {
    const fetchedAt = new Date(Date.now() - 12.5 * 86_400_000).toISOString();
    const old = inFolder('old');
    const exportedAt = new Date().toISOString();
    const header = {
      kind: 'clair-export',
      format: 1,
      clair: '0',
      exportedAt,
      feeds: [{ feed: 'debian', advisories: 0 }],
    };
    writeExport(old, [header, feedRecord('debian', { fetchedAt }), { kind: 'end', feeds: 1, advisories: 0 }]);
    expect((await clair('db', 'import', old, '--db', there)).out).toContain(`data of ${fetchedAt}, 12 days old`);
    const { out } = await clair('scan', archive, '--format', 'json', '--db', there);
    expect(await stateOf(there)).toMatchObject({ lastSuccess: Date.parse(fetchedAt) });
    expect(JSON.parse(out).diagnostics).not.toEqual([]);
  });

  it('keeps newer data without --force: status 2', async () => {
    await update(there);
    await enrich(there);
    const digest = digestOfDatabase(there);
    const refused = await clair('db', 'import', exported, '--db', there);
    expect(refused).toMatchObject({
      status: 2,
      err: expect.stringMatching(/^(?:(?:debian|epss|kev): .*older.*\n.*--force.* \[export\/outdated\]\n){3}$/),
    });
    expect(digestOfDatabase(there)).toBe(digest);
    expect(await clair('db', 'import', exported, '--force', '--db', there)).toMatchObject({ status: 0, err: '' });
    expect(await stateOf(there)).toMatchObject({ lastSuccess: (await stateOf(inFolder('online.db')))?.lastSuccess });
  });

  it('skips a feed that another process is updating: status 2', async () => {
    const other = await openStore({ type: 'sqlite', path: there });
    await other.locks.acquire('update:debian', 'another process', 60_000);
    const { status, err } = await clair('db', 'import', exported, '--db', there);
    expect({ status, debian: await other.feeds.find('debian') }).toEqual({ status: 2 });
    expect(await other.feeds.all()).toHaveLength(2);
    expect(err).toMatch(/^debian: another process is updating debian\n.* \[update\/locked\]\n$/);
    await other.locks.release('update:debian', 'another process');
    await other.close();
    expect(await clair('db', 'import', exported, '--db', there)).toMatchObject({ status: 0 });
  });

  it('does not create a database for an invalid file, or when it is stopped', async () => {
    expect(await clair('db', 'import', DEMO_FEED, '--db', there)).toMatchObject({
      status: 2,
      out: '',
      err: expect.stringMatching(
        /not a Clair export: use a file that `clair db export` wrote\n.* \[export\/invalid\]\n$/,
      ),
    });
    expect(await clairUntil(AbortSignal.abort(), 'db', 'import', exported, '--db', there)).toEqual({
      status: 130,
      out: '',
      err: 'clair: stopped; stored data is consistent\n',
    });
    expect(existsSync(there)).toBe(false);
  });
});

describe('an export', () => {
  it.each<[string, () => string, string]>([
    ['a missing folder', () => inFolder('none/file'), 'export/unwritable'],
    ['a folder', () => folder, 'export/unwritable'],
    ['a device', () => '/dev/null', 'export/unwritable'],
    ['the database itself', () => inFolder('online.db'), 'cli/usage'],
    ['standard output', () => '-', 'cli/usage'],
  ])('does not go to %s: status 2', async (_, path, code) => {
    const digest = digestOfDatabase(inFolder('online.db'));
    const { status, out, err } = await clair('db', 'export', path(), '--db', inFolder('online.db'));
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain(`[${code}]`);
    expect(digestOfDatabase(inFolder('online.db'))).toBe(digest);
  });

  it('keeps the existing file when it is stopped, and replaces it otherwise', async () => {
    mkdirSync(inFolder('out'));
    const path = inFolder('out/export');
    writeFileSync(path, 'old');
    const stopped = await clairUntil(AbortSignal.abort(), 'db', 'export', path, '--db', inFolder('online.db'));
    expect(stopped).toMatchObject({ status: 130, out: '' });
    expect(readFileSync(path, 'utf8')).toBe('old');
    await clair('db', 'export', path, '--db', inFolder('online.db'));
    expect(readdirSync(inFolder('out'))).toEqual(['export']);
    expect(await clair('db', 'import', path, '--db', there)).toMatchObject({ status: 0 });
  });

  it('of a database without data is refused, and keeps the existing file', async () => {
    const path = inFolder('nothing');
    writeFileSync(path, 'old');
    const refused = await clair('db', 'export', path, '--db', here);
    expect(refused).toMatchObject({ status: 2, err: expect.stringContaining('export/feeds-missing') });
    expect(readFileSync(path, 'utf8')).toBe('old');
  });
});

it.each([
  [['db', '--help'], 0],
  [['db', 'export', '--help'], 0],
  [['db', 'import', '--help'], 0],
  [['db'], 2],
  [['db', 'nonsense'], 2],
  [['db', 'export'], 2],
  [['db', 'import'], 2],
])('clair %j exits with status %i', async (args, status) => {
  const outcome = await clair(...args);
  expect(outcome.status).toBe(status);
  expect(outcome.out + outcome.err).not.toBe('');
});
