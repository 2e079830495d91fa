import { describe, expect, it } from 'vitest';
import { contentsOf, cyclonedxOf, DEBIAN, readText, withPurl } from './testing/documents.ts';

const SPDX_PACKAGES = [
  { SPDXID: 'SPDXRef-OperatingSystem-1', name: 'debian', versionInfo: '12', primaryPackagePurpose: 'OPERATING-SYSTEM' },
  {
    SPDXID: 'SPDXRef-a',
    name: 'libssl3',
    versionInfo: '3-1',
    sourceInfo: 'built package from: openssl 3-1',
    externalRefs: [
      {
        referenceCategory: 'PACKAGE_MANAGER',
        referenceType: 'purl',
        referenceLocator: 'pkg:deb/debian/libssl3@3-1?arch=amd64',
      },
    ],
  },
];
const SPDX = { spdxVersion: 'SPDX-2.3', packages: SPDX_PACKAGES, files: [{ fileName: 'a' }] };

const TAG_VALUE = `# A comment
SPDXVersion: SPDX-2.3
PackageName: debian
SPDXID: SPDXRef-OperatingSystem
PackageVersion: 12
PackageComment: <text>two
PackageName: not a package</text>

PackageName: libssl3
SPDXID: SPDXRef-a
PackageVersion: 3-1
PackageSourceInfo: <text>built package from: openssl 3-1</text>
ExternalRef: PACKAGE-MANAGER purl pkg:deb/debian/libssl3@3-1?arch=amd64
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-a
FileName: ./a
PackageVersion: 9
`;

const SPDX_3 = {
  '@context': 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld',
  '@graph': [
    {
      type: 'software_Package',
      spdxId: 'o',
      name: 'debian',
      software_packageVersion: '12',
      software_primaryPurpose: 'operatingSystem',
    },
    {
      type: 'software_Package',
      spdxId: 'a',
      name: 'libssl3',
      software_packageVersion: '3-1',
      software_packageUrl: 'pkg:deb/debian/libssl3@3-1?arch=amd64',
    },
    {
      type: 'software_Package',
      spdxId: 's',
      name: 'openssl',
      software_packageVersion: '3-1',
      externalIdentifier: [
        { externalIdentifierType: 'packageUrl', identifier: 'pkg:deb/debian/openssl@3-1?arch=source' },
      ],
    },
    { type: 'Relationship', relationshipType: 'generates', from: 's', to: ['a'] },
  ],
};

const SYFT = {
  artifacts: [
    {
      id: 'a',
      name: 'libssl3',
      version: '3-1',
      type: 'deb',
      purl: 'pkg:deb/debian/libssl3@3-1?arch=amd64',
      metadata: { source: 'openssl' },
      locations: [{ path: '/var/lib/dpkg/status' }],
    },
  ],
  distro: { id: 'debian', versionID: '12' },
  descriptor: { name: 'syft' },
  schema: { version: '16.1.10' },
};

const CYCLONEDX = cyclonedxOf([DEBIAN, withPurl('pkg:deb/debian/libssl3@3-1?arch=amd64&upstream=openssl')]);

const XML = `<?xml version="1.0"?>
<x:bom xmlns:x="http://cyclonedx.org/schema/bom/1.4" version="1"><x:components>
<x:component type="operating-system"><x:name>debian</x:name><x:version>12</x:version></x:component>
<x:component type="library" bom-ref="a"><x:name>libssl3</x:name><x:version>3-1</x:version>
<x:purl>pkg:deb/debian/libssl3@3-1?arch=amd64&amp;upstream=openssl</x:purl></x:component>
</x:components></x:bom>`;

const envelope = (statement: object): object => ({
  payloadType: 'application/vnd.in-toto+json',
  payload: Buffer.from(JSON.stringify(statement)).toString('base64'),
  signatures: [],
});
const STATEMENT = {
  _type: 'https://in-toto.io/Statement/v1',
  predicateType: 'https://cyclonedx.org/bom',
  predicate: CYCLONEDX,
};

