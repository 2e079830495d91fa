import { describe, expect, it } from 'vitest';
import { readCsaf } from './csaf.ts';

const HEAD = { category: 'csaf_vex', title: 'T', tracking: { id: 'CVE-2099-0001', status: 'final' } };

describe('a CSAF document', () => {
  it('has its category, title, publisher and severity', () => {
    const { document, diagnostics } = readCsaf({ document: { ...HEAD, aggregate_severity: { text: 'Low' } } })!;
    expect(document).toMatchObject({
      category: 'csaf_vex',
      title: 'T',
      id: 'CVE-2099-0001',
      status: 'final',
      severity: 'Low',
      vulnerabilities: [],
    });
    expect(document.products.size).toBe(0);
    expect(diagnostics).toEqual([]);
  });

  it('has the products of all its branches, of its list and of its relationships', () => {
    const product = (id: string, helper: object = {}): object => ({
      product_id: id,
      product_identification_helper: helper,
    });
    const product_tree = {
      branches: [
        { branches: [{ product: product('a', { cpe: 'cpe:/a' }) }, { branches: [{ product: product('b') }] }] },
      ],
      full_product_names: [product('c', { purl: 'pkg:c' })],
      relationships: [
        { full_product_name: product('c of a'), product_reference: 'c', relates_to_product_reference: 'a' },
      ],
    };
    const { document } = readCsaf({ document: HEAD, product_tree })!;
    expect(Object.fromEntries(document.products)).toEqual({
      a: { cpe: 'cpe:/a' },
      b: {},
      c: { purl: 'pkg:c' },
      'c of a': { component: 'c', platform: 'a' },
    });
  });

  it('has the statements on each product, named directly or in groups', () => {
    const { document, diagnostics } = readCsaf({
      document: HEAD,
      product_tree: { product_groups: [{ group_id: 'g', product_ids: ['a', 'b'] }] },
      vulnerabilities: [
        {
          cve: 'CVE-2099-0001',
          notes: [{ category: 'description', text: 'D' }],
          product_status: { fixed: ['a'], known_affected: ['b'] },
          remediations: [
            { category: 'workaround', details: 'W', group_ids: ['g'] },
            { category: 'none_available', details: 'N', product_ids: ['b'] },
          ],
          threats: [
            { category: 'impact', details: 'Low', product_ids: ['a'] },
            { category: 'impact', details: 'High' },
            { category: 'exploit_status', details: 'no', product_ids: ['a'] },
          ],
          scores: [
            { products: ['a'], cvss_v3: { baseScore: 7.5, baseSeverity: 'HIGH' } },
            { products: ['b'], cvss_v2: { baseScore: 5 } },
          ],
        },
      ],
    })!;
    const [vulnerability] = document.vulnerabilities;
    expect(diagnostics).toEqual([]);
    expect(vulnerability).toMatchObject({ cve: 'CVE-2099-0001', description: 'D', impact: 'High' });
    expect(Object.fromEntries(vulnerability!.statuses)).toEqual({ fixed: ['a'], known_affected: ['b'] });
    expect(Object.fromEntries(vulnerability!.remediations)).toEqual({
      a: [{ category: 'workaround', details: 'W' }],
      b: [
        { category: 'workaround', details: 'W' },
        { category: 'none_available', details: 'N' },
      ],
    });
    expect(Object.fromEntries(vulnerability!.impacts)).toEqual({ a: 'Low' });
    expect(Object.fromEntries(vulnerability!.scores)).toEqual({
      a: { score: 7.5, severity: 'HIGH' },
      b: { score: 5 },
    });
  });

  it.each<[string, object, string]>([
    ['branches', { product_tree: { branches: {} } }, 'the branch list is not an array'],
    ['a branch', { product_tree: { branches: [1] } }, 'an entry of the branch list is not an object'],
    ['a product', { product_tree: { branches: [{ product: {} }] } }, 'a product has no product_id'],
    [
      'a relationship',
      { product_tree: { relationships: [{}] } },
      'a relationship lacks full_product_name, product_reference or relates_to_product_reference',
    ],
    ['a vulnerability', { vulnerabilities: [null] }, 'an entry of the vulnerability list is not an object'],
    ['the states', { vulnerabilities: [{ product_status: [] }] }, 'product_status is not an object'],
    [
      'a product of a status',
      { vulnerabilities: [{ product_status: { fixed: [1] } }] },
      'an entry of the fixed product list is not a string',
    ],
  ])('is read without an invalid %s, with a diagnostic', (_, parts, diagnostic) => {
    const { diagnostics } = readCsaf({ document: HEAD, ...parts })!;
    expect(diagnostics).toEqual([diagnostic]);
  });

  it('limits nested branches', () => {
    let branch: object = {};
    for (let depth = 0; depth < 5000; depth += 1) branch = { branches: [branch] };
    expect(readCsaf({ document: HEAD, product_tree: branch })!.diagnostics).toEqual([
      'branches are nested more than 30 levels deep',
    ]);
  });

  it.each([null, [], 'x', {}, { document: {} }, { document: { tracking: [] } }])('is not %j', (value) => {
    expect(readCsaf(value)).toBeUndefined();
  });
});
