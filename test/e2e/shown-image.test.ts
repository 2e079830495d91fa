import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runClair } from '../fixtures/cli-run.ts';
import type { Report } from '../../src/model/report/report.ts';
import { type ShownFiles, writeShownFiles } from '../../scripts/pictures/shown-image.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-shown-'));
const database = join(folder, 'clair.db');
let files: ShownFiles;
let report: Report;

async function clair(...args: readonly string[]): Promise<string> {
  const { status, out } = await runClair([...args, '--db', database]);
  expect(status).toBe(0);
  return out;
}

beforeAll(async () => {
  files = await writeShownFiles(folder);
  for (const [feed, name] of files.feeds) await clair('update', '--feed', feed, '--from', join(folder, name));
  for (const base of files.bases) await clair('scan', join(folder, base), '--verify');
  const ignore = ['--ignore', join(folder, files.ignoreFile)];
  report = JSON.parse(await clair('scan', join(folder, files.image), ...ignore, '--format', 'json')) as Report;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('has packages of the base image and of its own instructions', () => {
  expect(report.layers.map(({ origin }) => origin)).toEqual(['base', 'base', 'own', 'own', 'own', 'own']);
  const withFindings = new Set(report.findings.map(({ layer }) => layer));
  expect(withFindings).toEqual(new Set([0, 1, 2]));
});

it('has findings fixed by an upgrade and by a removal', async () => {
  const below = JSON.parse(await clair('graph', join(folder, files.image), '--format', 'json')) as {
    readonly layers: readonly { readonly repairs: readonly object[] }[];
  };
  expect(below.layers.map(({ repairs }) => repairs.length > 0)).toEqual([false, false, false, true, true, false]);
});

it('has exploited, suppressed, expired and undetermined findings, and no invalid record', () => {
  expect(report.findings.filter(({ cves }) => cves[0]?.kev !== undefined).map(({ id }) => id)).toContain(
    'CVE-2099-1010',
  );
  expect(report.suppressed.map(({ id }) => id)).toEqual(['CVE-2099-1042']);
  expect(report.diagnostics.map(({ code }) => code).toSorted()).toEqual(['feed-undecided', 'suppression-expired']);
  expect(report.feeds.map(({ recordDiagnostics }) => recordDiagnostics)).toEqual([0, 0, 0, 0]);
});
