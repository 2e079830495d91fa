import { describe, expect, it } from 'vitest';
import type { OvalCriteria, OvalCriterion, OvalField, OvalNode } from './oval.ts';
import type { OvalCondition, OvalRules } from './oval-conditions.ts';
import { messagesOf } from '../../testing/record-messages.ts';
import { type OvalRange, readOvalRanges } from './oval-ranges.ts';

/** The conditions that criteria represent, by the comment of the criterion. */
const CONDITIONS: Readonly<Record<string, OvalCondition>> = {
  one: { kind: 'release', namespaces: ['house:1'] },
  two: { kind: 'release', namespaces: ['house:2'] },
  both: { kind: 'release', namespaces: ['house:1', 'house:2'] },
  paid: { kind: 'release', namespaces: ['house:1'], isForSubscribers: true },
  riddle: { kind: 'diagnostics', diagnostic: 'a riddle' },
  'm:1': { kind: 'module', module: 'm:1' },
  'm:2': { kind: 'module', module: 'm:2' },
  x86: { kind: 'arch', archs: ['x86_64', 'noarch'] },
  arm: { kind: 'arch', archs: ['aarch64', 'noarch'] },
  'no lamp': { kind: 'absent', name: 'lamp' },
  'no wick': { kind: 'absent', name: 'wick' },
};

const rules: OvalRules = ({ comment }) => CONDITIONS[comment];

describe('the range of a package', () => {
  it.each([
    ['below a version', [evr('less than', '0:2-1')], { fixed: '0:2-1', status: 'fixed' }],
    ['up to a version', [evr('less than or equal', '0:2-1')], { lastAffected: '0:2-1', status: 'open' }],
    ['one version', [evr('equals', '0:2-1')], { introduced: '0:2-1', lastAffected: '0:2-1', status: 'open' }],
    ['from a version upwards', [evr('greater than or equal', '0:2-1')], { introduced: '0:2-1', status: 'open' }],
    ['above a version', [evr('greater than', '0:2-1')], { introduced: '0:2-1', status: 'open' }],
    ['above 0', [evr('greater than', '0:0-0')], { status: 'open' }],
    [
      'between two versions',
      [evr('greater than or equal', '0:1'), evr('less than', '0:2')],
      { introduced: '0:1', fixed: '0:2', status: 'fixed' },
    ],
    [
      'below the lower of two versions',
      [evr('less than', '0:2'), evr('less than or equal', '0:3')],
      { fixed: '0:2', status: 'fixed' },
    ],
    ['all versions', [], { status: 'open' }],
    ['below a version with white space', [evr('less than', '0: 2-1')], { fixed: '0:2-1', status: 'fixed' }],
  ])('%s', (_, fields, expected) => {
    const { ranges, diagnostics } = read(and(named('one'), lamp(fields)));
    expect(ranges).toEqual([{ namespace: 'house:1', package: 'lamp', ...expected }]);
    expect(diagnostics).toEqual([]);
  });

  it.each([
    ['an invalid version', evr('less than', '1.2,1.3'), 'lamp treated as affected: rpm rejects the version "1.2,1.3"'],
    [
      'a version of null',
      evr('less than', '0:null.cm2'),
      'lamp treated as affected: rpm rejects the version "0:null.cm2"',
    ],
    [
      'an unknown comparison',
      evr('not equal', '0:2'),
      'lamp treated as affected: unknown version comparison not equal',
    ],
  ])('is as wide as possible for %s', (_, field, diagnostic) => {
    const { ranges, diagnostics } = read(and(named('one'), lamp([field])));
    expect(ranges).toEqual([{ namespace: 'house:1', package: 'lamp', status: 'unknown' }]);
    expect(diagnostics).toEqual([diagnostic]);
  });

  it('has the architectures common to all limits, and the module', () => {
    const limited = lamp([
      evr('less than', '0:2'),
      { name: 'arch', operation: 'pattern match', value: 'x86_64|s390x' },
    ]);
    expect(read(and(named('one'), named('x86'), named('m:1'), limited)).ranges).toEqual([
      { namespace: 'house:1', package: 'lamp', fixed: '0:2', status: 'fixed', archs: ['x86_64'], module: 'm:1' },
    ]);
    expect(read(and(named('one'), named('arm'), limited))).toEqual({ ranges: [], diagnostics: [] });
  });

  it('exists for each release', () => {
    expect(placesOf(and(named('both'), lamp([evr('less than', '0:2')])))).toEqual(['house:1 lamp', 'house:2 lamp']);
  });
});

