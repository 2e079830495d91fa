import { describe, expect, it } from 'vitest';
import { finding, INCOMPLETE, reportWith, suppressed, UNDECIDED } from './testing/reports.ts';
import type { Report } from '../model/report/report.ts';
import { libraryFindingOf, noteOf, packageOf } from './testing/report-builder.ts';
import { cyclonedx } from './cyclonedx.ts';

type Bom = {
  readonly serialNumber: string;
  readonly metadata: { readonly component: object; readonly properties: object[] };
  readonly components: { 'bom-ref': string; components?: { 'bom-ref': string }[]; properties: object[] }[];
  readonly vulnerabilities: {
    id: string;
    ratings?: object[];
    analysis?: { state: string; justification?: string; detail: string };
    affects: { ref: string; versions: object[] }[];
  }[];
  readonly annotations: { text: string }[];
  readonly compositions: object[];
};

function bomOf(parts: Partial<Report>): Bom {
  return JSON.parse(cyclonedx.render(reportWith(parts))) as Bom;
}

const CURL = finding().purl;

describe('CycloneDX', () => {
  it('lists the operating system and the packages, each with its layer', () => {
    const { components } = bomOf({});
    expect(components.map((each) => each['bom-ref'])).toEqual([
      'operating-system',
      expect.stringContaining('/bash@'),
      CURL,
    ]);
    expect(components[2]?.properties).toContainEqual({ name: 'clair:layer:index', value: '1' });
    expect(components[2]?.properties).toContainEqual({ name: 'clair:layer:origin', value: 'own' });
  });

  it('lists a library with its scope, paths, flags and owner, and without a source package', () => {
    const library = libraryFindingOf({ package: '@babel/core', purl: 'pkg:npm/%40babel/core@1', version: '1' });
    const owner = { type: 'deb', name: 'node-babel7', version: '7' };
    const { components } = bomOf({ packages: [packageOf(library, { owner, flags: ['dev', 'bundled'] })] });
    expect(components[1]).toEqual({
      type: 'library',
      'bom-ref': 'pkg:npm/%40babel/core@1',
      group: '@babel',
      name: 'core',
      version: '1',
      purl: 'pkg:npm/%40babel/core@1',
      evidence: { occurrences: [{ location: 'app/node_modules/@babel/core/package.json' }] },
      properties: expect.arrayContaining([
        { name: 'clair:package:type', value: 'npm' },
        { name: 'clair:package:flags', value: 'dev,bundled' },
        { name: 'clair:owner', value: 'deb node-babel7 7' },
        { name: 'clair:layer:index', value: '0' },
      ]),
    });
    expect(JSON.stringify(components[1])).not.toMatch(/clair:source|arch/);
  });

  it('keeps the module path of Go as the name, and omits an empty version', () => {
    const module = { type: 'golang', package: 'github.com/a/b', version: '', purl: 'pkg:golang/github.com/a/b' };
    const { components } = bomOf({ packages: [packageOf(libraryFindingOf(module))] });
    expect(components[1]).toMatchObject({ name: 'github.com/a/b' });
    expect(components[1]).not.toHaveProperty('group');
    expect(components[1]).not.toHaveProperty('version');
  });

  it('lists only the fixed version of a library as unaffected, because later versions may be affected again', () => {
    const library = libraryFindingOf();
    const { vulnerabilities } = bomOf({ findings: [library], packages: [packageOf(library)] });
    expect(vulnerabilities[0]?.affects[0]?.versions).toEqual([
      { version: '4.17.20', status: 'affected' },
      { version: '4.17.21', status: 'unaffected' },
    ]);
  });

  it('has notes as annotations', () => {
    const { annotations, vulnerabilities } = bomOf({ notes: [noteOf()] });
    expect(annotations.at(-1)?.text).toContain('fxhash 0.2.1 is unmaintained: RUSTSEC-2025-0057');
    expect(vulnerabilities).toEqual([]);
  });

  it('gives packages with equal package URLs different references', () => {
    const { packages } = reportWith();
    const twins = [packages[1]!, { ...packages[1]!, layer: 0 }];
    const { components, vulnerabilities } = bomOf({ packages: twins, findings: [finding({ layer: 0 })] });
    expect(components.slice(1).map((each) => each['bom-ref'])).toEqual([CURL, `${CURL}#2`]);
    expect(vulnerabilities[0]?.affects[0]?.ref).toBe(`${CURL}#2`);
  });

  it('lists the installed version as affected and versions from the fix on as unaffected', () => {
    const { vulnerabilities } = bomOf({ findings: [finding()] });
    expect(vulnerabilities[0]?.affects).toEqual([
      {
        ref: CURL,
        versions: [
          { version: '7.88.1-10', status: 'affected' },
          { range: 'vers:deb/>=7.88.1-11', status: 'unaffected' },
        ],
      },
    ]);
    expect(vulnerabilities[0]?.ratings).toEqual([{ source: { name: 'debian:12' }, severity: 'high', method: 'other' }]);
  });

  it('omits the unaffected range if the fix is a version of the source package', () => {
    const source = { name: 'curl', version: '7.88.1' };
    const { vulnerabilities } = bomOf({ findings: [finding({ source })] });
    expect(vulnerabilities[0]?.affects[0]?.versions).toEqual([{ version: '7.88.1-10', status: 'affected' }]);
  });

  it.each([
    [{}, 'not_affected', 'code_not_reachable'],
    [{ justification: 'vulnerable_code_cannot_be_controlled_by_adversary' }, 'not_affected', undefined],
    [{ by: 'csaf', justification: null }, 'not_affected', undefined],
    [{ by: 'ignore', justification: 'component_not_present' }, 'not_affected', 'code_not_present'],
    [{ by: 'ignore', justification: null }, 'exploitable', undefined],
  ] as const)('a finding suppressed by %j is %s (%s)', (rule, state, justification) => {
    const { analysis } = bomOf({ suppressed: [suppressed(rule)] }).vulnerabilities[0]!;
    expect([analysis?.state, analysis?.justification]).toEqual([state, justification]);
    expect(analysis?.detail).toContain('never called');
  });

  it('lists undetermined findings in triage', () => {
    const { vulnerabilities } = bomOf({ undecided: { count: 1, listed: [UNDECIDED] } });
    expect(vulnerabilities).toHaveLength(1);
    expect(vulnerabilities[0]).toMatchObject({ id: 'CVE-2026-3', analysis: { state: 'in_triage' } });
    expect(vulnerabilities[0]?.affects[0]?.versions).toEqual([{ version: '7.88.1-10', status: 'unknown' }]);
  });

  it('states that it is incomplete and why, and the age of the data', () => {
    const bom = bomOf({ diagnostics: [INCOMPLETE] });
    expect(bom.compositions).toContainEqual({ aggregate: 'incomplete', assemblies: ['image'] });
    expect(bom.annotations.map(({ text }) => text)).toContain(
      'WARNING  feed-stale: debian was updated long ago (debian)',
    );
    expect(bom.metadata.properties).toContainEqual({
      name: 'clair:feed:debian',
      value: 'debian: updated 2026-01-02T00:00:00.000Z',
    });
  });

  it('derives its serial number from its content', () => {
    expect(bomOf({}).serialNumber).toBe(bomOf({}).serialNumber);
    expect(bomOf({}).serialNumber).not.toBe(bomOf({ diagnostics: [INCOMPLETE] }).serialNumber);
  });

  it('is one document for several images, each with its packages', () => {
    const bom = JSON.parse(cyclonedx.renderAll([reportWith(), reportWith()])) as Bom;
    expect(bom.components.map((each) => each['bom-ref'])).toEqual(['image-0/image', 'image-1/image']);
    expect(bom.components[1]?.components?.[2]?.['bom-ref']).toBe(`image-1/${CURL}`);
  });
});
