import { describe, expect, it } from 'vitest';
import type { Digest } from '../model/digest.ts';
import { findingOf, reportOf } from '../report/testing/report-builder.ts';
import { parseCsafVex } from './csaf-vex.ts';
import { judgeFindings } from './suppressed-findings.ts';

const HEAD = {
  category: 'csaf_vex',
  publisher: { name: 'Publisher' },
  tracking: { id: 'X-1', current_release_date: '2026-01-01T00:00:00Z' },
};
const product = (id: string, helper: object): object => ({ product_id: id, product_identification_helper: helper });
const inside = (id: string, component: string, platform: string): object => ({
  full_product_name: { product_id: id },
  product_reference: component,
  relates_to_product_reference: platform,
});
const product_tree = {
  branches: [{ branches: [{ product: product('curl', { purl: 'pkg:deb/debian/curl' }) }] }],
  full_product_names: [
    product('image', { purl: 'pkg:oci/image' }),
    product('hash', { hashes: [{ file_hashes: [{ algorithm: 'sha256', value: 'f'.repeat(64) }], filename: 'm' }] }),
    product('hash512', { hashes: [{ file_hashes: [{ algorithm: 'sha512', value: 'F'.repeat(128) }], filename: 'm' }] }),
    product('other', { purl: 'pkg:oci/other' }),
    product('platform', { cpe: 'cpe:/o:x:y:1' }),
    product('debian 12', { cpe: 'cpe:/o:debian:debian_linux:12' }),
    product('debian 11', { cpe: 'cpe:/o:debian:debian_linux:11' }),
    product('broken', { purl: 'pkg:' }),
    product('nothing', {}),
  ],
  relationships: [
    inside('curl in image', 'curl', 'image'),
    inside('curl in hash', 'curl', 'hash'),
    inside('curl in hash512', 'curl', 'hash512'),
    inside('curl in other', 'curl', 'other'),
    inside('curl in platform', 'curl', 'platform'),
    inside('curl in debian 12', 'curl', 'debian 12'),
    inside('curl in debian 11', 'curl', 'debian 11'),
    inside('nothing in debian 12', 'nothing', 'debian 12'),
  ],
};

const documentOf = (vulnerability: object, head: object = {}): object => ({
  document: { ...HEAD, ...head },
  product_tree,
  vulnerabilities: [{ cve: 'CVE-1', ...vulnerability }],
});

function judged(...documents: readonly object[]): { left: number; suppressions: readonly object[] } {
  const report = reportOf({ findings: [findingOf()] });
  const rules = documents.flatMap((document) => parseCsafVex(document, 'f.json'));
  const { findings, suppressed } = judgeFindings(report, [{ rules, isShared: false }], '2026-01-01');
  return { left: findings.length, suppressions: suppressed.map(({ suppression }) => suppression) };
}

