import { describe, expect, it } from 'vitest';
import { finding, INCOMPLETE, reportWith, suppressed, UNDECIDED } from './testing/reports.ts';
import type { Report } from '../model/report/report.ts';
import { parseOpenVex } from '../suppression/openvex.ts';
import { judgeFindings } from '../suppression/suppressed-findings.ts';
import { libraryFindingOf } from './testing/report-builder.ts';
import { openvex } from './openvex.ts';

type Vex = {
  readonly tooling: string;
  readonly statements: (Readonly<Record<string, unknown>> & { readonly products: object[] })[];
};

function vexOf(parts: Partial<Report>): Vex {
  return JSON.parse(openvex.render(reportWith(parts))) as Vex;
}

describe('OpenVEX', () => {
  it('states affected packages and their remedies', () => {
    const libcurl = finding({ package: 'curl', purl: 'pkg:deb/debian/libcurl4@7.88.1-10' });
    const { statements } = vexOf({ findings: [finding(), libcurl, finding({ fixedIn: null, status: 'open' })] });
    expect(statements.map((each) => [each['status'], each['action_statement']])).toEqual([
      ['affected', 'Upgrade curl to 7.88.1-11 or later.'],
      ['affected', 'No fixed version is known (open).'],
    ]);
    expect(statements[0]?.products).toEqual([
      {
        '@id': `pkg:oci/app@sha256:${'a'.repeat(64)}?arch=amd64&repository_url=registry.test%2Fteam%2Fapp`,
        hashes: { 'sha-256': 'a'.repeat(64) },
        subcomponents: [{ '@id': finding().purl }, { '@id': libcurl.purl }],
      },
    ]);
  });

  it.each([
    [{}, 'not_affected', 'vulnerable_code_not_in_execute_path'],
    [{ justification: 'of_its_own' }, 'not_affected', undefined],
    [{ by: 'csaf', justification: null }, 'not_affected', undefined],
    [{ by: 'ignore', justification: null }, 'affected', undefined],
  ] as const)('a finding suppressed by %j is %s (%s)', (rule, status, justification) => {
    const { statements } = vexOf({ suppressed: [suppressed(rule)] });
    expect(statements[0]).toMatchObject({ status, ...(justification !== undefined && { justification }) });
    expect('justification' in statements[0]!).toBe(justification !== undefined);
    expect(statements[0]?.['impact_statement'] ?? statements[0]?.['action_statement']).toContain('never called');
  });

  it('names the paths of a library', () => {
    const { statements } = vexOf({ findings: [libraryFindingOf({ paths: ['a', 'b'] })] });
    expect(statements[0]?.['status_notes']).toMatch(/^High \(fixed, risk 50\) in npm, at a, b; layer 0/);
  });

  it('lists undetermined packages as under investigation', () => {
    const { statements } = vexOf({ undecided: { count: 1, listed: [UNDECIDED] } });
    expect(statements).toMatchObject([{ status: 'under_investigation', vulnerability: { name: 'CVE-2026-3' } }]);
  });

  it.each(['registry', 'oci', 'docker-archive', 'rootfs'])(
    'for an image of the kind %s suppresses the same findings when Clair reads it',
    (kind) => {
      const base = reportWith();
      const found = reportWith({
        target: { ...base.target, kind },
        findings: [finding(), finding({ id: 'CVE-2026-2', purl: base.packages[0]!.purl, package: 'bash' })],
      });
      const [still, ruledOut] = found.findings;
      const text = openvex.render({
        ...found,
        findings: [still!],
        suppressed: [{ ...suppressed(), ...ruledOut! }],
      });
      const set = { rules: parseOpenVex(JSON.parse(text), 'own.json'), isShared: false };
      const { findings, suppressed: again, diagnostics } = judgeFindings(found, [set], '2026-01-02');
      expect(findings).toEqual([still]);
      expect(again).toEqual([
        { ...ruledOut, suppression: expect.objectContaining({ justification: 'vulnerable_code_not_in_execute_path' }) },
      ]);
      expect(diagnostics).toEqual([]);
      const another = { ...found, target: { ...found.target, digest: 'sha256:b', reference: 'other' } };
      expect(judgeFindings(another, [set], '2026-01-02').suppressed).toEqual([]);
    },
  );

  it('does not exist without statements, because the schema requires a statement', () => {
    expect(openvex.whyNone?.([reportWith(), reportWith({ diagnostics: [INCOMPLETE] })])).toMatch(
      /^cannot write an OpenVEX document: /,
    );
    for (const parts of [
      { findings: [finding()] },
      { suppressed: [suppressed()] },
      { undecided: { count: 1, listed: [UNDECIDED] } },
    ]) {
      expect(openvex.whyNone?.([reportWith(), reportWith(parts)])).toBeUndefined();
    }
  });

  it('states diagnostics and the age of the data', () => {
    const { tooling } = vexOf({ findings: [finding()], diagnostics: [INCOMPLETE] });
    expect(tooling).toContain('THE REPORT IS INCOMPLETE');
    expect(tooling).toContain('WARNING feed-stale');
    expect(tooling).toContain('Feed debian: updated 2026-01-02T00:00:00.000Z.');
  });
});
