import { describe, expect, it } from 'vitest';
import type { OvalCriteria, OvalCriterion, OvalField, OvalNode, OvalTest } from './oval.ts';
import { type OvalRules, waysToMeet } from './oval-conditions.ts';

const LESS: OvalField = { name: 'evr', operation: 'less than', value: '0:2-1' };

describe('the ways to meet criteria', () => {
  const rules: OvalRules = ({ comment }) =>
    comment === 'always' || comment === 'never' ? comment : { kind: 'module', module: comment };

  it.each([
    ['one criterion', named('a'), ['a']],
    ['all of several criteria', and(named('a'), named('b')), ['a b']],
    ['any of several criteria', or(named('a'), named('b')), ['a', 'b']],
    [
      'combinations of alternatives',
      and(or(named('a'), named('b')), or(named('c'), named('d'))),
      ['a c', 'a d', 'b c', 'b d'],
    ],
    ['any of several groups', or(and(named('a'), named('b')), named('c')), ['a b', 'c']],
    ['without criteria that always hold', and(named('always'), named('a')), ['a']],
    ['without alternatives to criteria that always hold', and(or(named('always'), named('b')), named('a')), ['a']],
    [
      'without groups that contain a criterion that never holds',
      or(and(named('a'), named('never')), named('b')),
      ['b'],
    ],
    ['no way, if a criterion never holds', and(named('never'), named('a')), []],
    ['ONE like OR', group('ONE', named('a'), named('b')), ['a', 'b']],
    ['without a negated criterion that always holds', or(not(named('always')), named('a')), ['a']],
    ['with a negated criterion that never holds', and(not(named('never')), named('a')), ['a']],
  ])('%s', (_, node, expected) => {
    const ways = waysToMeet(node, rules)?.map((way) =>
      way.map((each) => (each.kind === 'module' ? each.module : '?')).join(' '),
    );
    expect(ways).toEqual(expected);
  });

  it.each([
    ['an empty group', and(), 'empty criteria'],
    ['a negated group', { ...or(named('a'), named('b')), isNegated: true }, 'negated criteria'],
    ['a negated criterion that is not about a package', not(named('a')), 'negated criterion: a'],
  ])('add a diagnostic for %s', (_, node, diagnostic) => {
    expect(waysToMeet(node, rules)).toEqual([[{ kind: 'diagnostics', diagnostic }]]);
  });

  it('are limited in number', () => {
    const two = or(named('a'), named('b'));
    expect(waysToMeet(and(two, two, two), rules, 24)).toHaveLength(8);
    expect(waysToMeet(and(two, two, two), rules, 23)).toBeUndefined();
    expect(waysToMeet(or(two, two), rules, 3)).toBeUndefined();
  });
});

