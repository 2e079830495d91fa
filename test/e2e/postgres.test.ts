import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliRun, runClair } from '../fixtures/cli-run.ts';
import type { Report } from '../../src/model/report/report.ts';
import { buildDemoLayers, DEMO_FEED } from '../fixtures/demo-image.ts';
import { buildDockerArchive } from '../../src/worker/testing/image-builder.ts';
import { newPostgresSource } from '../../src/database/testing/stores.ts';

const SECRET = 'a-secret-of-the-tests';

const folder = mkdtempSync(join(tmpdir(), 'clair-postgres-e2e-'));
const inFolder = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function clair(...args: readonly string[]): Promise<CliRun> {
  const run = await runClair(args);
  expect(run.out + run.err).not.toContain(SECRET);
  return run;
}

async function reportOf(database: string): Promise<Report> {
  // Without --verify, a scan does not store uncompressed layers in SQLite, but stores them in PostgreSQL.
  const scan = ['scan', `docker-archive:${inFolder('image.tar')}`, '--verify', '--format', 'json'];
  const { out } = await clair(...scan, '--db', database);
  return JSON.parse(out);
}

function timeless(report: Report): unknown {
  return JSON.parse(
    JSON.stringify(report, (key, value: unknown) => (key === 'ageSeconds' || isTime(value) ? 'a time' : value)),
  );
}

function isTime(value: unknown): boolean {
  return (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value)) || (typeof value === 'number' && value > 1e12);
}

beforeAll(async () => {
  writeFileSync(inFolder('image.tar'), await buildDockerArchive(await buildDemoLayers(), 'test:1'));
});

describe('clair on PostgreSQL', () => {
  it('reports the same as on the embedded database', async () => {
    const reports: unknown[] = [];
    for (const database of [inFolder('clair.db'), newPostgresSource()]) {
      const update = await clair('update', '--feed', 'debian', '--from', DEMO_FEED, '--db', database);
      expect(update).toMatchObject({ status: 0, out: expect.stringContaining('6 added') });
      const first = await reportOf(database);
      expect(first.findings.length).toBeGreaterThan(0);
      // The second scan finds all layers in the database.
      expect(timeless(await reportOf(database))).toEqual(timeless(first));
      reports.push(timeless(first));
    }
    expect(reports[1]).toEqual(reports[0]);
  });

  it('exports its data to another database and back', async () => {
    const [here, there] = [newPostgresSource(), inFolder('there.db')];
    await clair('update', '--feed', 'debian', '--from', DEMO_FEED, '--db', here);
    expect(await clair('db', 'export', inFolder('export'), '--db', here)).toMatchObject({ status: 0 });
    for (const database of [there, newPostgresSource(), here]) {
      const added = database === here ? '0 added' : '6 added';
      const outcome = await clair('db', 'import', inFolder('export'), '--db', database);
      expect(outcome).toMatchObject({ status: 0, out: expect.stringContaining(added) });
    }
  });

  it('reads the address from a configuration file of Clair v2, and never prints it', async () => {
    const source = newPostgresSource();
    const file = inFolder('clair.yaml');
    writeFileSync(file, stringify({ clair: { database: { type: 'pgsql', options: { source } } } }));
    const update = await clair('update', '--config', file, '--feed', 'debian', '--from', DEMO_FEED);
    expect(update).toMatchObject({ status: 0, out: expect.stringContaining('6 added') });
    expect(await clair('feeds', '--db', source)).toMatchObject({ out: expect.stringMatching(/debian\b.*\b6\b/) });
    const shown = await clair('config', 'print', '--config', file);
    expect(shown.out).toMatch(/type: postgres\n +source: "?\*+/);
    expect(shown.err).toContain('database.type pgsql is now called postgres');
  });

  it.each<[string, object, string]>([
    ['that is invalid', { source: `nothing ${SECRET}` }, 'expected a postgres:// URL or keyword=value pairs'],
    ['with an unknown parameter', { source: `host=db pasword=${SECRET}` }, 'pasword is an unknown parameter'],
  ])('rejects an address %s before a connection', async (_what, database, expected) => {
    const file = inFolder('wrong.yaml');
    writeFileSync(file, stringify({ database: { type: 'postgres', ...database } }));
    const outcome = await clair('config', 'check', '--config', file);
    expect(outcome).toMatchObject({ status: 2, err: expect.stringContaining(expected) });
  });
});
