import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CvssScore, Enrichments } from '../enrichment.ts';
import { riskOf } from './risk.ts';
import { SEVERITIES, type Severity } from '../severity.ts';

function cvss(score: number, type: CvssScore['type'] = 'primary'): CvssScore {
  return { version: '3.1', vector: '', score, source: 'nvd', type, accessVector: 'network', complexity: 'low' };
}

function facts({ score, epss, kev = false }: Facts): Enrichments {
  return {
    ...(score !== undefined && { cvss: [cvss(score)] }),
    ...(epss !== undefined && { epss: { score: epss } }),
    ...(kev && { kev: {} }),
  };
}

type Facts = { readonly score?: number | undefined; readonly epss?: number | undefined; readonly kev?: boolean };

const FACTS: fc.Arbitrary<Facts> = fc.record({
  score: fc.option(fc.double({ min: 0, max: 10, noNaN: true }), { nil: undefined }),
  epss: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
  kev: fc.boolean(),
});

const risk = (severity: Severity, of: Facts): number => riskOf(severity, [facts(of)]);

describe('the risk of a finding', () => {
  it.each<[Severity, Facts, number]>([
    ['Negligible', {}, 2.5],
    ['Low', {}, 12.5],
    ['Medium', {}, 30],
    ['High', {}, 50],
    ['Critical', {}, 67.5],
    ['Defcon1', {}, 77.5],
    ['Unknown', {}, 20],
    ['High', { score: 0 }, 40],
    ['High', { score: 10 }, 60],
    ['Medium', { epss: 1 }, 79],
    ['Medium', { epss: 0.5 }, 54.5],
    ['Medium', { kev: true }, 79],
    ['Medium', { kev: true, epss: 1 }, 100],
  ])('of %s with %j is %d', (severity, of, expected) => {
    expect(risk(severity, of)).toBe(expected);
  });

  it('is between 0 and 100 with one decimal', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SEVERITIES), FACTS, (severity, of) => {
        const value = risk(severity, of);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(100);
        expect(value).toBe(Number(value.toFixed(1)));
      }),
    );
  });

  it('never decreases when severity, score, probability or exploitation increases', () => {
    const known = SEVERITIES.filter((severity) => severity !== 'Unknown');
    const upTo = (max: number): fc.Arbitrary<[number, number]> =>
      fc
        .tuple(fc.double({ min: 0, max, noNaN: true }), fc.double({ min: 0, max, noNaN: true }))
        .map(([one, other]) => [Math.min(one, other), Math.max(one, other)]);
    const atMost = (lower: number, higher: number): void => expect(lower).toBeLessThanOrEqual(higher);
    fc.assert(
      fc.property(
        fc.constantFrom(...SEVERITIES),
        FACTS,
        upTo(10),
        upTo(1),
        (severity, of, [low, high], [rare, often]) => {
          atMost(risk(severity, { ...of, score: low }), risk(severity, { ...of, score: high }));
          atMost(risk(severity, { ...of, epss: rare }), risk(severity, { ...of, epss: often }));
          atMost(risk(severity, { ...of, epss: undefined }), risk(severity, { ...of, epss: rare }));
          atMost(risk(severity, { ...of, kev: false }), risk(severity, { ...of, kev: true }));
          for (const [at, worse] of known.slice(1).entries()) atMost(risk(known[at]!, of), risk(worse, of));
        },
      ),
    );
  });

  it('is the risk of the worst CVE, by its primary score', () => {
    expect(riskOf('High', [{}, { epss: { score: 1 } }])).toBe(85);
    expect(riskOf('High', [{ cvss: [cvss(10, 'secondary'), cvss(0)] }])).toBe(40);
    expect(riskOf('High', [{ cvss: [cvss(10, 'secondary')] }])).toBe(60);
    expect(riskOf('High', [])).toBe(50);
  });
});
