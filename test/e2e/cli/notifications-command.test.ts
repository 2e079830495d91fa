import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliRun, runClair } from '../../fixtures/cli-run.ts';
import { openStore } from '../../../src/database/open-store.ts';
import { createPlanner } from '../../../src/notifier/planner.ts';
import { knowLayer, publish } from '../../../src/database/testing/store-content.ts';
import { advisory, deb } from '../../../src/database/testing/packages.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-notifications-'));
const db = join(folder, 'clair.db');
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(async () => {
  const store = await openStore({ type: 'sqlite', path: db });
  await knowLayer(store, 'base', [deb('a', '2')]);
  await publish(store, []);
  let names = 0;
  const planner = createPlanner({ store, owner: 'one', now: () => 1000, newName: () => `n${(names += 1)}` });
  await planner.plan(new AbortController().signal);
  await publish(store, [advisory('CVE-1', { package: 'a' }), advisory('CVE-2', { package: 'a' })]);
  await planner.plan(new AbortController().signal);
  const [first] = await store.notifications.claim({ owner: 'one', lease: 1000, limit: 1 });
  await store.notifications.recordFailure(first!.id, { owner: 'one', at: 2000, error: 'status 500', dueAt: null });
  const from = await store.notifications.cursor();
  const update = { name: 'u1', feed: 'redhat', update: 7, createdAt: 1000, changes: [], features: [] };
  await store.notifications.advance({
    from,
    to: from,
    notifications: [],
    updates: { effects: [update], isSummary: true },
  });
  const [id = 0] = await store.updateNotifications.read();
  await store.updateNotifications.complete(id, 3000);
  await store.close();
});

async function run(...args: readonly string[]): Promise<CliRun> {
  return await runClair(['notifications', ...args, '--db', db]);
}

describe('clair notifications', () => {
  it('lists pending and failed notifications with the reason', async () => {
    const { status, out } = await run();
    expect(status).toBe(3);
    expect(out).toMatch(/n1 .*failed .*new .*debian .*CVE-1 .*1 .*status 500/);
    expect(out).toMatch(/n2 .*pending .*new .*debian .*CVE-2/);
    expect(out).toMatch(/u1 .*pending .*feed-updated .*redhat /);
    expect(out).toContain('2 pending, 0 delivered and unread, 1 failed\n');
  });

  it('lists only failed notifications with --failed, also by its former name', async () => {
    const { out } = await run('--failed');
    expect(out).toContain('n1');
    expect(out).not.toContain('n2');
    expect((await run('--dead')).out).toBe(out);
    expect((await run('--help')).out).not.toContain('--dead');
  });

  it('writes the same as JSON', async () => {
    const { status, out } = await run('--json', '--failed');
    expect(status).toBe(3);
    expect(JSON.parse(out)).toEqual({
      waiting: 2,
      delivered: 0,
      dead: 1,
      notifications: [
        {
          name: 'n1',
          state: 'dead',
          kind: 'new',
          feed: 'debian',
          vulnerability: 'CVE-1',
          attempts: 1,
          error: 'status 500',
          createdAt: '1970-01-01T00:00:01.000Z',
          notifiedAt: null,
          readAt: null,
          deadAt: '1970-01-01T00:00:02.000Z',
          dueAt: null,
          channels: [],
          deliveries: 0,
          totalAttempts: 1,
          lastFailure: { at: '1970-01-01T00:00:02.000Z', reason: 'status 500' },
        },
      ],
    });
  });

  it('retries named notifications, or all', async () => {
    expect(await run('--json', 'retry')).toMatchObject({ status: 2, out: '' });
    expect(await run('retry', 'none')).toEqual({ status: 0, out: 'Queued 0 notifications.\n', err: '' });
    expect(await run('retry')).toEqual({ status: 0, out: 'Queued 1 notification.\n', err: '' });
    expect(await run()).toMatchObject({ status: 0, out: expect.stringContaining('3 pending') });
  });
});
