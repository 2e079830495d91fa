import { expect, it } from 'vitest';
import type { Difference } from './differences.ts';
import { type ExpectedDifference, judgedDifferences } from './judged-differences.ts';

const DIFFERENCE: Difference = {
  kind: 'changed',
  path: 'report.findings.severity',
  where: 'report.findings[CVE-1 bash 5.2].severity',
  before: 'Low',
  after: 'High',
};
const EXPECTED: ExpectedDifference = { kind: 'changed', path: 'report.findings.severity', reason: 'why' };

it.each<[string, Partial<ExpectedDifference>, boolean]>([
  ['of its kind and path', {}, true],
  ['of a parent path', { path: 'report.findings' }, true],
  ['of another kind', { kind: 'added' }, false],
  ['of a child path', { path: 'report.findings.severity.name' }, false],
  ['of a path with the same prefix', { path: 'report.find' }, false],
  ['of its image', { image: 'alpine' }, true],
  ['of another image', { image: 'debian' }, false],
  ['with its place', { where: 'CVE-1 bash' }, true],
  ['with another place', { where: 'CVE-2' }, false],
  ['with its values', { before: 'Low', after: 'High' }, true],
  ['with another value before', { before: 'Medium' }, false],
  ['with another value after', { after: 'Low' }, false],
])('an entry %s: %o expects it: %s', (_, entry, isExpected) => {
  const expected = { ...EXPECTED, ...entry };
  expect(judgedDifferences('alpine', [DIFFERENCE], [expected])).toEqual([
    { image: 'alpine', ...DIFFERENCE, ...(isExpected && { expected }) },
  ]);
});