describe('the releases', () => {
  const fix = lamp([evr('less than', '0:2')]);

  it('are the given releases when the criteria name no release', () => {
    const { ranges } = readOvalRanges(and(fix), { rules, namespaces: ['house:8', 'house:9'] });
    expect(ranges.map(({ namespace }) => namespace)).toEqual(['house:8', 'house:9']);
  });

  it('are reported as missing when no release is given', () => {
    expect(read(and(fix))).toEqual({ ranges: [], diagnostics: ['skipped: it names no release'] });
  });

  it('cannot be two at the same time', () => {
    expect(read(and(named('one'), named('two'), fix))).toEqual({ ranges: [], diagnostics: [] });
  });

  it('for subscribers set the status, unless all users have a fix', () => {
    const later = lamp([evr('less than', '0:3')]);
    const paid = and(named('paid'), later);
    expect(read(paid).ranges).toMatchObject([{ fixed: '0:3', status: 'fixed-for-subscribers' }]);
    expect(read(or(paid, and(named('one'), fix))).ranges).toMatchObject([{ fixed: '0:2', status: 'fixed' }]);
    expect(read(or(paid, and(named('two'), fix))).ranges).toMatchObject([
      { namespace: 'house:1', status: 'fixed-for-subscribers' },
      { namespace: 'house:2', status: 'fixed' },
    ]);
    expect(read(or(paid, and(named('one'), lamp([])))).ranges).toMatchObject([{ fixed: '0:3' }, { status: 'open' }]);
  });
});

describe('several ranges of one package', () => {
  const below = (version: string): OvalCriterion => lamp([evr('less than', version)]);

  it('are reduced to the widest', () => {
    const { ranges } = read(and(named('one'), or(below('0:9-1'), below('0:10-1'), below('0:2-1'))));
    expect(ranges).toEqual([{ namespace: 'house:1', package: 'lamp', fixed: '0:10-1', status: 'fixed' }]);
  });

  it('are reduced to the range without an end, in any order', () => {
    const open = lamp([{ name: 'mood', operation: 'equals', value: 'bad' }]);
    const unsure = lamp([evr('less than', '0:2'), { name: 'mood', operation: 'equals', value: 'bad' }]);
    for (const node of [or(open, unsure), or(unsure, open)]) {
      expect(read(and(named('one'), node)).ranges).toEqual([
        { namespace: 'house:1', package: 'lamp', status: 'unknown' },
      ]);
    }
  });

  it('are merged for all architectures if nothing else differs', () => {
    const both = or(and(named('x86'), below('0:2')), and(named('arm'), below('0:2')));
    expect(read(and(named('one'), both)).ranges).toEqual([
      { namespace: 'house:1', package: 'lamp', fixed: '0:2', status: 'fixed', archs: ['aarch64', 'noarch', 'x86_64'] },
    ]);
    expect(read(and(named('one'), or(both, below('0:2')))).ranges[0]).not.toHaveProperty('archs');
    const differing = or(and(named('x86'), below('0:2')), and(named('arm'), below('0:3')));
    expect(read(and(named('one'), differing)).ranges).toMatchObject([{ fixed: '0:2' }, { fixed: '0:3' }]);
  });

  it('stay separate for separate modules', () => {
    const modules = or(and(named('m:1'), below('0:2')), and(named('m:2'), below('0:3')));
    expect(read(and(named('one'), modules)).ranges).toMatchObject([{ module: 'm:1' }, { module: 'm:2' }]);
  });
});

