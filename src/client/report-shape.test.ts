import { describe, expect, it } from 'vitest';
import { DEBIAN, findingOf, layerOf, noteOf, reportOf } from '../report/testing/report-builder.ts';
import type { Report } from '../model/report/report.ts';
import type { CvssScore } from '../model/enrichment.ts';
import { readReport } from './report-shape.ts';

const SCORE: CvssScore = {
  version: '3.1',
  vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
  score: 9.8,
  source: 'nvd',
  type: 'primary',
  accessVector: 'network',
  complexity: 'low',
  cwes: ['CWE-79'],
};
const finding = findingOf({
  cves: [{ id: 'CVE-1', cvss: [SCORE], epss: { score: 0.5 }, kev: { added: '2026-01-02' } }],
});
const suppression = { by: 'ignore', where: 'x', justification: null, reason: '', author: null, expires: null } as const;
const full: Report = reportOf({
  layers: [layerOf(0, { size: 7, origin: 'base' })],
  findings: [finding],
  suppressed: [{ ...finding, suppression }],
  undecided: { count: 1, listed: [{ ...finding, reportedBy: 'debian' }] },
  notes: [noteOf()],
  diagnostics: [{ code: 'feed-stale', message: 'old', where: 'debian', incomplete: true }],
});

/** Returns a copy of the report with a different value at this path of keys. */
function changed(path: readonly string[], value: unknown): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(full));
  const inner = path.slice(0, -1).reduce((at, key) => Reflect.get(at as object, key), copy);
  Reflect.set(inner as object, path.at(-1) ?? '', value);
  return copy;
}

describe('readReport', () => {
  it('accepts a report of this release', () => {
    expect(readReport(JSON.parse(JSON.stringify(full)))).toEqual({ report: full });
    expect(readReport(reportOf({ distribution: null, feeds: [DEBIAN] }))).toHaveProperty('report');
  });

  it('accepts additional fields', () => {
    expect(readReport(changed(['later'], 1))).toHaveProperty('report');
    expect(readReport(changed(['findings', '0', 'later'], {}))).toHaveProperty('report');
  });

  it.each<[string, readonly string[], unknown]>([
    ['another schema version', ['schemaVersion'], 1],
    ['no layers', ['layers'], undefined],
    ['an unknown severity', ['findings', '0', 'severity'], 'Awful'],
    ['an unknown diagnostic', ['diagnostics', '0', 'code'], 'later'],
    ['a finding without a version', ['findings', '0', 'version'], undefined],
    ['an unknown kind of rule', ['suppressed', '0', 'suppression', 'by'], 'nobody'],
    ['an unknown kind of note', ['notes', '0', 'kind'], 'later'],
    ['a weakness that is no CWE', ['findings', '0', 'cves', '0', 'cvss', '0', 'cwes', '0'], 'NVD-CWE-noinfo'],
    ['a negative layer', ['findings', '0', 'layer'], -1],
  ])('rejects %s and returns its path', (_, path, value) => {
    const read = readReport(changed(path, value));
    expect(read).toMatchObject({ fault: expect.stringMatching(/^\//) });
  });

  it.each([[null], [[]], ['x'], [{}]])('rejects %j', (value) => {
    expect(readReport(value)).toHaveProperty('fault');
  });
});
