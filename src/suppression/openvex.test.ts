import { describe, expect, it } from 'vitest';
import { findingOf, reportOf } from '../report/testing/report-builder.ts';
import { parseOpenVex } from './openvex.ts';
import { judgeFindings } from './suppressed-findings.ts';

const HEAD = {
  '@context': 'https://openvex.dev/ns/v0.2.0',
  '@id': 'https://x.test/1',
  author: 'Author',
  timestamp: '2026-01-01T00:00:00Z',
  version: 1,
};
const CURL = [{ '@id': 'pkg:deb/debian/curl' }];
const said = { vulnerability: { name: 'CVE-1' }, products: CURL };
const notAffected = { ...said, status: 'not_affected', justification: 'component_not_present' };
const digest = reportOf().target.digest;
const OCI = `pkg:oci/image@${encodeURIComponent(digest)}`;

/** Returns the number of remaining findings of CVE-1 in curl, and the suppressions. */
function judged(...statements: readonly object[]): { left: number; suppressions: readonly object[] } {
  const report = reportOf({ findings: [findingOf()] });
  const rules = parseOpenVex({ ...HEAD, statements }, 'f.json');
  const { findings, suppressed } = judgeFindings(report, [{ rules, isShared: false }], '2026-01-01');
  return { left: findings.length, suppressions: suppressed.map(({ suppression }) => suppression) };
}

describe('an OpenVEX document', () => {
  it('suppresses a finding with reason and author', () => {
    expect(judged({ ...notAffected, impact_statement: 'curl is not called' })).toEqual({
      left: 0,
      suppressions: [
        {
          by: 'openvex',
          where: 'f.json, statement 1',
          justification: 'component_not_present',
          reason: 'curl is not called',
          author: 'Author',
          expires: null,
        },
      ],
    });
  });

  it.each([
    ['not_affected', notAffected, 0],
    ['fixed', { ...said, status: 'fixed' }, 0],
    ['affected', { ...said, status: 'affected', action_statement: 'upgrade' }, 1],
    ['under_investigation', { ...said, status: 'under_investigation' }, 1],
    ['another vulnerability', { ...notAffected, vulnerability: { name: 'CVE-2' } }, 1],
    ['an alias', { ...notAffected, vulnerability: { name: 'GHSA-1', aliases: ['cve-1'] } }, 0],
    ['no product', { ...notAffected, products: [] }, 1],
  ])('with %s leaves the expected findings', (_, statement, left) => {
    expect(judged(statement).left).toBe(left);
  });

  it.each<[string, object, number]>([
    ['the package', { '@id': 'pkg:deb/debian/curl@1' }, 0],
    ['the package by an identifier', { '@id': 'https://x.test', identifiers: { purl: 'pkg:deb/debian/curl' } }, 0],
    ['another version of the package', { '@id': 'pkg:deb/debian/curl@2' }, 1],
    ['something else', { '@id': 'https://x.test' }, 1],
    ['the image', { '@id': OCI }, 0],
    ['the image by its digest', { '@id': digest }, 0],
    ['the image by a hash', { '@id': 'https://x.test', hashes: { 'sha-256': 'F'.repeat(64) } }, 0],
    ['another image by a hash', { '@id': 'https://x.test', hashes: { 'sha-512': 'F'.repeat(128) } }, 1],
    ['another image', { '@id': 'pkg:oci/other' }, 1],
    ['the package in the image', { '@id': OCI, subcomponents: CURL }, 0],
    ['the package in another image', { '@id': 'pkg:oci/other', subcomponents: CURL }, 1],
    ['another package in the image', { '@id': OCI, subcomponents: [{ '@id': 'pkg:deb/debian/zlib' }] }, 1],
    ['an unrecognisable part of the image', { '@id': OCI, subcomponents: [{ '@id': 'https://x.test' }] }, 1],
  ])('about %s leaves the expected findings', (_, product, left) => {
    expect(judged({ ...notAffected, products: [product] }).left).toBe(left);
  });

  it.each([
    ['a later statement', '2026-01-02T00:00:00Z', 1],
    ['an earlier statement', '2025-12-31T00:00:00Z', 0],
    ['a later statement of the same time', '2026-01-01T01:00:00+01:00', 1],
  ])('keeps a finding by %s', (_, timestamp, left) => {
    expect(judged(notAffected, { ...said, status: 'affected', timestamp }).left).toBe(left);
  });

  it.each<[string, object, string]>([
    ['another version', { '@context': 'https://openvex.dev/ns' }, '/@context must match pattern'],
    ['no author', { author: 7 }, '/author must be string'],
    ['an unknown status', { statements: [{ ...said, status: 'fine' }] }, '/statements/0/status'],
    [
      'an unknown justification',
      { statements: [{ ...notAffected, justification: 'x' }] },
      '/statements/0/justification',
    ],
    ['no reason', { statements: [{ ...said, status: 'not_affected' }] }, 'statement 1 is not_affected without'],
    ['no time', { timestamp: 'today' }, 'the timestamp of the document must be a time such as 2026-12-31T12:00:00Z'],
    [
      'a statement without a time',
      { statements: [{ ...notAffected, timestamp: 'today' }] },
      'the timestamp of statement 1 must be a time',
    ],
    [
      'a broken package URL',
      { statements: [{ ...notAffected, products: [{ '@id': 'pkg:/' }] }] },
      'invalid package URL "pkg:/"',
    ],
  ])('with %s is rejected', (_, parts, message) => {
    const document = { ...HEAD, statements: [notAffected], ...parts };
    expect(() => parseOpenVex(document, 'f.json')).toThrow(message);
    expect(() => parseOpenVex(document, 'f.json')).toThrow('f.json is not a valid OpenVEX 0.2.0 document: ');
  });
});