describe('criteria that cannot be read', () => {
  const fix = lamp([evr('less than', '0:2')]);

  it.each([
    ['an unknown condition', and(named('one'), named('riddle'), fix), ['a riddle']],
    [
      'a package that must be absent',
      and(named('one'), named('no wick'), fix),
      ['treated as affected even if wick is installed; the advisory applies only without this package'],
    ],
    ['two modules at once', and(named('one'), named('m:1'), named('m:2'), fix), ['requires several modules: m:1, m:2']],
  ])('make a range unknown: %s', (_, node, diagnostics) => {
    const reading = read(node);
    expect(reading.ranges).toMatchObject([{ package: 'lamp', fixed: '0:2', status: 'unknown' }]);
    expect(reading.diagnostics).toEqual(diagnostics);
  });

  it('make each of two packages that are required together affected', () => {
    const { ranges, diagnostics } = read(and(named('one'), fix, packageNamed('wick', [])));
    expect(ranges).toMatchObject([
      { package: 'lamp', fixed: '0:2', status: 'unknown' },
      { package: 'wick', status: 'unknown' },
    ]);
    expect(diagnostics).toEqual(['lamp and wick are affected only together; treated as affected individually']);
  });

  it('add one diagnostic', () => {
    expect(read(and(named('one'), named('riddle'), or(fix, packageNamed('wick', [])))).diagnostics).toEqual([
      'a riddle',
    ]);
  });

  it.each([
    ['no criteria', undefined, ['skipped: missing criteria']],
    ['no package', and(named('one'), named('riddle')), ['a riddle', 'skipped: it names no package']],
    ['an empty group', and(), ['empty criteria', 'skipped: it names no release']],
  ])('have no range: %s', (_, node, diagnostics) => {
    expect(read(node)).toEqual({ ranges: [], diagnostics });
  });

  it('do not include a package that is both installed and absent, which Red Hat writes for an unaffected package', () => {
    expect(read(and(named('one'), named('no lamp'), fix))).toEqual({ ranges: [], diagnostics: [] });
  });

  it('include definitions with too many alternatives', () => {
    const alternatives = or(...Array.from({ length: 101 }, () => fix));
    const node = and(named('one'), alternatives, alternatives, alternatives);
    expect(read(node)).toEqual({
      ranges: [],
      diagnostics: ['skipped: the alternatives of its criteria have more than 1000000 conditions'],
    });
  });
});

function read(criteria: OvalCriteria | undefined): {
  readonly ranges: readonly OvalRange[];
  readonly diagnostics: readonly string[];
} {
  const { ranges, diagnostics } = readOvalRanges(criteria, { rules, namespaces: [] });
  return { ranges, diagnostics: messagesOf(diagnostics) };
}

function placesOf(criteria: OvalCriteria): string[] {
  return read(criteria).ranges.map((range) => `${range.namespace} ${range.package}`);
}

function evr(operation: string, value: string): OvalField {
  return { name: 'evr', operation, value };
}

function named(comment: string): OvalCriterion {
  return { kind: 'criterion', ref: 't', comment, isNegated: false };
}

function lamp(fields: readonly OvalField[]): OvalCriterion {
  return packageNamed('lamp', fields);
}

function packageNamed(name: string, fields: readonly OvalField[]): OvalCriterion {
  const test = {
    kind: 'rpminfo',
    comment: '',
    check: 'all',
    checkExistence: 'at_least_one_exists',
    names: [name],
    fields,
  };
  return { ...named(`${name} is installed`), test };
}

function and(...children: OvalNode[]): OvalCriteria {
  return { kind: 'criteria', operator: 'AND', isNegated: false, children };
}

function or(...children: OvalNode[]): OvalCriteria {
  return { kind: 'criteria', operator: 'OR', isNegated: false, children };
}
