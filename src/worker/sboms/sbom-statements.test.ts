import { describe, expect, it } from 'vitest';
import { contentsOf, cyclonedxOf, DEBIAN, readText, withPurl } from './testing/documents.ts';

const OPENSSL = 'pkg:deb/debian/openssl@3.0-1?arch=amd64&upstream=openssl';
const NPM = 'pkg:npm/left-pad@1.3.0';
const SERIAL = '3E671687-395B-41F5-A30F-A58921A69B79';

/** Returns a document with an image, two packages and one vulnerability. */
function stating(vulnerability: object, parts: object = {}): object {
  return cyclonedxOf([DEBIAN, withPurl(OPENSSL, { 'bom-ref': 'ssl', version: '3.0-1' }), withPurl(NPM)], {
    serialNumber: `urn:uuid:${SERIAL}`,
    version: 2,
    metadata: { component: { type: 'container', name: 'app', 'bom-ref': 'image' } },
    vulnerabilities: [{ id: 'CVE-1', ...vulnerability }],
    ...parts,
  });
}

const NOT_AFFECTED = { state: 'not_affected', justification: 'code_not_reachable' };
const about = (ref: string, versions?: readonly object[]): object => ({
  analysis: NOT_AFFECTED,
  affects: [{ ref, ...(versions && { versions }) }],
});

describe('a VEX statement in an SBOM', () => {
  it.each<[string, object, readonly string[] | string]>([
    ['a bom-ref', about('ssl'), [OPENSSL]],
    ['a package URL', about(NPM), [NPM]],
    ['a package URL that is not a bom-ref', about('pkg:npm/left-pad@1.3.0#lib'), ['pkg:npm/left-pad@1.3.0#lib']],
    ['a BOM-Link', about(`urn:cdx:${SERIAL.toLowerCase()}/2#ssl`), [OPENSSL]],
    ['a BOM-Link of another version', about(`urn:cdx:${SERIAL}/1#ssl`), 'unknown-component'],
    ['a BOM-Link of another document', about(`urn:cdx:${SERIAL.replaceAll('3', '4')}/2#ssl`), 'unknown-component'],
    ['the image', about('image'), []],
    ['the operating system', about('debian'), 'unknown-component'],
    ['an unknown component', about('nothing'), 'unknown-component'],
    ['no component', { analysis: NOT_AFFECTED }, 'unknown-component'],
    ['the version', about('ssl', [{ version: '3.0-1', status: 'unaffected' }]), [OPENSSL]],
    ['the version as affected', about('ssl', [{ version: '3.0-1' }]), 'other-version'],
    ['another version', about('ssl', [{ version: '2.0', status: 'unaffected' }]), 'other-version'],
    ['a range', about('ssl', [{ range: 'vers:deb/<4', status: 'unaffected' }]), 'other-version'],
  ])('about %s', async (_what, vulnerability, expected) => {
    const { statements, unused } = (await readText(stating(vulnerability))).vex;
    const isUnused = typeof expected === 'string';
    expect([statements.map(({ packages }) => packages), [...unused]]).toEqual(
      isUnused ? [[], [[expected, 1]]] : [[expected], []],
    );
  });

  it.each<[string, object, object | string]>([
    [
      'not_affected',
      NOT_AFFECTED,
      { effect: 'suppress', justification: 'vulnerable_code_not_in_execute_path', reason: '' },
    ],
    ['not_affected with words', { state: 'not_affected', detail: 'unused' }, { effect: 'suppress', reason: 'unused' }],
    ['not_affected without a reason', { state: 'not_affected' }, 'no-justification'],
    ['false_positive', { state: 'false_positive' }, { effect: 'suppress', reason: 'false positive' }],
    ['resolved', { state: 'resolved' }, { effect: 'suppress', reason: 'fixed' }],
    ['exploitable', { state: 'exploitable' }, { effect: 'keep' }],
    ['in_triage', { state: 'in_triage' }, { effect: 'keep' }],
    [
      'of a time',
      { ...NOT_AFFECTED, firstIssued: '2026-01-01T00:00:00Z', lastUpdated: '2026-01-02T00:00:00Z' },
      { timestamp: Date.UTC(2026, 0, 2) },
    ],
  ])('with the state %s', async (_state, analysis, expected) => {
    const { statements, unused } = (await readText(stating({ analysis, affects: [{ ref: 'ssl' }] }))).vex;
    const isUnused = typeof expected === 'string';
    expect([...unused]).toEqual(isUnused ? [[expected, 1]] : []);
    expect(statements).toMatchObject(isUnused ? [] : [{ place: 'vulnerability 1', ids: ['CVE-1'], ...expected }]);
  });

  it('has all names of the vulnerability', async () => {
    const vulnerability = { ...about('ssl'), references: [{ id: 'GHSA-1' }, { id: 'CVE-1' }] };
    expect((await readText(stating(vulnerability))).vex.statements[0]?.ids).toEqual(['CVE-1', 'GHSA-1']);
  });

  it('is found before the components', async () => {
    const { vulnerabilities, ...others } = stating(about('ssl')) as { vulnerabilities: object };
    expect((await readText({ vulnerabilities, ...others })).vex.statements).toHaveLength(1);
  });

  it('is the same in XML', async () => {
    const xml = `<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1"><components><component type="library" bom-ref="ssl"><name>openssl</name><version>3.0-1</version><purl>${OPENSSL.replaceAll('&', '&amp;')}</purl></component></components><vulnerabilities><vulnerability><id>CVE-1</id><analysis><state>not_affected</state><justification>code_not_reachable</justification><detail>unused</detail></analysis><affects><target><ref>ssl</ref></target></affects></vulnerability></vulnerabilities></bom>`;
    expect((await readText(xml)).vex.statements).toEqual([
      {
        place: 'vulnerability 1',
        ids: ['CVE-1'],
        effect: 'suppress',
        justification: 'vulnerable_code_not_in_execute_path',
        reason: 'unused',
        timestamp: 0,
        packages: [OPENSSL],
      },
    ]);
  });

  it('is a relationship in SPDX 3', async () => {
    const document = {
      '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld',
      '@graph': [
        {
          type: 'security_VexNotAffectedVulnAssessmentRelationship',
          from: 'v',
          to: ['p'],
          security_justificationType: 'vulnerableCodeNotPresent',
          security_impactStatement: 'unused',
        },
        { type: 'software_Package', spdxId: 'p', name: 'openssl', software_packageUrl: OPENSSL },
        { type: 'security_Vulnerability', spdxId: 'v', externalIdentifier: [{ identifier: 'CVE-1' }] },
      ],
    };
    expect((await readText(document)).vex.statements).toMatchObject([
      {
        place: 'VEX relationship 1',
        ids: ['CVE-1'],
        effect: 'suppress',
        justification: 'vulnerable_code_not_present',
        reason: 'unused',
        packages: [OPENSSL],
      },
    ]);
  });

  it('is stored with the packages if the client applies VEX, and unused statements are reported', async () => {
    const applied = await contentsOf(stating(about('ssl')), { appliesVex: true });
    const ignored = await contentsOf(stating(about('ssl')));
    const other = await contentsOf(stating(about('nothing')), { appliesVex: true });
    expect([applied.contents.statements?.length, applied.codes]).toEqual([1, []]);
    expect([ignored.contents.statements, ignored.codes]).toEqual([undefined, ['sbom-statements-unused']]);
    expect([other.contents.statements, other.codes]).toEqual([undefined, ['sbom-statements-unused']]);
  });
});
