import { expect, it } from 'vitest';
import { type ComparisonRules, differencesOf } from './differences.ts';
import type { JsonValue } from './json-value.ts';

const RULES: ComparisonRules = {
  elements: new Map([
    ['findings', ['id', 'package.name']],
    ['findings.cves', ['id']],
  ]),
  ignored: new Set(['createdAt', 'feeds.age']),
};

const finding = (id: string, name: string, more: Record<string, JsonValue> = {}): JsonValue => ({
  id,
  package: { name },
  ...more,
});

/** Each difference as `KIND WHERE` with its values. */
function lines(before: JsonValue, after: JsonValue): readonly string[] {
  return differencesOf(before, after, RULES).map(
    ({ kind, where, ...of }) => `${kind} ${where}: ${JSON.stringify(of.before)} ${JSON.stringify(of.after)}`,
  );
}

it.each<[string, JsonValue, JsonValue, readonly string[]]>([
  ['nothing in equal values', { a: [1, { b: null }] }, { a: [1, { b: null }] }, []],
  ['nothing when only the order of fields differs', { a: 1, b: 2 }, { b: 2, a: 1 }, []],
  ['nothing in ignored fields', { createdAt: 1, feeds: [{ age: 1 }] }, { createdAt: 2, feeds: [{ age: 2 }] }, []],
  ['a changed value', { a: { b: 1 } }, { a: { b: 2 } }, ['changed a.b: 1 2']],
  ['a value of another type', { a: 1, b: [] }, { a: '1', b: {} }, ['changed a: 1 "1"', 'changed b: [] {}']],
  ['null in the place of a value', { a: 1 }, { a: null }, ['changed a: 1 null']],
  ['an added and a removed field', { a: 1 }, { b: null }, ['removed a: 1 undefined', 'added b: undefined null']],
  [
    'list elements by their identity',
    { findings: [finding('1', 'a', { risk: 1 }), finding('1', 'b', { risk: 2 })] },
    { findings: [finding('0', 'a'), finding('1', 'a', { risk: 1 }), finding('1', 'b', { risk: 3 })] },
    ['changed findings[1 b].risk: 2 3', 'added findings[0 a]: undefined {"id":"0","package":{"name":"a"}}'],
  ],
  [
    'lists inside list elements',
    { findings: [finding('1', 'a', { cves: [{ id: 'x', s: 1 }] })] },
    { findings: [finding('1', 'a', { cves: [{ id: 'x', s: 2 }] })] },
    ['changed findings[1 a].cves[x].s: 1 2'],
  ],
  [
    'one of several elements with the same identity',
    { findings: [finding('1', 'a', { n: 1 }), finding('1', 'a', { n: 2 })] },
    { findings: [finding('1', 'a', { n: 1 })] },
    ['removed findings[1 a #2]: {"id":"1","package":{"name":"a"},"n":2} undefined'],
  ],
  [
    'another order, once per list, and not for added elements',
    { findings: [finding('1', 'a'), finding('2', 'a'), finding('3', 'a')] },
    { findings: [finding('0', 'a'), finding('1', 'a'), finding('3', 'a'), finding('2', 'a')] },
    ['added findings[0 a]: undefined {"id":"0","package":{"name":"a"}}', 'order findings: ["2 a","3 a"] ["3 a","2 a"]'],
  ],
  [
    'texts of a list by value',
    { a: ['x', 'y'] },
    { a: ['y', 'z'] },
    ['removed a[x]: "x" undefined', 'added a[z]: undefined "z"'],
  ],
  [
    'elements without an identity by index',
    { a: [{ b: 1 }, { b: 2 }] },
    { a: [{ b: 1 }, { b: 3 }] },
    ['changed a[1].b: 2 3'],
  ],
])('finds %s', (_, before, after, expected) => {
  expect(lines(before, after)).toEqual(expected);
});

it('returns the path without the identity of list elements', () => {
  const [difference] = differencesOf(
    { findings: [finding('1', 'a', { risk: 1 })] },
    { findings: [finding('1', 'a', { risk: 2 })] },
    RULES,
  );
  expect(difference?.path).toBe('findings.risk');
});
