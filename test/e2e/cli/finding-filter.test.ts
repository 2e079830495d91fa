import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliRun, runClair } from '../../fixtures/cli-run.ts';
import type { Report } from '../../../src/model/report/report.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';
import { buildDockerArchive } from '../../../src/worker/testing/image-builder.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-finding-filter-'));
const inFolder = (name: string): string => join(folder, name);
const archive = inFolder('image.tar');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function clair(...args: readonly string[]): Promise<CliRun> {
  return await runClair([...args, '--db', inFolder('clair.db')]);
}

async function scanned(...args: readonly string[]): Promise<Report> {
  return JSON.parse((await clair('scan', archive, '-f', 'json', ...args)).out) as Report;
}

beforeAll(async () => {
  writeFileSync(archive, await buildDockerArchive((await buildDemoLayers()).slice(0, 2), 'test:1'));
  expect((await clair('update', '--feed', 'debian', '--from', DEMO_FEED)).status).toBe(0);
});

describe('clair scan', () => {
  it('shows only the severities of --severity, counts all findings, and states how many it hides', async () => {
    const all = await scanned();
    const { findings, counts, diagnostics } = await scanned('--severity', 'HIGH,critical');
    const high = all.findings.filter(({ severity }) => severity === 'High');
    expect(findings).toEqual(high);
    expect(high.length).toBeLessThan(all.findings.length);
    expect(counts).toEqual(all.counts);
    const hidden = all.findings.length - high.length;
    expect(diagnostics).toContainEqual(
      expect.objectContaining({
        code: 'findings-hidden',
        message: expect.stringContaining(`hides ${hidden} finding`),
        where: '--severity high,critical,defcon1',
        incomplete: false,
      }),
    );
    const { out } = await clair('scan', archive, '--severity', 'high');
    expect(out).toMatch(new RegExp(`; ${hidden} not shown[.;]`));
  });

  it('applies --fail-on to hidden findings', async () => {
    expect(await clair('scan', archive, '--severity', 'critical', '--fail-on', 'high')).toMatchObject({
      status: 4,
      out: expect.stringContaining('No finding matches the filter; '),
      err: expect.stringContaining('of severity high or higher: '),
    });
  });

  it.each(['--only-fixed', '--ignore-unfixed'])(
    'shows and evaluates only findings with a fix with %s',
    async (flag) => {
      const { findings, counts } = await scanned(flag);
      expect(findings.length).toBeGreaterThan(0);
      expect(new Set(findings.map(({ status }) => status))).toEqual(new Set(['fixed']));
      expect(counts.findings).toBeGreaterThan(findings.length);
      const fixed = await clair('scan', archive, flag, '--fail-on', 'unknown');
      expect(fixed.err).toMatch(/: \d+ findings? with a fix of severity unknown or higher: /);
    },
  );

  it('shows all findings with --fail-on-fixed, which restricts only the gate', async () => {
    const { findings } = await scanned('--fail-on', 'unknown', '--fail-on-fixed');
    expect(findings).toEqual((await scanned()).findings);
  });

  it('writes the formats of one list', async () => {
    const path = inFolder('report.sarif');
    const { out } = await clair('scan', archive, '--format', `table,sarif=${path}`);
    expect(out).toMatch(/^Image {9}test:1 /);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ version: '2.1.0' });
  });
});

describe('clair diff', () => {
  it('filters findings, and writes to the file of --output', async () => {
    const path = inFolder('difference.json');
    const { status, out } = await clair('diff', archive, archive, '--severity', 'high', '-f', 'json', '-o', path);
    expect([status, out]).toEqual([0, '']);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ findings: { added: [], removed: [], changed: [] } });
  });
});

describe('clair update', () => {
  it('rejects --from with more than one feed', async () => {
    const { status, err } = await clair('update', '--feed', 'debian,ubuntu', '--from', DEMO_FEED);
    expect(status).toBe(2);
    expect(err).toContain('--from requires exactly one feed');
  });

  it('names the valid feeds for an unknown feed', async () => {
    const { status, err } = await clair('update', '--feed', 'debian,none');
    expect(status).toBe(2);
    expect(err).toMatch(/"none" must be one of .*debian/);
  });
});
