import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliRun, runClair } from '../../fixtures/cli-run.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';
import { buildDockerArchive } from '../../../src/worker/testing/image-builder.ts';
import type { Report } from '../../../src/model/report/report.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-ignore-rules-'));
const db = join(folder, 'clair.db');
const archive = join(folder, 'image.tar');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(async () => {
  writeFileSync(archive, await buildDockerArchive((await buildDemoLayers()).slice(0, 2), 'test:1'));
  await runClair(['update', '--feed', 'debian', '--from', DEMO_FEED, '--db', db]);
});

const run = async (...args: readonly string[]): Promise<CliRun> =>
  await runClair(['ignore-rules', ...args, '--db', db]);

describe.each([
  ['verified', ['--verify']],
  ['read by seeking', []],
])('clair ignore-rules, with an image that is %s', (_what, options) => {
  const scanned = async (): Promise<Report> =>
    JSON.parse((await runClair(['scan', archive, '--db', db, '--format', 'json', ...options])).out);

  it('adds a rule that applies to scans with the database, lists it and ends it', async () => {
    const all = (await scanned()).findings;
    const id = all[0]?.id ?? '';
    const added = await run('add', '--id', id, '--reason', 'not\u001breachable', '--expires', '2099-12-31');
    expect([added.status, added.err]).toEqual([0, '']);
    const name = added.out.trim();
    const { findings, suppressed } = await scanned();
    expect(findings.length + suppressed.length).toBe(all.length);
    expect(new Set(suppressed.map((each) => each.suppression.where))).toEqual(new Set([`${name} in the database`]));
    expect((await run('list')).out).toMatch(new RegExp(`${name} .*${id} .*all .*2099-12-31 .*not`));
    expect((await run('list')).out).not.toContain('\u001b');
    expect(JSON.parse((await run('list', '--format', 'json')).out)).toEqual([
      {
        name,
        id: [id],
        package: null,
        layer: null,
        image: null,
        reason: 'not\u001breachable',
        author: null,
        expires: '2099-12-31',
        createdAt: expect.stringMatching(/Z$/),
        createdBy: userInfo().username,
        endedAt: null,
        endedBy: null,
        state: 'active',
      },
    ]);
    expect((await run('end', name)).out).toBe(`Ended the rule ${name}.\n`);
    expect((await scanned()).findings.length).toBe(all.length);
    expect((await run('list')).out).toBe('There are no active ignore rules in the database.\n');
    expect((await run('list', '--state', 'ended')).out).toContain(name);
  });
});

describe('clair ignore-rules', () => {
  it.each([
    [['add', '--id', 'CVE-1', '--reason', ' '], 'reason must be text of 1 to 2000 characters'],
    [['add', '--reason', 'r'], 'an entry must have an id or a package'],
    [['end', 'none'], 'ignore rule none not found or already ended'],
  ])('%j fails', async (args, message) => {
    const { status, err } = await run(...args);
    expect(status).toBe(2);
    expect(err).toContain(message);
  });
});
