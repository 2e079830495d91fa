import { describe, expect, it } from 'vitest';
import { findingOf, reportOf } from '../testing/report-builder.ts';
import { FORMATS } from '../index.ts';

const FINDING = findingOf({ aliases: ['GHSA-1', 'PYSEC-1'], links: ['https://x.test', 'https://y.test/other'] });

describe('a finding with aliases', () => {
  const withNames = ['json', 'sarif', 'cyclonedx', 'junit', 'html', 'openvex', 'gitlab'];

  it.each(withNames)('shows them in %s', (id) => {
    const text = FORMATS.find((format) => format.id === id)?.render(reportOf({ findings: [FINDING] })) ?? '';
    for (const name of FINDING.aliases) expect(text).toContain(name);
  });

  it.each(['json', 'cyclonedx', 'junit', 'html', 'gitlab'])('has the pages of all advisories in %s', (id) => {
    const text = FORMATS.find((format) => format.id === id)?.render(reportOf({ findings: [FINDING] })) ?? '';
    for (const link of FINDING.links) expect(text).toContain(link);
  });

  it('is one SARIF rule and one SARIF result', () => {
    const sarif = FORMATS.find((format) => format.id === 'sarif')?.render(reportOf({ findings: [FINDING] })) ?? '';
    const [run] = JSON.parse(sarif).runs;
    expect(run.tool.driver.rules).toMatchObject([{ id: 'CVE-1' }]);
    expect(run.results).toMatchObject([{ ruleId: 'CVE-1', properties: { aliases: ['GHSA-1', 'PYSEC-1'] } }]);
  });
});
