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

describe('what is ruled out', () => {
  it.each<[string, ReportFinding, object, boolean]>([
    ['its name', findingOf(), { id: 'CVE-1' }, true],
    ['its name in small letters', findingOf(), { id: 'cve-1' }, true],
    ['its package', findingOf(), { package: 'curl' }, true],
    ['its name in another package', findingOf(), { id: 'CVE-1', package: 'zlib' }, false],
    ['its layer', findingOf(), { id: 'CVE-1', layer: layerOf(0).digest }, true],
    ['another layer', findingOf(), { id: 'CVE-1', layer: layerOf(1).digest }, false],
    ['the base', findingOf(), { id: 'CVE-1', layer: 'base' }, true],
    ['own layers', findingOf(), { id: 'CVE-1', layer: 'own' }, false],
    ['own layers, in one', findingOf({ layer: 1 }), { id: 'CVE-1', layer: 'own' }, true],
    ['its image', findingOf(), { id: 'CVE-1', image: 'image:1' }, true],
    ['another image', findingOf(), { id: 'CVE-1', image: 'image:2' }, false],
    ['a day that is today', findingOf(), { id: 'CVE-1', expires: TODAY }, true],
    ['a day that was yesterday', findingOf(), { id: 'CVE-1', expires: '2026-06-14' }, false],
    ['the name of an advisory', advisory, { id: 'RHSA-1' }, true],
    ['one of the CVEs of an advisory', advisory, { id: 'CVE-7' }, false],
    ['all CVEs of an advisory', advisory, { id: ['CVE-7', 'CVE-8'] }, true],
    ['the only CVE of an advisory', findingOf({ id: 'RHSA-2', cves: [{ id: 'CVE-7' }] }), { id: 'CVE-7' }, true],
    ['another name of it', merged, { id: 'ghsa-1' }, true],
    ['the CVE that is its name', merged, { id: 'CVE-1' }, true],
  ])('a finding by %s', (_, finding, entry, isOut) => {
    const { left, suppressed } = judge([finding], [entry]);
    expect([left.length, suppressed.length]).toEqual(isOut ? [0, 1] : [1, 0]);
  });

  it('stays visible with the rule that did it, and leaves the order of the others', () => {
    const findings = ['CVE-1', 'CVE-2', 'CVE-3'].map((id) => findingOf({ id }));
    expect(judge(findings, [{ id: 'CVE-9' }, { id: 'CVE-2' }])).toMatchObject({
      left: ['CVE-1 curl', 'CVE-3 curl'],
      suppressed: ['CVE-2 by f.yaml, line 2'],
    });
  });

  it('is out although a rule that is past its day means it too', () => {
    const { suppressed } = judge([findingOf()], [{ id: 'CVE-1', expires: '2026-01-01' }, { id: 'CVE-1' }]);
    expect(suppressed).toEqual(['CVE-1 by f.yaml, line 2']);
  });
});

describe('what is said of rules', () => {
  const unused = { id: 'CVE-8' };
  const expired = { id: 'CVE-9', expires: '2026-01-01' };

  it('is which are past their day, and which match nothing', () => {
    expect(judge([findingOf()], [{ id: 'CVE-1' }, unused, expired]).diagnostics).toEqual([
      'f.yaml suppression-expired: 1 rule is past the last day, and without effect: line 3 (CVE-9, until 2026-01-01)',
      'f.yaml suppression-unmatched: 1 rule is without effect, as nothing that was found is meant: line 2 (CVE-8)',
    ]);
  });

  it('names a few of many', () => {
    expect(
      judge(
        [],
        Array.from({ length: 5 }, () => unused),
      ).diagnostics,
    ).toEqual([
      expect.stringMatching(/: 5 rules are without effect.*: line 1 \(CVE-8\); line 2 \(CVE-8\); line 3 \(CVE-8\); …$/),
    ]);
  });

  it('is nothing for those that are for another image', () => {
    expect(
      judge(
        [],
        [unused, expired].map((rule) => ({ ...rule, image: 'image:2' })),
      ).diagnostics,
    ).toEqual([]);
  });

  it('is, where they are for many images, only which are past their day and would match', () => {
    const stillFound = { id: 'CVE-1', expires: '2026-01-01' };
    expect(judge([findingOf()], [unused, expired, stillFound], true).diagnostics).toEqual([
      expect.stringContaining('line 3 (CVE-1, until 2026-01-01)'),
    ]);
  });
});
