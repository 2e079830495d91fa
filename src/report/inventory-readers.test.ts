import { describe, expect, it } from 'vitest';
import type { Report, ReportPackage } from '../model/report/report.ts';
import { cyclonedx } from './cyclonedx.ts';
import { spdx } from './spdx.ts';
import { libraryFindingOf, packageOf, reportOf } from './testing/report-builder.ts';

/**
 * A package with all the data that Trivy (`pkg/sbom`) and Grype (`syft/format`) read from an inventory. Without this
 * data, the findings for the inventory would differ from the findings for the image.
 */
const LIBSSL: ReportPackage = {
  namespace: 'rhel:9',
  name: 'openssl-libs',
  version: '1:3.0.7-27.el9',
  arch: 'x86_64',
  type: 'rpm',
  purl: 'pkg:rpm/redhat/openssl-libs@3.0.7-27.el9?arch=x86_64&distro=rhel-9.4&epoch=1&upstream=openssl-3.0.7-27.el9.src.rpm',
  source: { name: 'openssl', version: '3.0.7-27.el9' },
  paths: [],
  flags: [],
  candidates: [],
  owner: null,
  layer: 0,
};

const REDHAT: Partial<Report> = {
  distribution: { id: 'rhel', version: '9.4', namespace: 'rhel:9', prettyName: 'Red Hat Enterprise Linux 9.4' },
  contentSets: ['rhel-9-for-x86_64-baseos-rpms'],
  packages: [LIBSSL],
};

type Component = {
  readonly 'bom-ref': string;
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly properties: readonly { readonly name: string; readonly value: string }[];
};

type Bom = {
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
};

type Element = {
  readonly SPDXID: string;
  readonly name: string;
  readonly versionInfo: string;
  readonly primaryPackagePurpose: string;
  readonly sourceInfo?: string;
  readonly attributionTexts?: readonly string[];
  readonly externalRefs: readonly { readonly referenceLocator: string }[];
};

const bomOf = (parts: Partial<Report>): Bom => JSON.parse(cyclonedx.render(reportOf(parts))) as Bom;

const valuesOf = ({ properties }: Component, prefix: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    properties
      .filter(({ name }) => name.startsWith(prefix))
      .map(({ name, value }) => [name.slice(prefix.length), value]),
  );

const REPOSITORY = 'repository_id=rhel-9-for-x86_64-baseos-rpms&upstream=';

describe('CycloneDX for other tools', () => {
  it('names the source package in the parts that Trivy reads, with the epoch of the package', () => {
    const component = bomOf(REDHAT).components[1]!;
    expect(valuesOf(component, 'aquasecurity:trivy:')).toEqual({
      SrcName: 'openssl',
      SrcVersion: '3.0.7',
      SrcRelease: '27.el9',
      SrcEpoch: '1',
    });
  });

  it.each([
    ['deb', '1:4.13-1', '1:4.13-1', { SrcName: 's', SrcVersion: '4.13', SrcRelease: '1', SrcEpoch: '1' }],
    ['deb', '4.13', '4.13', { SrcName: 's', SrcVersion: '4.13' }],
    ['apk', '1.2.5-r1', '1.2.5-r1', { SrcName: 's', SrcVersion: '1.2.5-r1' }],
  ])('names the source package of %s %s', (type, version, source, expected) => {
    const packages = [{ ...LIBSSL, type, version, source: { name: 's', version: source } }];
    expect(valuesOf(bomOf({ packages }).components[1]!, 'aquasecurity:trivy:')).toEqual(expected);
  });

  it('has the operating system by its ID and VERSION_ID', () => {
    expect(bomOf(REDHAT).components[0]).toMatchObject({ type: 'operating-system', name: 'rhel', version: '9.4' });
  });

  it('links the image, the operating system, its packages and the libraries', () => {
    const library = packageOf(libraryFindingOf());
    const { dependencies } = bomOf({ ...REDHAT, packages: [LIBSSL, library] });
    expect(dependencies).toEqual([
      { ref: 'image', dependsOn: ['operating-system', library.purl] },
      { ref: 'operating-system', dependsOn: [LIBSSL.purl] },
    ]);
    expect(bomOf({ packages: [library], distribution: null }).dependencies).toEqual([
      { ref: 'image', dependsOn: [library.purl] },
    ]);
  });

  it('names the only repository in package URLs, and several in the operating system', () => {
    expect(bomOf(REDHAT).components[1]?.purl).toContain(REPOSITORY);
    const { components } = bomOf({ ...REDHAT, contentSets: ['a', 'b'] });
    expect(components[1]?.purl).toBe(LIBSSL.purl);
    expect(
      components[0]?.properties.filter(({ name }) => name === 'clair:contentSet').map(({ value }) => value),
    ).toEqual(['a', 'b']);
  });

  it('refers to the package that owns a library, and names its file as Trivy does', () => {
    const owner = { type: 'rpm', name: 'openssl-libs', version: '1:3.0.7-27.el9' };
    const library = packageOf(libraryFindingOf({ paths: ['usr/lib/a'] }), { owner });
    const component = bomOf({ ...REDHAT, packages: [LIBSSL, library] }).components[2]!;
    expect(valuesOf(component, 'clair:owner:')).toEqual({ ref: LIBSSL.purl });
    expect(valuesOf(component, 'aquasecurity:trivy:')).toEqual({ FilePath: 'usr/lib/a' });
  });
});

describe('SPDX for other tools', () => {
  const elementsOf = (parts: Partial<Report>): readonly Element[] =>
    (JSON.parse(spdx.render(reportOf(parts))) as { readonly packages: readonly Element[] }).packages;

  it('has the operating system as a package with the purpose OPERATING_SYSTEM', () => {
    expect(elementsOf({ ...REDHAT, contentSets: ['a', 'b'] })[1]).toMatchObject({
      SPDXID: 'SPDXRef-OperatingSystem-0',
      name: 'rhel',
      versionInfo: '9.4',
      primaryPackagePurpose: 'OPERATING_SYSTEM',
      attributionTexts: ['clair:namespace: rhel:9', 'clair:contentSet: a', 'clair:contentSet: b'],
    });
  });

  it('names the source package in the form that Trivy reads, and the repository', () => {
    const [, , element] = elementsOf(REDHAT);
    expect(element?.sourceInfo).toBe('built package from: openssl 3.0.7-27.el9');
    expect(element?.externalRefs[0]?.referenceLocator).toContain(REPOSITORY);
  });

  it('has the paths, flags and owner of a library', () => {
    const owner = { type: 'rpm', name: null, version: null };
    const library = packageOf(libraryFindingOf({ paths: ['a', 'b'] }), { owner, flags: ['dev'] });
    expect(elementsOf({ packages: [library] }).at(-1)?.attributionTexts).toEqual([
      'clair:path: a',
      'clair:path: b',
      'clair:package:flags: dev',
      'clair:owner: rpm package',
    ]);
  });
});
