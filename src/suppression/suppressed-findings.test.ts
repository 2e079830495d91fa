import { describe, expect, it } from 'vitest';
import { findingOf, layerOf, reportOf } from '../report/testing/report-builder.ts';
import type { ReportFinding } from '../model/report/report.ts';
import { parseIgnoreFile } from './ignore-file.ts';
import { judgeFindings } from './suppressed-findings.ts';

const TODAY = '2026-06-15';

function judge(
  findings: readonly ReportFinding[],
  entries: readonly object[],
  isShared = false,
): { left: readonly string[]; suppressed: readonly string[]; diagnostics: readonly string[] } {
  const layers = [layerOf(0, { origin: 'base' }), layerOf(1, { origin: 'own' })];
  const text = entries.map((entry) => `- ${JSON.stringify({ reason: 'r', ...entry })}`).join('\n');
  const sets = [{ rules: parseIgnoreFile(text, 'f.yaml'), isShared }];
  const judgement = judgeFindings(reportOf({ layers, findings: findings }), sets, TODAY);
  return {
    left: judgement.findings.map(({ id, package: name }) => `${id} ${name}`),
    suppressed: judgement.suppressed.map(({ id, suppression }) => `${id} by ${suppression.where}`),
    diagnostics: judgement.diagnostics.map(({ code, message, where }) => `${where} ${code}: ${message}`),
  };
}

const advisory = findingOf({ id: 'RHSA-1', cves: [{ id: 'CVE-7' }, { id: 'CVE-8' }] });

const merged = findingOf({ aliases: ['GHSA-1', 'PYSEC-1'] });

describe('a suppression rule applies', () => {
  it.each<[string, ReportFinding, object, boolean]>([
    ['its name', findingOf(), { id: 'CVE-1' }, true],
    ['its name in lower case', findingOf(), { id: 'cve-1' }, true],
    ['its package', findingOf(), { package: 'curl' }, true],
    ['its name in another package', findingOf(), { id: 'CVE-1', package: 'zlib' }, false],
    ['its layer', findingOf(), { id: 'CVE-1', layer: layerOf(0).digest }, true],
    ['another layer', findingOf(), { id: 'CVE-1', layer: layerOf(1).digest }, false],
    ['the base', findingOf(), { id: 'CVE-1', layer: 'base' }, true],
    ['own layers', findingOf(), { id: 'CVE-1', layer: 'own' }, false],
    ['own layers, in one', findingOf({ layer: 1 }), { id: 'CVE-1', layer: 'own' }, true],
    ['its image', findingOf(), { id: 'CVE-1', image: 'image:1' }, true],
    ['another image', findingOf(), { id: 'CVE-1', image: 'image:2' }, false],
    ['a rule that expires today', findingOf(), { id: 'CVE-1', expires: TODAY }, true],
    ['a rule that expired yesterday', findingOf(), { id: 'CVE-1', expires: '2026-06-14' }, false],
    ['the name of an advisory', advisory, { id: 'RHSA-1' }, true],
    ['one of the CVEs of an advisory', advisory, { id: 'CVE-7' }, false],
    ['all CVEs of an advisory', advisory, { id: ['CVE-7', 'CVE-8'] }, true],
    ['the only CVE of an advisory', findingOf({ id: 'RHSA-2', cves: [{ id: 'CVE-7' }] }), { id: 'CVE-7' }, true],
    ['an alias', merged, { id: 'ghsa-1' }, true],
    ['the CVE that is its name', merged, { id: 'CVE-1' }, true],
  ])('by %s', (_, finding, entry, isOut) => {
    const { left, suppressed } = judge([finding], [entry]);
    expect([left.length, suppressed.length]).toEqual(isOut ? [0, 1] : [1, 0]);
  });

  it('and the finding is listed with its rule; the other findings keep their order', () => {
    const findings = ['CVE-1', 'CVE-2', 'CVE-3'].map((id) => findingOf({ id }));
    expect(judge(findings, [{ id: 'CVE-9' }, { id: 'CVE-2' }])).toMatchObject({
      left: ['CVE-1 curl', 'CVE-3 curl'],
      suppressed: ['CVE-2 by f.yaml, line 2'],
    });
  });

  it('to a finding that an expired rule matches as well', () => {
    const { suppressed } = judge([findingOf()], [{ id: 'CVE-1', expires: '2026-01-01' }, { id: 'CVE-1' }]);
    expect(suppressed).toEqual(['CVE-1 by f.yaml, line 2']);
  });
});

describe('diagnostics of rules', () => {
  const unused = { id: 'CVE-8' };
  const expired = { id: 'CVE-9', expires: '2026-01-01' };

  it('name expired and unmatched rules', () => {
    expect(judge([findingOf()], [{ id: 'CVE-1' }, unused, expired]).diagnostics).toEqual([
      'f.yaml suppression-expired: 1 rule has expired: line 3 (CVE-9, until 2026-01-01)',
      'f.yaml suppression-unmatched: 1 rule has no match: line 2 (CVE-8)',
    ]);
  });

  it('name only the first of many rules', () => {
    expect(
      judge(
        [],
        Array.from({ length: 5 }, () => unused),
      ).diagnostics,
    ).toEqual([
      expect.stringMatching(/: 5 rules have no match: line 1 \(CVE-8\); line 2 \(CVE-8\); line 3 \(CVE-8\); …$/),
    ]);
  });

  it('do not mention rules for other images', () => {
    expect(
      judge(
        [],
        [unused, expired].map((rule) => ({ ...rule, image: 'image:2' })),
      ).diagnostics,
    ).toEqual([]);
  });

  it('mention shared rules only if they expired and would match', () => {
    const stillFound = { id: 'CVE-1', expires: '2026-01-01' };
    expect(judge([findingOf()], [unused, expired, stillFound], true).diagnostics).toEqual([
      expect.stringContaining('line 3 (CVE-1, until 2026-01-01)'),
    ]);
  });
});
