import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failedReport, indexReport } from '../../../src/api/v4/index-report-body.ts';
import { vulnerabilityReport } from '../../../src/api/v4/vulnerability-report-body.ts';
import type { CvssScore } from '../../../src/model/enrichment.ts';
import { SEVERITIES } from '../../../src/model/severity.ts';
import type { Report, ReportFinding } from '../../../src/model/report/report.ts';
import { findingOf, packageOf, reportOf } from '../../../src/report/testing/report-builder.ts';
import { goReport } from './go-decoding.ts';
import { quayBody } from './quay-schemas.ts';

const RUNS = 1000;

const text = fc.oneof(fc.string({ maxLength: 8 }), fc.string({ unit: 'binary', maxLength: 8 }));
const name = fc.constantFrom('openssl', 'libssl3', 'a b', 'ä"\\', 'x~2', '');
const type = fc.constantFrom('deb', 'rpm', 'apk', 'npm', 'golang', 'generic', 'maven');

const score = fc.record<CvssScore>({
  version: fc.constantFrom('2.0', '3.0', '3.1', '4.0'),
  vector: text,
  score: fc.double({ min: 0, max: 10, noNaN: true }),
  source: text,
  type: fc.constantFrom('primary', 'secondary'),
  accessVector: fc.constant('network'),
  complexity: fc.constant('low'),
});

const cve = fc.record(
  {
    id: fc.constantFrom('CVE-2024-1', 'CVE-2024-12345', 'CVE-2024-2'),
    cvss: fc.array(score, { maxLength: 3 }),
    epss: fc.record({ score: fc.double({ min: 0, max: 1, noNaN: true }) }),
    kev: fc.record({ name: text }),
  },
  { requiredKeys: ['id'] },
);

const finding = fc
  .record({
    id: fc.constantFrom('CVE-2024-1', 'CVE-2024-2', 'RHSA-2024:1', 'GHSA-xxxx', 'x', 'x~2', '__proto__', '1'),
    cves: fc.array(cve, { maxLength: 3 }),
    namespace: fc.constantFrom('debian:12', 'npm', 'rhel:9'),
    severity: fc.constantFrom(...SEVERITIES),
    type,
    package: name,
    version: text,
    fixedIn: fc.option(text),
    source: fc.record({ name, version: text }),
    links: fc.array(fc.constantFrom('https://a.test/CVE-2024-1', 'https://a.test/x y', 'https://b.test\u00A0'), {
      maxLength: 3,
    }),
    description: text,
    paths: fc.array(fc.constantFrom('usr/bin/x', 'srv/ä'), { maxLength: 2 }),
    layer: fc.integer({ min: 0, max: 1 }),
  })
  .map((parts) => findingOf({ ...parts, purl: `pkg:${parts.type}/${parts.package}@${parts.version}` }));

const distribution = fc.option(
  fc.record({ id: text, version: text, namespace: fc.constant('debian:12'), prettyName: text }),
);

const report = fc
  .record({
    findings: fc.array(finding, { maxLength: 6 }),
    others: fc.array(finding, { maxLength: 3 }),
    suppressed: fc.array(finding, { maxLength: 2 }),
    distribution,
    contentSets: fc.array(fc.constantFrom('rhel-9-baseos', 'rhel-9-appstream', 'ä'), { maxLength: 3 }),
    isThirdParty: fc.boolean(),
  })
  .map(({ findings, others, suppressed, isThirdParty, ...parts }): Report => {
    const packages = [...findings, ...others].map((each) => packageOf(each, isThirdParty ? { namespace: null } : {}));
    const suppression = {
      by: 'ignore',
      where: 'x:1',
      justification: null,
      reason: 'ä',
      author: null,
      expires: null,
    } as const;
    return reportOf({
      findings,
      ...parts,
      packages: [...packages, ...suppressed.map((each) => packageOf(each))],
      suppressed: suppressed.map((each: ReportFinding) => ({ ...each, suppression })),
      layers: LAYERS,
    });
  });

const LAYERS = ['a', 'b'].map((digit, index) => ({
  index,
  digest: `sha256:${digit.repeat(64)}`,
  diffId: `sha256:${digit.repeat(64)}`,
  createdBy: '',
  origin: 'unknown' as const,
  size: null,
  packagesAdded: 0,
  packagesRemoved: 0,
  unknownExecutables: 0,
}));

