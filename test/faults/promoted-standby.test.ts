import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, expect, it } from 'vitest';
import { composeClair } from '../../src/compose/clair.ts';
import { replicationMemory } from '../../src/database/engines/postgres/replica/replication-state.ts';
import { PASSWORD, startPostgres } from '../../src/database/testing/postgres-server.ts';
import { startStandby } from '../../src/database/testing/postgres-standby.ts';
import { buildDemoLayers } from '../fixtures/demo-image.ts';

const SETTINGS = ['fsync=off', 'full_page_writes=on', 'autovacuum=off', 'synchronous_commit=on'];

const WRITERS = 3;
const READERS = 3;

/**
 * The minimum number of requests of each kind in a phase: before the primary dies, without a primary, and afterwards.
 */
const MIN_IN_PHASE = 20;

const WAIT = { timeout: 15_000 };

const closing: (() => Promise<unknown> | void)[] = [];
afterAll(async () => {
  for (const end of closing.toReversed()) await end();
});

it('loses no acknowledged write and keeps answering reads while its standby is promoted', {
  timeout: 60_000,
}, async () => {
  const primary = await startPostgres({ settings: SETTINGS });
  closing.push(primary.remove, primary.kill);
  const standby = await startStandby(primary, SETTINGS);
  closing.push(standby.remove, standby.kill);
  await asAdministrator(primary.source, "ALTER SYSTEM SET synchronous_standby_names = 'standby'");
  await asAdministrator(primary.source, 'SELECT pg_reload_conf()');

  const servers = `127.0.0.1:${primary.port},127.0.0.1:${standby.port}`;
  const source = `postgres://clair:${PASSWORD}@${servers}/postgres?sslmode=disable`;
  const changes: string[] = [];
  const clair = await composeClair(
    { type: 'postgres', source, replica: { source, maxLag: 10_000, memory: replicationMemory() } },
    { threads: 1, replicaChanged: ({ state, isPrimaryUp }) => changes.push(`${state} ${isPrimaryUp}`) },
  );
  closing.push(clair.close);
  const folder = mkdtempSync(join(tmpdir(), 'clair-promoted-'));
  closing.push(() => rmSync(folder, { recursive: true }));
  const api = await clair.api({ allowedPaths: [folder], allowedHosts: [], log: pino({ level: 'silent' }) });
  closing.push(async () => await api.close());
  const url = await api.listen({ host: '127.0.0.1', port: 0 });
  const list = `${url}/v1/namespaces/debian:12/vulnerabilities`;

  // One thread stores the layer, and another thread responds: the commit is visible to both threads.
  await asAdministrator(standby.source, 'SELECT pg_wal_replay_pause()');
  const Path = join(folder, 'layer.tar');
  writeFileSync(Path, (await buildDemoLayers())[0]?.tar ?? '');
  const layer = { Layer: { Name: 'unreplayed', Path, Format: 'Docker' } };
  expect((await posted(`${url}/v1/layers`, layer)).status).toBe(201);
  expect((await fetch(`${url}/v1/layers/unreplayed?vulnerabilities`)).status).toBe(200);
  expect(clair.store.replica?.().answers.primary).toBeGreaterThan(0);
  await asAdministrator(standby.source, 'SELECT pg_wal_replay_resume()');
  await expect.poll(() => clair.store.replica?.().state, WAIT).toBe('serving');

  const acknowledged: string[] = [];
  const refusals: unknown[] = [];
  const wrongReads: unknown[] = [];
  const reads = { before: 0, without: 0, after: 0 };
  let phase: keyof typeof reads = 'before';
  const over = new AbortController();

  async function keepWriting(writer: number): Promise<void> {
    for (let turn = 0; !over.signal.aborted; turn += 1) {
      const Name = `CVE-2026-${writer}${String(turn).padStart(5, '0')}`;
      const Vulnerability = { Name, NamespaceName: 'debian:12', Severity: 'Low', FixedIn: [] };
      const response = await posted(list, { Vulnerability });
      const body: unknown = await response.json();
      if (response.status === 201) {
        acknowledged.push(Name);
        // The client's next request must return the new vulnerability.
        const seen = await fetch(`${list}/${Name}`);
        if (seen.status !== 200) wrongReads.push({ Name, phase, status: seen.status, body: await seen.text() });
      } else {
        refusals.push({ status: response.status, body });
        await setTimeout(20);
      }
    }
  }

  async function keepReading(): Promise<void> {
    while (!over.signal.aborted) {
      const Name = acknowledged[Math.floor(Math.random() * acknowledged.length)];
      if (Name !== undefined) {
        const { status } = await fetch(`${list}/${Name}`);
        if (status === 200) reads[phase] += 1;
        else wrongReads.push({ Name, phase, status });
      }
      await setTimeout(2);
    }
  }

  const load = [
    ...Array.from({ length: WRITERS }, (_, writer) => keepWriting(writer)),
    ...Array.from({ length: READERS }, keepReading),
  ];
  await expect.poll(() => Math.min(reads.before, acknowledged.length), WAIT).toBeGreaterThan(MIN_IN_PHASE);
  const byReplica = clair.store.replica?.().answers.replica ?? 0;
  phase = 'without';
  await primary.kill();
  await expect.poll(() => Math.min(reads.without, refusals.length), WAIT).toBeGreaterThan(MIN_IN_PHASE);
  // The monitor checks the servers at intervals, so a promotion at once could hide the failure from it.
  await expect.poll(() => changes, WAIT).toContain('serving false');
  const health = await healthOf(clair);
  phase = 'after';
  await asAdministrator(standby.source, 'SELECT pg_promote(wait => true)');
  const before = acknowledged.length;
  await expect.poll(() => Math.min(reads.after, acknowledged.length - before), WAIT).toBeGreaterThan(MIN_IN_PHASE);
  over.abort();
  await Promise.all(load);

  expect(wrongReads).toEqual([]);
  expect(byReplica).toBeGreaterThan(MIN_IN_PHASE);
  for (const refusal of refusals) {
    expect(refusal).toMatchObject({
      status: 503,
      body: { Error: { Message: expect.stringMatching(/database\/unavailable/) } },
    });
  }
  expect(health).toMatchObject({
    database: { isHealthy: false, isEssential: false },
    replica: { isHealthy: true, details: { state: 'serving' } },
  });
  expect(changes).toEqual(expect.arrayContaining(['serving true', 'serving false']));
  const stored = await asAdministrator(standby.source, 'SELECT name FROM vulnerability');
  const names = new Set(stored.map(({ name }) => name));
  expect(acknowledged.filter((name) => !names.has(name))).toEqual([]);
});

async function posted(url: string, body: object): Promise<Response> {
  return await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function healthOf(clair: Awaited<ReturnType<typeof composeClair>>): Promise<unknown> {
  const { createHealth } = await import('../../src/health/health.ts');
  return await createHealth({ store: clair.store, now: Date.now }).check();
}

async function asAdministrator(source: string, statement: string): Promise<readonly { readonly name?: string }[]> {
  const client = new pg.Client(`${source}?sslmode=disable`);
  await client.connect();
  try {
    return (await client.query<{ name: string }>(statement)).rows;
  } finally {
    await client.end();
  }
}