describe('an SBOM', () => {
  it.each<[string, unknown, string]>([
    ['CycloneDX JSON', CYCLONEDX, 'CycloneDX 1.6'],
    [
      'CycloneDX JSON that names its format last',
      Object.fromEntries(Object.entries(CYCLONEDX).toReversed()),
      'CycloneDX 1.6',
    ],
    ['CycloneDX XML with prefixes', XML, 'CycloneDX 1.4'],
    ['SPDX 2.3 JSON', SPDX, 'SPDX 2.3'],
    ['SPDX 2.3 tag-value', TAG_VALUE, 'SPDX 2.3'],
    ['SPDX 2.3 tag-value with CRLF', TAG_VALUE.replaceAll('\n', '\r\n'), 'SPDX 2.3'],
    ['SPDX 3.0', SPDX_3, 'SPDX 3.0'],
    ['Syft JSON', SYFT, 'Syft JSON 16.1.10'],
    ['the GitHub dependency graph', { sbom: SPDX }, 'SPDX 2.3'],
    ['an in-toto statement', STATEMENT, 'CycloneDX 1.6'],
    ['an envelope', envelope(STATEMENT), 'CycloneDX 1.6'],
    ['a bundle of Sigstore', { mediaType: 'x', dsseEnvelope: envelope(STATEMENT) }, 'CycloneDX 1.6'],
    ['UTF-8 with a byte order mark', `\u{FEFF}${JSON.stringify(SPDX)}`, 'SPDX 2.3'],
    ['UTF-16 of PowerShell', Buffer.from(`\u{FEFF}${JSON.stringify(CYCLONEDX)}`, 'utf16le'), 'CycloneDX 1.6'],
  ])('is read from %s', async (_what, document, format) => {
    expect((await readText(document)).format).toBe(format);
    const { packages, release } = await contentsOf(document);
    expect(packages).toEqual(['deb libssl3 3-1 openssl 3-1']);
    expect(release).toEqual({ ID: 'debian', VERSION_ID: '12' });
  });

  it.each<[string, unknown, string, string]>([
    ['nothing', '', 'sbom/invalid', 'is empty'],
    ['text', 'hello', 'sbom/unsupported', 'not a JSON object, XML or'],
    ['RDF', '<rdf:RDF xmlns:rdf="x"/>', 'sbom/unsupported', 'RDF'],
    ['SWID', '<SoftwareIdentity/>', 'sbom/unsupported', 'SWID'],
    ['other XML', '<html/>', 'sbom/unsupported', 'not CycloneDX'],
    ['a Trivy report', { SchemaVersion: 2, ArtifactName: 'x' }, 'sbom/unsupported', 'Trivy report'],
    ['a GitHub snapshot', { version: 0, detector: {} }, 'sbom/unsupported', 'GitHub dependency snapshot'],
    ['other JSON', {}, 'sbom/unsupported', 'not CycloneDX'],
    ['CycloneDX 2', cyclonedxOf([], { specVersion: '2.0' }), 'sbom/unsupported', 'CycloneDX 2.0'],
    ['SPDX 1', { spdxVersion: 'SPDX-1.2' }, 'sbom/unsupported', 'SPDX-1.2'],
    ['cut JSON', '{"bomFormat": "Cyclo', 'sbom/invalid', 'ends after'],
    ['cut XML', XML.slice(0, -8), 'sbom/invalid', 'ends before the end of its root element'],
    ['XML with entities', `<!DOCTYPE bom [<!ENTITY a "b">]>${XML.slice(21)}`, 'sbom/invalid', 'document type'],
    ['an envelope in an envelope', envelope({ predicate: envelope(STATEMENT) }), 'sbom/unsupported', 'more than one'],
    ['an envelope without JSON', { payloadType: 'x', payload: '!' }, 'sbom/invalid', 'payload is not JSON'],
  ])('is refused: %s', async (_what, document, code, words) => {
    await expect(readText(document)).rejects.toMatchObject({ code, message: expect.stringContaining(words) });
  });
});
