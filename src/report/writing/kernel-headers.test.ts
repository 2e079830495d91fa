import { describe, expect, it } from 'vitest';
import { findingOf, layerOf, reportOf } from '../testing/report-builder.ts';
import { FORMATS } from '../index.ts';

const headers = ['linux-libc-dev', 'linux-headers-a', 'linux-headers-b', 'linux-headers-c'].map((name, number) =>
  findingOf({ id: `CVE-1-${number}`, package: name, class: 'kernel-headers', severity: 'Critical' }),
);
const report = reportOf({
  layers: [layerOf(0)],
  findings: [...headers, findingOf({ id: 'CVE-2', severity: 'Low' })],
  packages: headers.map(({ namespace, package: name, version, purl, source, layer }) => {
    return {
      namespace,
      name,
      version,
      purl,
      source,
      layer,
      arch: 'amd64',
      type: 'deb',
      paths: [],
      flags: [],
      candidates: [],
      owner: null,
    };
  }),
});
const rendered = (id: string, of = report, look = {}): string =>
  FORMATS.find((format) => format.id === id)?.render(of, look) ?? '';

describe('findings in kernel headers', () => {
  it.each(['table', 'markdown', 'html'])('are one line in %s, counted separately, and listed with --include', (id) => {
    const text = rendered(id).replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
    expect(text).toMatch(
      /Kernel headers: 4 findings \(4 critical\) in linux-libc-dev, linux-headers-a, linux-headers-b and 1 more/,
    );
    expect(text).toMatch(/; 4 in kernel headers/);
    expect(text).toContain('CVE-2');
    expect(text).not.toContain('CVE-1-');
    const included = rendered(id, report, { include: ['kernel-headers'] });
    expect(included).toContain('CVE-1-3');
    expect(included).not.toContain('Kernel headers: ');
  });

  it('are marked in every other format', () => {
    const marks: Readonly<Record<string, RegExp>> = {
      json: /"class": "kernel-headers"/,
      sarif: /"class": "kernel-headers"/,
      cyclonedx: /class",\s+"value": "kernel-headers"/,
      junit: /<skipped>In kernel headers\. /,
      openvex: /risk 50, kernel headers\)/,
      gitlab: /"Class",\s+"type": "text",\s+"value": "kernel-headers"/,
      spdx: /debian:12, kernel headers\)/,
    };
    const others = FORMATS.map(({ id }) => id).filter((id) => !['table', 'markdown', 'html'].includes(id));
    expect(Object.keys(marks).toSorted()).toEqual(others.toSorted());
    for (const [id, mark] of Object.entries(marks)) {
      // An SPDX document contains each mark in an annotation, and also in the reference to the advisory.
      expect([id, rendered(id).match(new RegExp(mark, 'g'))?.length]).toEqual([id, id === 'spdx' ? 8 : 4]);
    }
  });

  it('are not failures in JUnit and SARIF unless included', () => {
    const include = { include: ['kernel-headers'] };
    expect(rendered('junit')).toContain('failures="1"');
    expect(rendered('junit', report, include)).toContain('failures="5"');
    const runOf = (look: object): Run => (JSON.parse(rendered('sarif', report, look)) as { runs: [Run] }).runs[0];
    expect(runOf({}).results.map(({ level }) => level)).toEqual(Array.from({ length: 5 }, () => 'note'));
    expect(runOf({}).tool.driver.rules[0].properties).not.toHaveProperty('security-severity');
    expect(runOf(include).results[0].level).toBe('error');
    expect(runOf(include).tool.driver.rules[0].properties).toHaveProperty('security-severity');
  });
});

type Run = {
  readonly results: readonly [{ readonly level: string }];
  readonly tool: { readonly driver: { readonly rules: readonly [{ readonly properties: object }] } };
};
