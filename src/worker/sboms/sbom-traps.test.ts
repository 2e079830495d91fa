import { describe, expect, it } from 'vitest';
import { contentsOf, cyclonedxOf, DEBIAN, readText, type Read, withPurl } from './testing/documents.ts';

/** The inventory of one component beside Debian 12. */
const one = (purl: string, parts: object = {}): object => cyclonedxOf([DEBIAN, withPurl(purl, parts)]);
const BASH = 'pkg:deb/debian/bash@5.2-1?arch=amd64&upstream=bash';

type Expected = Partial<Pick<Read, 'release' | 'packages' | 'libraries' | 'codes'>>;

/** The numbered traps of SBOMs in the wild, each with the result of reading it. */
describe('of an SBOM', () => {
  it.each<[string, unknown, Expected]>([
    [
      '1 without a distribution',
      cyclonedxOf([withPurl(BASH)]),
      { release: undefined, packages: ['deb bash 5.2-1 bash 5.2-1'] },
    ],
    [
      '2 a release by its code name',
      cyclonedxOf([withPurl('pkg:deb/debian/a@1?distro=bookworm&upstream=a')]),
      { release: { ID: 'debian', VERSION_ID: '12' } },
    ],
    [
      '3 a release by its version',
      cyclonedxOf([withPurl('pkg:apk/alpine/a@1-r0?distro=3.20.3&upstream=a')]),
      { release: { ID: 'alpine', VERSION_ID: '3.20.3' } },
    ],
    ['4 no source packages', one('pkg:deb/debian/libssl3@3-1?arch=amd64'), { codes: ['package-source-unknown'] }],
    [
      '5 the name of a source rpm',
      cyclonedxOf([withPurl('pkg:rpm/redhat/a-libs@1-2?distro=rhel-9.4&upstream=a-b-1-2.src.rpm')]),
      { packages: ['rpm a-libs 1-2 a-b 1-2'] },
    ],
    ['7 an epoch twice', one('pkg:rpm/redhat/a@1:6-1?epoch=1&distro=debian-12'), { packages: ['rpm a 1:6-1 a 6-1'] }],
    ['8 an epoch of 0', one('pkg:rpm/redhat/a@6-1?epoch=0&distro=debian-12'), { packages: ['rpm a 6-1 a 6-1'] }],
    [
      '9 an epoch of Debian',
      one('pkg:deb/debian/login@1%3A4.13?upstream=shadow'),
      { packages: ['deb login 1:4.13 shadow 1:4.13'] },
    ],
    ['10 a raw plus', one('pkg:deb/debian/a@2.36-9+b1?upstream=a@2.36-9'), { packages: ['deb a 2.36-9+b1 a 2.36-9'] }],
    [
      '12 source packages beside binaries',
      cyclonedxOf([DEBIAN, withPurl(BASH), withPurl('pkg:deb/debian/bash@5.2-1?arch=source')]),
      { packages: ['deb bash 5.2-1 bash 5.2-1'], codes: [] },
    ],
    [
      '12 only source packages',
      cyclonedxOf([
        DEBIAN,
        withPurl('pkg:deb/debian/bash@5.2-1?arch=source'),
        withPurl('pkg:deb/debian/a@1?arch=source&upstream=a'),
      ]),
      { packages: ['deb bash 5.2-1 bash 5.2-1', 'deb a 1 a 1'] },
    ],
    ['13 no architecture', one('pkg:deb/debian/a@1?upstream=a'), { packages: ['deb a 1 a 1'], codes: [] }],
    ['14 no version', one('pkg:deb/debian/a?upstream=a'), { packages: [], codes: ['sbom-component-not-judged'] }],
    ['14 a version UNKNOWN', one('pkg:npm/a@UNKNOWN'), { libraries: [], codes: ['sbom-component-not-judged'] }],
    [
      '15 another version in its fields',
      one(BASH, { version: '9' }),
      { packages: ['deb bash 5.2-1 bash 5.2-1'], codes: [] },
    ],
    ['16 an invalid package URL', one('pkg:deb/debian/a@%zz'), { packages: [], codes: ['sbom-component-not-judged'] }],
    [
      '18 a repository',
      cyclonedxOf([withPurl('pkg:rpm/redhat/a@1-2?distro=rhel-9.4&repository_id=base')]),
      { release: { ID: 'rhel', VERSION_ID: '9.4' } },
    ],
    [
      '20 a CPE only',
      cyclonedxOf([DEBIAN, { type: 'library', name: 'a', version: '1', cpe: 'cpe:2.3:a:a:a:1' }]),
      { codes: ['sbom-component-not-judged'] },
    ],
    ['21 another type', one('pkg:swift/github.com/a/b@1'), { libraries: [], codes: ['sbom-component-not-judged'] }],
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
      { packages: ['deb bash 5.2-1 bash 5.2-1'], codes: ['sbom-component-not-judged'] },
    ],
    [
      '32 broken references',
      cyclonedxOf([DEBIAN, withPurl(BASH)], { dependencies: [{ ref: 'nowhere', dependsOn: ['x'] }] }),
      { codes: [] },
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
  ])('trap %s', async (_trap, document, expected) => {
    expect(await contentsOf(document)).toMatchObject(expected);
  });

  it('trap 6 without any epoch is incomplete', async () => {
    const rpm = (at: number): object => withPurl(`pkg:rpm/redhat/a${at}@1-${at}?distro=rhel-9.4`);
    expect((await contentsOf(cyclonedxOf(Array.from({ length: 60 }, (_, at) => rpm(at))))).codes).toEqual([
      'package-epoch-unknown',
    ]);
    const epoch = withPurl('pkg:rpm/redhat/dbus@1-1?epoch=1&distro=rhel-9.4');
    expect((await contentsOf(cyclonedxOf([epoch, ...Array.from({ length: 60 }, (_, at) => rpm(at))]))).codes).toEqual(
      [],
    );
  });

  it('trap 50 states how many components were judged, and why others were not', async () => {
    const { contents } = await contentsOf(
      cyclonedxOf([DEBIAN, withPurl(BASH), { type: 'library', name: 'a', version: '1' }]),
    );
    const texts = JSON.stringify(contents);
    expect(texts).toContain('checked 1 of 3 components of CycloneDX 1.6; 1 not a package');
    expect(texts).toContain('components not checked: 1 without a package URL (a)');
  });

  it('the distribution of the client counts for all packages', async () => {
    const { release, packages } = await contentsOf(one('pkg:deb/ubuntu/a@1?distro=ubuntu-22.04&upstream=a'), {
      distribution: 'ubuntu:24.04',
    });
    expect([release, packages]).toEqual([{ ID: 'ubuntu', VERSION_ID: '24.04' }, ['deb a 1 a 1']]);
  });

  it.each<[string, object]>([
    [
      'Trivy',
      {
        'aquasecurity:trivy:SrcName': 'openssl',
        'aquasecurity:trivy:SrcVersion': '3.0',
        'aquasecurity:trivy:SrcRelease': '1',
      },
    ],
    ['Syft', { 'syft:metadata:source': 'openssl', 'syft:metadata:sourceVersion': '3.0-1' }],
  ])('the source packages of %s are read from its properties', async (_tool, properties) => {
    const list = Object.entries(properties).map(([name, value]) => ({ name, value }));
    const { packages } = await contentsOf(one('pkg:deb/debian/libssl3@3.0-1+b1', { properties: list }));
    expect(packages).toEqual(['deb libssl3 3.0-1+b1 openssl 3.0-1']);
  });

  it.each([
    ['debian', '12.5', 'debian', '12.5'],
    ['redhat', '9.4', 'rhel', '9.4'],
    ['opensuse.leap', '15.6', 'opensuse-leap', '15.6'],
    ['oracle', '8.9', 'ol', '8.9'],
    ['ubuntu', 'jammy', 'ubuntu', '22.04'],
    ['Red Hat Enterprise Linux', '8', 'rhel', '8'],
  ])('the operating system %s %s is %s %s', async (name, version, ID, VERSION_ID) => {
    const { release } = await contentsOf(cyclonedxOf([{ type: 'operating-system', name, version }]));
    expect(release).toEqual({ ID, VERSION_ID });
  });

  it('has more components than the limit, or components that are too large', async () => {
    const document = cyclonedxOf([DEBIAN, withPurl(BASH), withPurl('pkg:npm/a@1')]);
    await expect(readText(document, { maxComponents: 2 })).rejects.toMatchObject({ code: 'sbom/limit-exceeded' });
    await expect(readText(document, { maxBytes: 100 })).rejects.toMatchObject({ code: 'sbom/limit-exceeded' });
    await expect(readText(document, { maxMemberBytes: 50 })).rejects.toMatchObject({ code: 'sbom/limit-exceeded' });
    await expect(readText(one(BASH, { properties: [{}] }), { maxDepth: 2 })).rejects.toMatchObject({
      code: 'sbom/limit-exceeded',
    });
  });
});
