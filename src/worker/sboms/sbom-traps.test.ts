import { describe, expect, it } from 'vitest';
import { contentsOf, cyclonedxOf, DEBIAN, readText, type Read, withPurl } from './testing/documents.ts';

/** Returns an SBOM of Debian 12 with one component. */
const one = (purl: string, parts: object = {}): object => cyclonedxOf([DEBIAN, withPurl(purl, parts)]);
const BASH = 'pkg:deb/debian/bash@5.2-1?arch=amd64&upstream=bash';

/** `notes` are parts of the message about the checked components. */
type Expected = Partial<Pick<Read, 'release' | 'packages' | 'libraries' | 'codes'>> & { readonly notes?: string[] };

/** Tests known pitfalls of real-world SBOMs, each with the expected result. */
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
      '9 a Debian epoch',
      one('pkg:deb/debian/login@1%3A4.13?upstream=shadow'),
      { packages: ['deb login 1:4.13 shadow 1:4.13'] },
    ],
    ['10 a raw plus', one('pkg:deb/debian/a@2.36-9+b1?upstream=a@2.36-9'), { packages: ['deb a 2.36-9+b1 a 2.36-9'] }],
    [
      '11 a version that is encoded twice',
      one('pkg:deb/debian/a@1%252Bb1?upstream=a'),
      { packages: ['deb a 1%2Bb1 a 1%2Bb1'] },
    ],
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
    [
      '13 an architecture of another system',
      cyclonedxOf([withPurl('pkg:rpm/redhat/a@1-2?arch=any&distro=centos-9&epoch=0')]),
      {
        packages: ['rpm a 1-2 a 1-2'],
        codes: [],
        notes: ['1 rpm package without an architecture was matched with the advisories for every architecture'],
      },
    ],
    ['14 no version', one('pkg:deb/debian/a?upstream=a'), { packages: [], codes: ['sbom-component-not-judged'] }],
    ['14 a version UNKNOWN', one('pkg:npm/a@UNKNOWN'), { libraries: [], codes: ['sbom-component-not-judged'] }],
    [
      '15 another version in its fields',
      one(BASH, { version: '9' }),
      { packages: ['deb bash 5.2-1 bash 5.2-1'], codes: [] },
    ],
    ['16 an invalid package URL', one('pkg:deb/debian/a@%zz'), { packages: [], codes: ['sbom-component-not-judged'] }],
    [
      '17 a package of an unknown module',
      cyclonedxOf([withPurl('pkg:rpm/almalinux/a@1-2.module_el8?distro=almalinux-8.9&epoch=0')]),
      { packages: ['rpm a 1-2.module_el8 a 1-2.module_el8'], codes: ['package-module-unknown'] },
    ],
    [
      '18 a repository',
      cyclonedxOf([withPurl('pkg:rpm/redhat/a@1-2?distro=rhel-9.4&repository_id=base')]),
      { release: { ID: 'rhel', VERSION_ID: '9.4' }, codes: [] },
    ],
    [
      '18 no repository',
      cyclonedxOf([withPurl('pkg:rpm/redhat/a@1-2?distro=rhel-9.4')]),
      { codes: ['content-set-unknown'] },
    ],
    [
      '19 no Alpine repositories',
      cyclonedxOf([withPurl('pkg:apk/alpine/a@1-r0?distro=alpine-3.20&upstream=a')]),
      { codes: [], notes: ['Alpine edge packages are not recognised'] },
    ],
    [
      '20 a CPE only',
      cyclonedxOf([DEBIAN, { type: 'library', name: 'a', version: '1', cpe: 'cpe:2.3:a:a:a:1' }]),
      { codes: ['sbom-component-not-judged'] },
    ],
    ['21 another type', one('pkg:swift/github.com/a/b@1'), { libraries: [], codes: ['sbom-component-not-judged'] }],
  ])('trap %s', async (_trap, document, { notes = [], ...expected }) => {
    const { contents, ...read } = await contentsOf(document);
    expect(read).toMatchObject(expected);
    for (const note of notes) expect(JSON.stringify(contents)).toContain(note);
  });

  it('trap 6 without any epoch is incomplete', async () => {
    const rpm = (at: number): object => withPurl(`pkg:rpm/almalinux/a${at}@1-${at}?distro=almalinux-9.4`);
    const many = Array.from({ length: 60 }, (_, at) => rpm(at));
    expect((await contentsOf(cyclonedxOf(many))).codes).toEqual(['package-epoch-unknown']);
    const epoch = withPurl('pkg:rpm/almalinux/dbus@1-1?epoch=0&distro=almalinux-9.4');
    expect((await contentsOf(cyclonedxOf([epoch, ...many]))).codes).toEqual([]);
  });

  it.each([
    ['none', 'pkg:rpm/almalinux/b@1-1', 'unknown'],
    ['an epoch', 'pkg:rpm/almalinux/b@1-1?epoch=1', undefined],
    ['an epoch of 0', 'pkg:rpm/almalinux/b@1-1?epoch=0', undefined],
    ['an epoch in a version', 'pkg:rpm/almalinux/b@1:1-1', undefined],
  ])('trap 6 if the packages state %s, the epochs of others are known or not', async (_what, other, epoch) => {
    const { systemPackages } = await contentsOf(cyclonedxOf([withPurl('pkg:rpm/almalinux/a@1-1'), withPurl(other)]));
    expect(systemPackages[0]?.epoch).toBe(epoch);
  });

  it('the distribution that the client chooses applies to all packages', async () => {
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