describe('a CSAF VEX document', () => {
  it('suppresses a finding with reason and author', () => {
    const flags = [{ label: 'vulnerable_code_not_present', product_ids: ['curl'] }];
    const threats = [{ category: 'impact', details: 'left out', product_ids: ['curl'] }];
    expect(judged(documentOf({ product_status: { known_not_affected: ['curl'] }, flags, threats }))).toEqual({
      left: 0,
      suppressions: [
        {
          by: 'csaf',
          where: 'f.json, vulnerability 1 (known_not_affected)',
          justification: 'vulnerable_code_not_present',
          reason: 'left out',
          author: 'Publisher',
          expires: null,
        },
      ],
    });
  });

  it.each<[object, number]>([
    [{ known_not_affected: ['curl'] }, 0],
    [{ fixed: ['curl'] }, 0],
    [{ first_fixed: ['curl'] }, 0],
    [{ recommended: ['curl'] }, 1],
    [{ known_affected: ['curl'] }, 1],
    [{ known_not_affected: ['curl'], under_investigation: ['curl'] }, 1],
    [{ under_investigation: ['curl'], known_not_affected: ['curl'] }, 1],
    [{ known_not_affected: ['image'] }, 0],
    [{ known_not_affected: ['hash'] }, 0],
    [{ known_not_affected: ['other'] }, 1],
    [{ known_not_affected: ['nothing'] }, 1],
    [{ known_not_affected: ['curl in image'] }, 0],
    [{ known_not_affected: ['curl in hash'] }, 0],
    [{ known_not_affected: ['curl in other'] }, 1],
    [{ known_not_affected: ['curl in platform'] }, 1],
    [{ known_not_affected: ['curl in debian 12'] }, 0],
    [{ known_not_affected: ['curl in debian 11'] }, 1],
    [{ known_not_affected: ['nothing in debian 12'] }, 1],
    [{ known_not_affected: ['debian 12'] }, 0],
    [{ known_not_affected: ['broken'] }, 1],
  ])('with status %j leaves %d findings', (product_status, left) => {
    expect(judged(documentOf({ product_status })).left).toBe(left);
  });

  it.each<[string, Digest, number]>([
    ['hash512', `sha512:${'f'.repeat(128)}`, 0],
    ['curl in hash512', `sha512:${'f'.repeat(128)}`, 0],
    ['hash512', `sha512:${'e'.repeat(128)}`, 1],
    ['hash512', `sha256:${'f'.repeat(64)}`, 1],
  ])('about the product %s, the image %s has %d findings', (id, digest, left) => {
    const { target, ...report } = reportOf({ findings: [findingOf()] });
    const rules = parseCsafVex(documentOf({ product_status: { known_not_affected: [id] } }), 'f.json');
    const image = { ...report, target: { ...target, digest } };
    expect(judgeFindings(image, [{ rules, isShared: false }], '2026-01-01').findings).toHaveLength(left);
  });

  it('matches aliases and is overruled by a later document', () => {
    const named = { cve: undefined, ids: [{ system_name: 's', text: 'cve-1' }] };
    const fine = documentOf({ ...named, product_status: { known_not_affected: ['curl'] } });
    expect(judged(fine).left).toBe(0);
    const tracking = { ...HEAD.tracking, current_release_date: '2026-01-02T00:00:00Z' };
    const affected = documentOf({ product_status: { known_affected: ['curl'] } }, { tracking });
    expect([judged(affected, fine).left, judged(fine, affected).left]).toEqual([1, 1]);
  });

  it.each<[string, unknown, string]>([
    ['no document', {}, 'document.tracking is missing'],
    [
      'an advisory',
      documentOf({}, { category: 'csaf_security_advisory' }),
      'document.category is "csaf_security_advisory"',
    ],
    [
      'no time',
      documentOf({}, { tracking: { id: 'X' } }),
      'document.tracking.current_release_date is missing, but must be a time such as 2026-12-31T12:00:00Z',
    ],
    [
      'an invalid time',
      documentOf({}, { tracking: { id: 'X', current_release_date: 'soon' } }),
      'document.tracking.current_release_date is "soon", but must be a time such as 2026-12-31T12:00:00Z',
    ],
    ['no name', documentOf({ cve: 7 }), 'vulnerability 1 must have a cve, or ids with a text'],
    ['an invalid list', documentOf({ flags: 7 }), 'valid CSAF 2.0 VEX document: the flag list is not an array'],
    [
      'an unlisted product',
      documentOf({ product_status: { fixed: ['x'] } }),
      'product_tree does not define the product "x"',
    ],
    [
      'a product inside itself',
      { ...documentOf({ product_status: { fixed: ['p'] } }), product_tree: { relationships: [inside('p', 'p', 'p')] } },
      'relationships are nested more than 10 levels deep',
    ],
  ])('with %s is rejected', (_, document, message) => {
    expect(() => parseCsafVex(document, 'f.json')).toThrow(message);
  });
});
