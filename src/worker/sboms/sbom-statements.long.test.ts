import { expect, it } from 'vitest';
import { cyclonedxOf, DEBIAN, readText, withPurl } from './testing/documents.ts';

it('a VEX statement in an SBOM is dropped above the limit, with a count', async () => {
  const vulnerabilities = Array.from({ length: 10_003 }, (_, at) => ({
    id: `CVE-${at}`,
    analysis: { state: 'not_affected', justification: 'code_not_reachable' },
    affects: [{ ref: 'ssl' }],
  }));
  const openssl = withPurl('pkg:deb/debian/openssl@3.0-1?arch=amd64', { 'bom-ref': 'ssl', version: '3.0-1' });
  const { statements, unused } = (await readText(cyclonedxOf([DEBIAN, openssl], { vulnerabilities }))).vex;
  expect([statements.length, [...unused]]).toEqual([10_000, [['too-many', 3]]]);
});
