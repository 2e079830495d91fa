import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decompress } from 'zstd-napi';
import { runCli } from '../../../src/cli/program.ts';
import { openStore } from '../../../src/database/open-store.ts';
import type { Match } from '../../../src/model/report/match.ts';
import { digestOfDatabase } from '../../../src/database/testing/database-digest.ts';
import { describeShared, sharedPath } from '../../fixtures/shared-data.ts';

const FEED = 'feeds/debian/debian-tracker-derived.json.zst';
const IMAGE = 'images/debian-dbonly/bullseye-4layers.docker-archive.tar.xz';

/** The columns with times, which differ between the two databases. */
const TIMES = [
  'change_log.at',
  'feed_update.at',
  'layer.created_at',
  'image.scanned_at',
  'image_reference.since',
  'schema_migration.applied_at',
];

/** Exports all of Debian's real data from one database, and imports the data into another database. */
describeShared("Debian's data as a file", [FEED, IMAGE], () => {
  const folder = mkdtempSync(join(tmpdir(), 'clair-debian-export-'));
  const [here, there, path] = [join(folder, 'here.db'), join(folder, 'there.db'), join(folder, 'export')];
  let vulnerabilities: number;
  const clair = async (...args: readonly string[]): Promise<string> => {
    let out = '';
    const console = { out: (text: string) => void (out += text), err: () => {}, signal: new AbortController().signal };
    expect(await runCli(args, console)).not.toBe(2);
    return out;
  };

  beforeAll(async () => {
    const bytes = decompress(readFileSync(sharedPath(FEED)));
    const feed: Record<string, Record<string, unknown>> = JSON.parse(bytes.toString('utf8'));
    vulnerabilities = new Set(Object.values(feed).flatMap((records) => Object.keys(records))).size;
    await clair('update', '--feed', 'debian', '--from', sharedPath(FEED), '--db', here);
    await clair('db', 'export', path, '--db', here);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('contains every vulnerability, in an eighth of the size of the database', async () => {
    expect(await clair('db', 'import', path, '--db', there)).toContain(`debian: ${vulnerabilities} added, 0 changed`);
    expect(statSync(path).size).toBeLessThan(statSync(here).size / 8);
  });

  it('results in the same rows, the same report of a real image, and the same response for each layer', async () => {
    // With `--verify`, a scan stores the layers, although they are uncompressed.
    const scan = ['scan', `docker-archive:${sharedPath(IMAGE)}`, '--verify', '--format', 'json'];
    const reports = await Promise.all([here, there].map((db) => clair(...scan, '--db', db)));
    // Only creation times, the age of the data and the time of the last attempt (the import) differ.
    const [report, other] = reports.map((text) =>
      text.replaceAll(/"(?:createdAt|attemptedAt)": "[^"]*"|"ageSeconds": \d+/g, ''),
    );
    expect(other).toBe(report);
    expect(digestOfDatabase(there, TIMES)).toBe(digestOfDatabase(here, TIMES));
    const [first, second] = [await matchesOfLayers(here), await matchesOfLayers(there)];
    // The topmost layer removes the vulnerable packages, so an equal report would prove little.
    expect(first.map(({ length }) => length > 0)).toContain(true);
    expect(second).toEqual(first);
  });

  it('writes nothing the second time; the next update from upstream writes nothing either', async () => {
    const digest = digestOfDatabase(there);
    const unchanged = `debian: 0 added, 0 changed, 0 withdrawn, ${vulnerabilities} unchanged`;
    expect(await clair('db', 'import', path, '--db', there)).toContain(unchanged);
    expect(await clair('update', '--feed', 'debian', '--from', sharedPath(FEED), '--db', there)).toContain(unchanged);
    expect(digestOfDatabase(there)).toBe(digest);
  });
});

async function matchesOfLayers(path: string): Promise<readonly (readonly Match[])[]> {
  const store = await openStore({ type: 'sqlite', path });
  const matches = [];
  for (let id = 1; (await store.layers.get(id)) !== undefined; id += 1) matches.push(await store.matches.ofLayer(id));
  await store.close();
  return matches;
}
