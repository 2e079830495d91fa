import { describe, expect, it } from 'vitest';
import { DEBIAN, findingOf, layerOf, reportOf } from '../report/testing/report-builder.ts';
import type { Report } from '../model/report/report.ts';
import { readReport } from './report-shape.ts';

const finding = findingOf({
  cves: [{ id: 'CVE-1', epss: { score: 0.5 }, kev: { added: '2026-01-02' } }],
});
const suppression = { by: 'ignore', where: 'x', justification: null, reason: '', author: null, expires: null } as const;
const full: Report = reportOf({
  layers: [layerOf(0, { size: 7, origin: 'base' })],
  findings: [finding],
  suppressed: [{ ...finding, suppression }],
  undecided: { count: 1, listed: [{ ...finding, reportedBy: 'debian' }] },
  diagnostics: [{ code: 'feed-stale', message: 'old', where: 'debian', incomplete: true }],
});

/** The report with another value at a path of keys. */
function changed(path: readonly string[], value: unknown): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(full));
  const inner = path.slice(0, -1).reduce((at, key) => Reflect.get(at as object, key), copy);
  Reflect.set(inner as object, path.at(-1) ?? '', value);
  return copy;
}

describe('a report', () => {
  it('is what this release writes', () => {
    expect(readReport(JSON.parse(JSON.stringify(full)))).toEqual({ report: full });
    expect(readReport(reportOf({ distribution: null, feeds: [DEBIAN] }))).toHaveProperty('report');
  });

  it('may have more than this release knows', () => {
    expect(readReport(changed(['later'], 1))).toHaveProperty('report');
    expect(readReport(changed(['findings', '0', 'later'], {}))).toHaveProperty('report');
  });

  it.each<[string, readonly string[], unknown]>([
    ['of another version', ['schemaVersion'], 1],
    ['without layers', ['layers'], undefined],
    ['with a severity that has no place in the order', ['findings', '0', 'severity'], 'Awful'],
    ['with a diagnostic that is not known', ['diagnostics', '0', 'code'], 'later'],
    ['with a finding that says no version', ['findings', '0', 'version'], undefined],
    ['with a rule without a word', ['suppressed', '0', 'suppression', 'by'], 'nobody'],
    ['with a layer below the base', ['findings', '0', 'layer'], -1],
  ])('is none %s, and it is told where', (_, path, value) => {
    const read = readReport(changed(path, value));
    expect(read).toMatchObject({ fault: expect.stringMatching(/^\//) });
  });

  it.each([[null], [[]], ['x'], [{}]])('is none when it is %j', (value) => {
    expect(readReport(value)).toHaveProperty('fault');
  });
});
