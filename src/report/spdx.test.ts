import { describe, expect, it } from 'vitest';
import { finding, INCOMPLETE, reportWith, suppressed, UNDECIDED } from './testing/reports.ts';
import { libraryFindingOf, noteOf, packageOf } from './testing/report-builder.ts';
import { spdx } from './spdx.ts';

type Document = {
  readonly comment: string;
  readonly documentNamespace: string;
  readonly creationInfo: { readonly created: string };
  readonly annotations: { comment: string }[];
  readonly packages: {
    SPDXID: string;
    externalRefs?: { referenceType: string; referenceLocator: string; comment?: string }[];
    sourceInfo?: string;
    annotations?: { comment: string }[];
  }[];
  readonly relationships: { spdxElementId: string; relationshipType: string; relatedSpdxElement: string }[];
};

const documentOf = (text: string): Document => JSON.parse(text) as Document;

describe('SPDX', () => {
  it('describes the image with its layers and packages, and each layer with its packages', () => {
    const { relationships, creationInfo } = documentOf(spdx.render(reportWith()));
    const lines = relationships.map(
      (each) => `${each.spdxElementId} ${each.relationshipType} ${each.relatedSpdxElement}`,
    );
    expect(lines.map((line) => line.replaceAll('SPDXRef-', ''))).toEqual([
      'DOCUMENT DESCRIBES image-0',
      'image-0 CONTAINS OperatingSystem-0',
      'image-0 CONTAINS layer-0-0',
      'image-0 CONTAINS layer-0-1',
      'image-0 CONTAINS package-0-0',
      'OperatingSystem-0 CONTAINS package-0-0',
      'layer-0-0 CONTAINS package-0-0',
      'image-0 CONTAINS package-0-1',
      'OperatingSystem-0 CONTAINS package-0-1',
      'layer-0-1 CONTAINS package-0-1',
    ]);
    expect(creationInfo.created).toBe('2026-01-02T03:04:05Z');
  });

  it('has the source package of a system package, and the paths and the owner of a library', () => {
    const library = libraryFindingOf({ paths: ['a', 'b'] });
    const owner = { type: 'deb', name: 'node-lodash', version: '4' };
    const packages = [reportWith().packages[0]!, packageOf(library, { owner, flags: ['dev'] })];
    const shown = documentOf(spdx.render(reportWith({ packages }))).packages.slice(4);
    expect(shown.map(({ sourceInfo }) => sourceInfo)).toEqual([
      'built package from: bash 5.2-1',
      'npm package at a, b; dev; owned by deb node-lodash 4; added by layer 0',
    ]);
    expect(shown[1]?.externalRefs?.[0]?.referenceLocator).toBe('pkg:npm/lodash@4.17.20');
  });

  it('has notes as annotations of their packages', () => {
    const { purl, package: name, version } = noteOf();
    const crate = packageOf(libraryFindingOf({ type: 'cargo', package: name, version, purl }));
    const { packages } = documentOf(spdx.render(reportWith({ packages: [crate], notes: [noteOf()] })));
    expect(packages.at(-1)?.annotations?.[0]?.comment).toContain('fxhash 0.2.1 is unmaintained');
  });

  it('refers to the advisories of a package, and marks suppressed and undetermined findings', () => {
    const { packages } = documentOf(
      spdx.render(
        reportWith({
          findings: [finding()],
          suppressed: [suppressed()],
          undecided: { count: 1, listed: [UNDECIDED] },
        }),
      ),
    );
    const curl = packages.find(({ SPDXID }) => SPDXID === 'SPDXRef-package-0-1');
    expect(curl?.externalRefs?.map(({ referenceType, referenceLocator }) => [referenceType, referenceLocator])).toEqual(
      [
        ['purl', finding().purl],
        ['advisory', 'https://tracker.test/CVE-2026-1'],
        ['advisory', 'https://tracker.test/CVE-2026-1'],
      ],
    );
    expect(curl?.annotations?.map(({ comment }) => comment.replace(/[;.(].*/, ''))).toEqual([
      'Affected by CVE-2026-1 ',
      'Suppressed by the OpenVEX statement vex',
      'debian has not decided whether CVE-2026-3 affects curl 7',
    ]);
  });

  it('states that it is incomplete and why', () => {
    const { comment, annotations } = documentOf(spdx.render(reportWith({ diagnostics: [INCOMPLETE] })));
    expect(comment).toMatch(/^INCOMPLETE: /);
    expect(annotations[0]?.comment).toContain('WARNING');
  });

  it('has a unique namespace', () => {
    const namespaces = [{}, { diagnostics: [INCOMPLETE] }, {}].map(
      (parts) => documentOf(spdx.render(reportWith(parts))).documentNamespace,
    );
    expect(namespaces[0]).toBe(namespaces[2]);
    expect(namespaces[0]).not.toBe(namespaces[1]);
  });

  it('describes each of several images', () => {
    const { relationships, packages } = documentOf(spdx.renderAll([reportWith(), reportWith()]));
    const described = relationships.filter(({ relationshipType }) => relationshipType === 'DESCRIBES');
    expect(described.map((each) => each.relatedSpdxElement)).toEqual(['SPDXRef-image-0', 'SPDXRef-image-1']);
    expect(new Set(packages.map(({ SPDXID }) => SPDXID)).size).toBe(packages.length);
  });
});
