import { describe, expect, it } from 'vitest';
import { type Digest, digestOfHex } from '../../model/digest.ts';
import { contentsOf, cyclonedxOf, DEBIAN, readText, type Read, withPurl } from './testing/documents.ts';

/** Returns an SBOM of Debian 12 with one component. */
const one = (purl: string, parts: object = {}): object => cyclonedxOf([DEBIAN, withPurl(purl, parts)]);
const HEX = 'a1'.repeat(32);
const BASH = 'pkg:deb/debian/bash@5.2-1?arch=amd64&upstream=bash';

const ALPINE = { type: 'operating-system', name: 'alpine', version: '3.20.3', 'bom-ref': 'alpine' };
const DEBIAN_11 = { type: 'operating-system', name: 'debian', version: '11', 'bom-ref': 'eleven' };

const spdxPackage = (SPDXID: string, purl: string): object => ({
  SPDXID,
  name: SPDXID,
  externalRefs: [{ referenceCategory: 'PACKAGE_MANAGER', referenceType: 'purl', referenceLocator: purl }],
});

/** `notes` are parts of the message about the checked components. */
type Expected = Partial<Pick<Read, 'release' | 'packages' | 'libraries' | 'codes'>> & { readonly notes?: string[] };

/** Tests pitfalls of the structure and the claims of SBOMs; `sbom-traps.test.ts` tests pitfalls of packages. */
describe('of an SBOM', () => {
  it.each<[string, unknown, Expected]>([
    [
      '22 nested components',
      cyclonedxOf([{ ...DEBIAN, components: [withPurl(BASH, { components: [withPurl('pkg:npm/a@1')] })] }]),
      { packages: ['deb bash 5.2-1 bash 5.2-1'], libraries: ['npm a 1'] },
    ],
    [
      '23 packages of other types',
      cyclonedxOf([
        DEBIAN,
        withPurl('pkg:npm/a@1', { type: 'container' }),
        withPurl('pkg:npm/b@1', { type: 'firmware' }),
      ]),
      { libraries: ['npm a 1', 'npm b 1'] },
    ],
    [
      '24 the main component as the only package',
      cyclonedxOf([], { metadata: { component: withPurl('pkg:npm/a@1') } }),
      { libraries: ['npm a 1'] },
    ],
    ['25 a pedigree', one(BASH, { pedigree: { ancestors: [withPurl('pkg:npm/old@1')] } }), { libraries: [] }],
    ['26 an excluded component', one('pkg:npm/a@1', { scope: 'excluded' }), { libraries: [], codes: [] }],
    ['27 an external component', one('pkg:npm/a@1', { isExternal: true }), { libraries: [], codes: [] }],
    [
      '28 duplicates',
      cyclonedxOf([DEBIAN, withPurl(BASH), withPurl(`${BASH}&distro=debian-12.5`)]),
      { packages: ['deb bash 5.2-1 bash 5.2-1'] },
    ],
    [
      '29 no dependencies',
      cyclonedxOf([DEBIAN, withPurl(BASH)], { dependencies: [] }),
      { packages: ['deb bash 5.2-1 bash 5.2-1'] },
    ],
    [
      '30 packages of two distributions',
      cyclonedxOf([DEBIAN, withPurl(BASH), withPurl('pkg:apk/alpine/a@1-r0?distro=alpine-3.20&upstream=a')]),
      {
        packages: ['deb bash 5.2-1 bash 5.2-1', 'apk a 1-r0 a 1-r0 in alpine:v3.20'],
        codes: [],
        notes: ['packages of 2 distributions: debian:12, alpine:v3.20'],
      },
    ],
    [
      '30 a package of a vendor that has no system',
      cyclonedxOf([DEBIAN, withPurl('pkg:apk/alpine/a@1-r0?upstream=a')]),
      { packages: [], codes: ['sbom-component-not-judged'] },
    ],
    [
      '30 two systems, by the vendors of the packages',
      cyclonedxOf([DEBIAN, ALPINE, withPurl(BASH), withPurl('pkg:apk/alpine/a@1-r0?upstream=a')]),
      { packages: ['deb bash 5.2-1 bash 5.2-1', 'apk a 1-r0 a 1-r0 in alpine:v3.20'], codes: [] },
    ],
    [
      '30 two releases, by dependencies',
      cyclonedxOf([DEBIAN, DEBIAN_11, withPurl(BASH), withPurl('pkg:deb/debian/a@1')], {
        dependencies: [
          { ref: 'twelve', dependsOn: [BASH] },
          { ref: 'eleven', dependsOn: ['pkg:deb/debian/a@1'] },
        ],
      }),
      { packages: ['deb bash 5.2-1 bash 5.2-1', 'deb a 1 a 1 in debian:11'], codes: [] },
    ],
    [
      '30 two releases, and a package of either',
      cyclonedxOf([DEBIAN, DEBIAN_11, withPurl(BASH)], {
        dependencies: [
          { ref: 'twelve', dependsOn: [BASH] },
          { ref: 'eleven', dependsOn: [BASH] },
        ],
      }),
      { packages: [], codes: ['sbom-component-not-judged'] },
    ],
    [
      '30 two releases in SPDX',
      {
        spdxVersion: 'SPDX-2.3',
        packages: [
          { SPDXID: 'o11', name: 'debian', versionInfo: '11', primaryPackagePurpose: 'OPERATING-SYSTEM' },
          { SPDXID: 'o12', name: 'debian', versionInfo: '12', primaryPackagePurpose: 'OPERATING-SYSTEM' },
          spdxPackage('a', 'pkg:deb/debian/a@1?upstream=a'),
          spdxPackage('b', 'pkg:deb/debian/b@1?upstream=b'),
        ],
        relationships: [
          { spdxElementId: 'o12', relationshipType: 'CONTAINS', relatedSpdxElement: 'b' },
          { spdxElementId: 'a', relationshipType: 'CONTAINED_BY', relatedSpdxElement: 'o11' },
        ],
      },
      { packages: ['deb a 1 a 1', 'deb b 1 b 1 in debian:12'], codes: [] },
    ],
    [
      '31 two images',
      cyclonedxOf([
        { type: 'container', name: 'one', 'bom-ref': '1', components: [DEBIAN, withPurl(BASH)] },
        { type: 'container', name: 'two', 'bom-ref': '2', components: [DEBIAN_11, withPurl('pkg:deb/debian/a@1')] },
      ]),
      {
        packages: ['deb bash 5.2-1 bash 5.2-1', 'deb a 1 a 1 in debian:11'],
        codes: [],
        notes: ['the report covers 2 images: one, two'],
      },
    ],
    [
      '32 broken references',
      cyclonedxOf([DEBIAN, withPurl(BASH)], { dependencies: [{ ref: 'nowhere', dependsOn: ['x'] }] }),
      { codes: [] },
    ],
    [
      '33 relationships with unusual words',
      {
        spdxVersion: 'SPDX-2.3',
        packages: [spdxPackage('a', 'pkg:deb/debian/a@1?distro=debian-12&upstream=a')],
        relationships: [
          { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBE', relatedSpdxElement: 'a' },
          { spdxElementId: 'a', relationshipType: 'CONTAIN', relatedSpdxElement: 'NOASSERTION' },
          { spdxElementId: 'a', relationshipType: 'OTHER', relatedSpdxElement: 'DocumentRef-x:b' },
        ],
      },
      { packages: ['deb a 1 a 1'], codes: [] },
    ],
    [
      '34 many files',
      {
        spdxVersion: 'SPDX-2.3',
        packages: [{ ...spdxPackage('a', 'pkg:deb/debian/a@1?distro=debian-12&upstream=a'), hasFiles: ['f'] }],
        files: Array.from({ length: 1000 }, (_, at) => ({ SPDXID: `f${at}`, fileName: `./${at}` })),
      },
      { packages: ['deb a 1 a 1'], codes: [] },
    ],
    [
      '35 the category of package managers with a hyphen',
      {
        spdxVersion: 'SPDX-2.3',
        packages: [
          {
            name: 'a',
            externalRefs: [
              {
                referenceCategory: 'PACKAGE-MANAGER',
                referenceType: 'purl',
                referenceLocator: 'pkg:deb/debian/a@1?distro=debian-12&upstream=a',
              },
            ],
          },
        ],
      },
      { packages: ['deb a 1 a 1'], codes: [] },
    ],
    [
      '36 two packages in tag-value',
      'SPDXVersion: SPDX-2.3\nPackageName: a\nPackageComment: <text>x\nPackageName: no\n</text>\nExternalRef: PACKAGE-MANAGER purl pkg:npm/a@1\nFileName: ./f\nExternalRef: PACKAGE-MANAGER purl pkg:npm/no@1\nPackageName: b\nRelationship: a CONTAINS b\nExternalRef: PACKAGE-MANAGER purl pkg:npm/b@1\n',
      { libraries: ['npm a 1', 'npm b 1'] },
    ],
    [
      '37 other identifiers and types in SPDX 3',
      {
        '@context': ['https://spdx.org/rdf/3.0.0/spdx-context.jsonld', {}],
        '@graph': [
          { type: 'CreationInfo', '@id': '_:c' },
          { '@type': 'https://spdx.org/rdf/3.0.0/terms/Software/Package', '@id': '_:a', packageUrl: 'pkg:npm/a@1' },
          { type: 'software_Package', spdxId: 'b', creationInfo: '_:c', software_packageUrl: 'pkg:npm/b@1' },
        ],
      },
      { libraries: ['npm a 1', 'npm b 1'] },
    ],
    [
      '38 a library in the files of a package',
      {
        schema: { version: '16' },
        distro: { id: 'debian', versionID: '12' },
        artifacts: [
          { id: 'd', type: 'deb', name: 'bash', version: '5.2-1', purl: BASH },
          { id: 'n', type: 'npm', name: 'a', version: '1', purl: 'pkg:npm/a@1' },
        ],
        artifactRelationships: [{ parent: 'd', child: 'n', type: 'ownership-by-file-overlap' }],
      },
      { packages: ['deb bash 5.2-1 bash 5.2-1'], libraries: ['npm a 1'] },
    ],
    ['39 nothing', cyclonedxOf([]), { packages: [], libraries: [] }],
    [
      '40 tools',
      cyclonedxOf([DEBIAN], { metadata: { tools: { components: [withPurl('pkg:npm/tool@1')] } } }),
      { libraries: [] },
    ],
    [
      '41 a newer version',
      cyclonedxOf([DEBIAN, withPurl(BASH)], { specVersion: '1.9' }),
      { packages: ['deb bash 5.2-1 bash 5.2-1'], codes: ['sbom-version-unknown'] },
    ],
    [
      '42 hostile names',
      one(BASH, { name: '__proto__', ['__proto__']: { purl: 'x' } }),
      { packages: ['deb bash 5.2-1 bash 5.2-1'] },
    ],
    [
      '44 an incomplete composition',
      cyclonedxOf([DEBIAN, withPurl(BASH)], { compositions: [{ aggregate: 'incomplete_first_party_only' }] }),
      { codes: ['sbom-incomplete'] },
    ],
    [
      '44 an unknown composition',
      cyclonedxOf([DEBIAN, withPurl(BASH)], { compositions: [{ aggregate: 'unknown' }] }),
      { codes: [] },
    ],
    [
      '45 VEX',
      cyclonedxOf([DEBIAN, withPurl(BASH)], {
        vulnerabilities: [{ id: 'CVE-1', analysis: { state: 'not_affected' } }],
      }),
      { codes: ['sbom-statements-unused'] },
    ],
    [
      '46 findings of another scanner',
      cyclonedxOf([DEBIAN, withPurl(BASH)], { vulnerabilities: [{ id: 'CVE-1' }] }),
      { codes: [] },
    ],
  ])('trap %s', async (_trap, document, { notes = [], ...expected }) => {
    const { contents, ...read } = await contentsOf(document);
    expect(read).toMatchObject(expected);
    for (const note of notes) expect(JSON.stringify(contents)).toContain(note);
  });

  it.each<[string, string | undefined, object, readonly string[]]>([
    ['the image by its package URL', HEX, { purl: `pkg:oci/app@sha256%3A${HEX}` }, []],
    ['the image by its version', HEX, { version: `sha256:${HEX}` }, []],
    ['the image by its hash', HEX, { hashes: [{ alg: 'SHA-256', content: HEX }] }, []],
    [
      'the image by the digest in its repository',
      HEX,
      { properties: [{ name: 'aquasecurity:trivy:RepoDigest', value: `app@sha256:${HEX}` }] },
      [],
    ],
    ['another image', HEX, { version: `sha256:${HEX.replaceAll('a', 'b')}` }, ['sbom-subject-differs']],
    ['no image', HEX, {}, ['sbom-subject-differs']],
    ['no image, for any image', undefined, {}, []],
  ])('trap 43 an SBOM that names %s', async (_what, hex, image, codes) => {
    const component = { type: 'container', name: 'app', 'bom-ref': 'image', ...image };
    const read = await contentsOf(cyclonedxOf([DEBIAN, withPurl(BASH)], { metadata: { component } }), {
      ...(hex !== undefined && { image: digestOfHex(hex) }),
    });
    expect(read.codes).toEqual(codes);
  });

  const [IN_SHA256, IN_SHA512] = [`sha256:${HEX}`, `sha512:${HEX}${HEX}`] as const;

  it.each<[string, Digest, object, readonly string[]]>([
    ['by its hash', IN_SHA512, { hashes: [{ alg: 'SHA-512', content: HEX + HEX }] }, []],
    ['by its package URL', IN_SHA512, { purl: `pkg:oci/app@sha512%3A${HEX}${HEX}` }, []],
    ['of another image', IN_SHA512, { version: `sha512:${HEX}${HEX.replaceAll('a', 'b')}` }, ['sbom-subject-differs']],
    ['beside SHA-256', IN_SHA256, { version: IN_SHA256, hashes: [{ alg: 'SHA-512', content: HEX + HEX }] }, []],
    ['but not in SHA-256', IN_SHA256, { version: IN_SHA512 }, ['sbom-subject-differs']],
    ['of other length', IN_SHA512, { version: `sha512:${HEX}` }, ['sbom-subject-differs']],
  ])('trap 43 an SBOM with the digest in SHA-512 %s', async (_what, asked, image, codes) => {
    const component = { type: 'container', name: 'app', 'bom-ref': 'image', ...image };
    const read = await contentsOf(cyclonedxOf([DEBIAN, withPurl(BASH)], { metadata: { component } }), { image: asked });
    expect(read.codes).toEqual(codes);
  });

  it('trap 43 the subject of an in-toto statement replaces the images that the document in it names', async () => {
    const component = { type: 'container', name: 'app', version: `sha256:${HEX}` };
    const predicate = cyclonedxOf([DEBIAN, withPurl(BASH)], { metadata: { component } });
    const other = HEX.replaceAll('a', 'b');
    const statement = {
      predicateType: 'https://cyclonedx.org/bom',
      predicate,
      subject: [{ digest: { sha256: other } }],
    };
    const [same, different] = await Promise.all(
      [other, HEX].map(async (hex) => (await contentsOf(statement, { image: digestOfHex(hex) })).codes),
    );
    expect([same, different]).toEqual([[], ['sbom-subject-differs']]);
  });

  it.each<[string, object]>([
    [
      'SPDX',
      {
        spdxVersion: 'SPDX-2.3',
        packages: [
          {
            SPDXID: 'i',
            name: 'app',
            primaryPackagePurpose: 'CONTAINER',
            checksums: [{ algorithm: 'SHA256', checksumValue: HEX }],
          },
        ],
      },
    ],
    ['Syft', { artifacts: [], schema: { version: '16' }, source: { metadata: { manifestDigest: `sha256:${HEX}` } } }],
    [
      'SPDX 3',
      {
        '@context': 'https://spdx.org/rdf/3.0.1/x',
        '@graph': [{ type: 'software_Package', software_packageUrl: `pkg:oci/app@sha256:${HEX}` }],
      },
    ],
  ])('trap 43 the image in %s', async (_format, document) => {
    expect((await readText(document)).subjects).toEqual([`sha256:${HEX}`]);
  });

  it('trap 50 states how many components were judged, and why others were not', async () => {
    const { contents } = await contentsOf(
      cyclonedxOf([DEBIAN, withPurl(BASH), { type: 'library', name: 'a', version: '1' }]),
    );
    const texts = JSON.stringify(contents);
    expect(texts).toContain(
      'checked 1 of 3 components of CycloneDX 1.6; 1 is not a package, or has neither a package URL nor a version',
    );
    expect(texts).toContain('components not checked: 1 without a package URL (a)');
  });
});