const NONE = new Map<string, readonly string[]>();

/** The products of the content sets: CPEs of feeds, and texts that are not CPEs. */
const cpe = fc.oneof(fc.constantFrom('cpe:/o:redhat:enterprise_linux:9::baseos', 'cpe:/a:b:c'), text);
const cpes = fc
  .array(fc.tuple(fc.constantFrom('rhel-9-baseos', 'rhel-9-appstream', 'ä'), fc.array(cpe, { maxLength: 3 })))
  .map((products) => new Map(products));

const HASH = `sha256:${'5'.repeat(64)}` as const;
const reply = { header: () => reply } as unknown as Parameters<typeof indexReport>[3];

type Sent = {
  readonly packages: Readonly<Record<string, { readonly name: string }>>;
  readonly environments: Readonly<Record<string, readonly { readonly introduced_in: string }[]>>;
  readonly vulnerabilities: Readonly<Record<string, { readonly name: string }>>;
  readonly package_vulnerabilities: Readonly<Record<string, readonly string[]>>;
  readonly enrichments: Readonly<Record<string, readonly Readonly<Record<string, readonly { baseScore: number }[]>>[]>>;
};

describe('every vulnerability report', () => {
  it('is valid for Quay and Go, and follows the rules that no schema states', () => {
    const property = fc.property(report, cpes, (given, products) => {
      const sent = JSON.stringify(
        vulnerabilityReport(
          { ...given, target: { ...given.target, digest: HASH } },
          { choice: 'cvss', products },
          reply,
        ),
      );
      goReport(sent);
      const body = quayBody('VulnerabilityReport', sent) as Sent;
      expect(Object.keys(body.environments)).toEqual(Object.keys(body.packages));
      for (const places of Object.values(body.environments)) expect(places.length).toBeGreaterThan(0);
      const listed = Object.entries(body.package_vulnerabilities);
      for (const [id, found] of listed) {
        expect(Object.hasOwn(body.packages, id) && found.length > 0).toBe(true);
        for (const each of found) expect(Object.hasOwn(body.vulnerabilities, each)).toBe(true);
      }
      // Every finding is in the report, at its package.
      const pairs = listed.flatMap(([id, found]) =>
        found.map((each) => `${body.packages[id]?.name} ${body.vulnerabilities[each]?.name}`),
      );
      for (const each of given.findings) expect(pairs).toContain(`${each.package} ${each.id}`);
      // Quay reads the first list of the first key, and the score of every object.
      const lists = Object.values(body.enrichments);
      expect(lists.length).toBeLessThanOrEqual(1);
      for (const records of lists.flatMap((each) => Object.values(each[0] ?? {}))) {
        expect(records.length).toBeGreaterThan(0);
        for (const { baseScore } of records) expect(typeof baseScore).toBe('number');
      }
    });
    fc.assert(property, { numRuns: RUNS });
  });

  it('has CVSS first and its own member for each other enrichment on request', () => {
    const property = fc.property(report, (given) => {
      const { enrichments } = vulnerabilityReport(given, { choice: 'all', products: NONE }, reply);
      const few = vulnerabilityReport(given, { choice: 'cvss', products: NONE }, reply).enrichments;
      expect(Object.entries(enrichments).slice(0, Object.keys(few).length)).toEqual(Object.entries(few));
    });
    fc.assert(property, { numRuns: RUNS / 10 });
  });
});

describe('every index report', () => {
  it('is valid for Quay and Go', () => {
    const property = fc.property(report, fc.constantFrom('finished', 'error'), cpes, (given, incomplete, products) => {
      const sent = JSON.stringify(indexReport(HASH, given, { incomplete, products }, reply));
      expect(goReport(sent)).toEqual(quayBody('IndexReport', sent));
    });
    fc.assert(property, { numRuns: RUNS });
  });

  it('is valid without an image', () => {
    const property = fc.property(text, (why) => {
      const sent = JSON.stringify(failedReport(HASH, why));
      goReport(sent);
      quayBody('IndexReport', sent);
      expect(sent).toMatch(/^[\u0020-\u007E]*$/);
    });
    fc.assert(property, { numRuns: RUNS / 10 });
  });
});
