import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { comparedFolders } from './compared-folders.ts';
import { countLines, differenceLine } from './comparison-text.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-compared-folders-'));
afterAll(() => rmSync(folder, { recursive: true }));

let folders = 0;

function written(files: Readonly<Record<string, unknown>>): string {
  const path = join(folder, String((folders += 1)));
  mkdirSync(path);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), JSON.stringify(content));
  return path;
}

const report = (...severities: readonly string[]): object => ({
  report: {
    createdAt: String(folders),
    sources: [{ name: 'debian', ageSeconds: folders }],
    vulnerabilities: severities.map((severity, index) => ({
      id: `CVE-${index}`,
      package: 'a',
      version: '1',
      severity,
    })),
  },
});

const RENAMES = [{ from: 'report.vulnerabilities', to: 'report.findings' }];

it('finds no difference between reports that differ only in times and renamed fields', () => {
  const before = written({ 'a.json': report('Low', 'High') });
  const after = written({
    'a.json': {
      report: {
        findings: (report('Low', 'High') as { report: { vulnerabilities: object } }).report.vulnerabilities,
        sources: [{ name: 'debian' }],
      },
    },
  });
  expect(comparedFolders(before, after, RENAMES, [])).toEqual({
    files: 1,
    differences: [],
    unusedRenames: [],
    unusedExpected: [],
  });
});

it('compares lists by the new names of their elements, and returns and counts the differences', () => {
  const before = written({ 'a.json': report('Low', 'High'), 'b.json': report('Low') });
  const after = written({
    'a.json': { report: { findings: [{ identifier: 'CVE-1', package: 'a', version: '1', severity: 'Low' }] } },
    'b.json': { report: { findings: [{ identifier: 'CVE-0', package: 'a', version: '1', severity: 'Low' }] } },
  });
  const renames = [...RENAMES, { from: 'report.vulnerabilities.id', to: 'report.findings.identifier' }];
  const expected = [{ kind: 'removed', path: 'report.sources', reason: 'gone' }] as const;
  const { differences } = comparedFolders(before, after, renames, expected);
  expect(differences.filter((each) => each.expected === undefined).map(differenceLine)).toEqual([
    'a: report.findings[CVE-0 a 1] removed: {"identifier":"CVE-0","package":"a","version":"1","severity":"Low"}',
    'a: report.findings[CVE-1 a 1].severity changed: "High" -> "Low"',
  ]);
  expect(countLines(differences)).toEqual([
    'removed report.sources (expected: gone): 2, in 2 files',
    'removed report.findings: 1, in 1 file',
    'changed report.findings.severity: 1, in 1 file',
  ]);
});

it('finds files that only one folder has', () => {
  const { files, differences } = comparedFolders(
    written({ 'a.json': {}, 'b.json': {} }),
    written({ 'b.json': {}, 'c.json': {} }),
    [],
    [],
  );
  expect([files, ...differences.map(({ image, kind }) => `${image} ${kind}`)]).toEqual([1, 'a removed', 'c added']);
});

it('returns unused renames and expected differences', () => {
  const expected = [{ kind: 'added', path: 'x', reason: '' }] as const;
  const renames = [{ from: 'y', to: 'z' }];
  expect(comparedFolders(written({ 'a.json': {} }), written({ 'a.json': {} }), renames, expected)).toMatchObject({
    unusedRenames: renames,
    unusedExpected: expected,
  });
});

it('rejects a folder without reports', () => {
  expect(() => comparedFolders(written({ 'a.json': {} }), written({}), [], [])).toThrow('has no reports');
});