describe('a criterion without a rule of the feed', () => {
  it.each([
    ['a package below a version', { fields: [LESS] }, { bounds: [LESS] }],
    ['a package in any version', { fields: [] }, { bounds: [] }],
    ['an architecture', { fields: [LESS, arch('x86_64')] }, { bounds: [LESS], archs: ['x86_64'] }],
    ['several architectures', { fields: [arch('(aarch64|x86_64)')] }, { bounds: [], archs: ['aarch64', 'x86_64'] }],
    ['an anchored architecture', { fields: [arch('^i686$')] }, { bounds: [], archs: ['i686'] }],
    [
      'a package of any architecture, with a diagnostic',
      { fields: [arch('.*')] },
      { bounds: [], diagnostic: 'unsupported architecture pattern .*: treated as all architectures' },
    ],
    [
      'an unknown field, with a diagnostic',
      { fields: [{ ...LESS, name: 'mood' }] },
      { bounds: [], diagnostic: 'unknown state: lamp' },
    ],
    [
      'two architectures, with a diagnostic',
      { fields: [arch('a'), arch('b')] },
      { bounds: [], archs: ['a'], diagnostic: 'unknown state: lamp' },
    ],
    ['a missing state, with a diagnostic', { fields: undefined }, { bounds: [], diagnostic: 'missing state: lamp' }],
  ])('is %s', (_, test, expected) => {
    expect(condition(criterion('lamp', test))).toEqual({ kind: 'package', name: 'lamp', ...expected });
  });

  it.each([
    ['a package that must be absent', { checkExistence: 'none_exist' }, { kind: 'absent', name: 'lamp' }],
    ['a package of which no version may match', { check: 'none satisfy' }, { kind: 'absent', name: 'lamp' }],
    [
      'not about a package, with a diagnostic',
      { kind: 'uname' },
      { kind: 'diagnostics', diagnostic: 'the test is not about a package: lamp' },
    ],
    [
      'a test without a name, with a diagnostic',
      { names: [] },
      { kind: 'diagnostics', diagnostic: 'the test names no package: lamp' },
    ],
    [
      'a test with two names, with a diagnostic',
      { names: ['a', 'b'] },
      { kind: 'diagnostics', diagnostic: 'the test names several packages: lamp' },
    ],
  ])('is %s', (_, test, expected) => {
    expect(condition(criterion('lamp', test))).toEqual(expected);
  });

  it.each([
    ['the signature of a package', criterion('lamp is signed with a key', { fields: [] }), [[]]],
    ['the signature of a package, in a missing test', named('lamp is signed with a key'), [[]]],
    ['the absence of a live patch', criterion('x', { names: ['kgraft-patch-1'], check: 'none satisfy' }), [[]]],
    [
      'version 0, which means "not affected" in SUSE OVAL',
      criterion('x', { fields: [{ name: 'version', operation: 'equals', value: '0' }] }),
      [],
    ],
  ])('is no condition: %s', (_, node, expected) => {
    expect(waysToMeet(node, noRules)).toEqual(expected);
  });

  it('is read from its comment when the test is missing', () => {
    const bounds = (value: string): OvalField[] => [{ ...LESS, value }];
    const diagnostic = (comment: string): string =>
      `the test is missing, so the comment of the criterion was used: ${comment}`;
    const read = (comment: string): unknown => condition(named(comment));
    expect(read('lamp is earlier than 1:2-3')).toEqual({
      kind: 'package',
      name: 'lamp',
      bounds: bounds('1:2-3'),
      diagnostic: diagnostic('lamp is earlier than 1:2-3'),
    });
    expect(read('oil-lamp-1.2~rc1-3.1 is installed')).toMatchObject({
      name: 'oil-lamp',
      bounds: bounds('1.2~rc1-3.1'),
    });
    expect(read('lamp is affected')).toMatchObject({ name: 'lamp', bounds: [] });
    expect(read('lamp is installed')).toEqual({
      kind: 'diagnostics',
      diagnostic: 'missing test: lamp is installed',
    });
    expect(read('')).toEqual({ kind: 'diagnostics', diagnostic: 'missing test: t' });
  });

  it('is read as absent when it is negated', () => {
    expect(condition(not(criterion('lamp', { fields: [LESS] })))).toEqual({ kind: 'absent', name: 'lamp' });
  });
});

const noRules: OvalRules = () => undefined;

function condition(node: OvalNode): unknown {
  const [way = [], ...others] = waysToMeet(node, noRules) ?? [];
  if (way.length !== 1 || others.length > 0) throw new Error('not one condition');
  return way[0];
}

function named(comment: string): OvalCriterion {
  return { kind: 'criterion', ref: 't', comment, isNegated: false };
}

type TestParts = Partial<Omit<OvalTest, 'fields'>> & { readonly fields?: readonly OvalField[] | undefined };

/** Returns a criterion about the package `lamp`; if `fields` is undefined, the state is missing. */
function criterion(comment: string, { fields, ...parts }: TestParts): OvalCriterion {
  const test = {
    kind: 'rpminfo',
    comment,
    check: 'at least one',
    checkExistence: 'at_least_one_exists',
    names: ['lamp'],
  };
  return { ...named(comment), test: { ...test, ...parts, ...(fields !== undefined && { fields }) } };
}

function not<T extends OvalNode>(node: T): T {
  return { ...node, isNegated: true };
}

function group(operator: string, ...children: OvalNode[]): OvalCriteria {
  return { kind: 'criteria', operator, isNegated: false, children };
}

function and(...children: OvalNode[]): OvalCriteria {
  return group('AND', ...children);
}

function or(...children: OvalNode[]): OvalCriteria {
  return group('OR', ...children);
}

function arch(value: string): OvalField {
  return { name: 'arch', operation: 'pattern match', value };
}
