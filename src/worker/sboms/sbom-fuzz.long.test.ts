import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ANY_CHARACTER } from '../../../test/fixtures/any-text.ts';
import { runCount } from '../../../test/fixtures/run-count.ts';
import { ClairError } from '../../errors.ts';
import { sbomContents } from './sbom-contents.ts';
import { cyclonedxOf, DEBIAN, readText, withPurl } from './testing/documents.ts';

const RUNS = runCount(100_000, 300);

const PURL = 'pkg:deb/debian/libssl3@1:3-1?arch=amd64&distro=debian-12&upstream=openssl@3-1';
const PROPERTIES = ['clair:owner', 'clair:package:flags', 'syft:metadata:epoch', 'aquasecurity:trivy:SrcName'].map(
  (name) => ({
    name,
    value: 'deb package',
  }),
);

/** Documents of all formats, as text for the JSON, XML and tag-value readers. */
const DOCUMENTS: readonly string[] = [
  JSON.stringify(
    cyclonedxOf([DEBIAN, withPurl(PURL, { properties: PROPERTIES, components: [withPurl('pkg:npm/%40a/b@1')] })], {
      serialNumber: 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79',
      version: 2,
      vulnerabilities: [
        {
          id: 'CVE-2026-1',
          references: [{ id: 'GHSA-1' }],
          analysis: {
            state: 'not_affected',
            justification: 'code_not_reachable',
            detail: 'unused',
            lastUpdated: '2026-01-02T00:00:00Z',
          },
          affects: [
            { ref: PURL, versions: [{ version: '1:3-1', status: 'unaffected' }] },
            { ref: `urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/2#${encodeURIComponent(PURL)}` },
          ],
        },
      ],
      dependencies: [{ ref: 'twelve', dependsOn: [PURL] }],
      compositions: [{ aggregate: 'incomplete' }],
    }),
  ),
  `<bom xmlns="http://cyclonedx.org/schema/bom/1.6"><metadata><component type="container"><name>i</name></component></metadata><components><component type="library"><name>a</name><version>1</version><purl>${PURL.replaceAll('&', '&amp;')}</purl><properties><property name="clair:owner">deb a 1</property></properties></component></components><vulnerabilities><vulnerability><id>CVE-1</id><analysis><state>not_affected</state><detail>unused</detail></analysis><affects><target><ref>a</ref></target></affects></vulnerability></vulnerabilities><dependencies><dependency ref="a"><dependency ref="b"/></dependency></dependencies></bom>`,
  JSON.stringify({
    spdxVersion: 'SPDX-2.3',
    packages: [{ SPDXID: 'a', name: 'a', externalRefs: [{ referenceType: 'purl', referenceLocator: PURL }] }],
    relationships: [{ spdxElementId: 'a', relationshipType: 'GENERATED_FROM', relatedSpdxElement: 'a' }],
  }),
  `SPDXVersion: SPDX-2.3\nPackageName: a\nPackageVersion: 1\nPackageComment: <text>x\ny</text>\nExternalRef: PACKAGE-MANAGER purl ${PURL}\nRelationship: a GENERATED_FROM a\n`,
  JSON.stringify({
    '@context': 'https://spdx.org/rdf/3.0.1/c',
    '@graph': [
      { type: 'software_Package', spdxId: 'a', name: 'a', software_packageUrl: PURL },
      { type: 'Relationship', relationshipType: 'generates', from: 'a', to: ['a'], completeness: 'incomplete' },
      { type: 'security_Vulnerability', spdxId: 'v', externalIdentifier: [{ identifier: 'CVE-1' }] },
      {
        type: 'security_VexNotAffectedVulnAssessmentRelationship',
        from: 'v',
        to: ['a'],
        security_justificationType: 'vulnerableCodeNotPresent',
        security_impactStatement: 'unused',
      },
    ],
  }),
  JSON.stringify({
    artifacts: [
      {
        id: 'a',
        name: 'a',
        version: '1',
        type: 'deb',
        purl: PURL,
        metadata: { source: 'b' },
        locations: [{ path: '/a' }],
      },
    ],
    distro: { id: 'debian', versionID: '12' },
    schema: { version: '16' },
  }),
];

/** Replaces a part of a text with random text, or with another part of the document. */
const EDIT = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.nat({ max: 40 }),
  put: fc.oneof(
    fc.string({ maxLength: 20, unit: ANY_CHARACTER }),
    fc.constantFrom(
      '"',
      '{',
      '}',
      '[',
      ']',
      'null',
      '<',
      '>',
      '</text>',
      '%',
      '%00',
      '\u{0}',
      '\\ud800',
      '__proto__',
      '1e999',
      ',',
    ),
  ),
});

function edited(
  text: string,
  edits: readonly { readonly at: number; readonly cut: number; readonly put: string }[],
): string {
  return edits.reduce((before, { at, cut, put }) => {
    const start = Math.floor(at * before.length);
    return before.slice(0, start) + put + before.slice(start + cut);
  }, text);
}

it(`reads ${RUNS} damaged documents, or refuses them with an error about SBOMs`, { timeout: 3_600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...DOCUMENTS),
      fc.array(EDIT, { minLength: 1, maxLength: 4 }),
      async (text, edits) => {
        const codes: string[] = [];
        try {
          const document = await readText(edited(text, edits));
          const { entries } = sbomContents(document, { appliesVex: true });
          expect(entries.length).toBeGreaterThan(0);
          expect(JSON.parse(JSON.stringify(entries))).toEqual(entries);
        } catch (error) {
          if (!(error instanceof ClairError)) throw error;
          codes.push(error.code);
        }
        expect(codes.filter((code) => !code.startsWith('sbom/'))).toEqual([]);
      },
    ),
    { numRuns: RUNS },
  );
});
