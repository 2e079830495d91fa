import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runCount } from '../../test/fixtures/run-count.ts';
import { reportOf, findingOf, layerOf } from '../report/testing/report-builder.ts';
import { ClairError } from '../errors.ts';
import { parseCsafVex } from './csaf-vex.ts';
import { parseIgnoreFile } from './ignore-file.ts';
import { parseOpenVex } from './openvex.ts';
import { judgeFindings } from './suppressed-findings.ts';
import type { SuppressionRule } from './suppression-rule.ts';

const VALUE = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(
    'pkg:deb/debian/curl',
    'pkg:oci/image',
    'CVE-1',
    'fixed',
    'sha256:',
    '2026-01-01',
    '__proto__',
    'base',
  ),
);
const OPENVEX = {
  '@context': 'https://openvex.dev/ns/v0.2.0',
  author: 'A',
  timestamp: '2026-01-01T00:00:00Z',
  statements: [
    {
      vulnerability: { name: 'CVE-1', aliases: ['A'] },
      status: 'fixed',
      products: [{ '@id': 'pkg:oci/image', subcomponents: [{ '@id': 'pkg:deb/debian/curl' }] }],
    },
  ],
};
const CSAF = {
  document: { category: 'csaf_vex', tracking: { current_release_date: '2026-01-01T00:00:00Z' } },
  product_tree: {
    branches: [{ product: { product_id: 'p', product_identification_helper: { purl: 'pkg:deb/debian/curl' } } }],
    relationships: [
      { full_product_name: { product_id: 'r' }, product_reference: 'p', relates_to_product_reference: 'p' },
    ],
  },
  vulnerabilities: [
    { cve: 'CVE-1', product_status: { fixed: ['p', 'r'] }, flags: [{ label: 'x', product_ids: ['p'] }] },
  ],
};
const IGNORE = [
  { id: ['CVE-1'], package: 'curl', layer: 'base', image: 'image:1', reason: 'r', expires: '2026-01-01' },
];

/** Returns the paths of all values in a document. */
function pathsOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...path, key]))];
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value))
    return value.map((each, index) => (String(index) === key ? replaced(each, rest, by) : each));
  return Object.fromEntries(
    Object.entries(value as object).map(([name, inner]) => [name, name === key ? replaced(inner, rest, by) : inner]),
  );
}

/** Returns the rules of a file, or no rules if the file is rejected. Any other error is a bug. */
function readOrRefused(read: () => readonly SuppressionRule[]): readonly SuppressionRule[] {
  try {
    return read();
  } catch (error) {
    if (error instanceof ClairError) return [];
    throw error;
  }
}

describe('untrusted files', () => {
  it.each<[string, object, (value: unknown) => readonly SuppressionRule[]]>([
    ['OpenVEX', OPENVEX, (value) => parseOpenVex(value, 'f')],
    ['CSAF', CSAF, (value) => parseCsafVex(value, 'f')],
    ['ignore files', IGNORE, (value) => parseIgnoreFile(JSON.stringify(value), 'f')],
  ])('of %s are accepted or rejected without other errors', (_, document, parse) => {
    const report = reportOf({ layers: [layerOf(0)], findings: [findingOf()] });
    fc.assert(
      fc.property(fc.constantFrom(...pathsOf(document)), VALUE, (path, value) => {
        const rules = readOrRefused(() => parse(replaced(document, path, value)));
        const { findings, suppressed } = judgeFindings(report, [{ rules, isShared: false }], '2026-01-01');
        expect(findings.length + suppressed.length).toBe(1);
      }),
      { numRuns: runCount(300, 80) },
    );
  });
});
