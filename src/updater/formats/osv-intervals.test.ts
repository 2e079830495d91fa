import { describe, expect, it } from 'vitest';
import { type OsvInterval, osvIntervals } from './osv-intervals.ts';

type Events = readonly Readonly<Record<string, unknown>>[];

function intervalsOf(...ranges: readonly Events[]): readonly OsvInterval[] {
  return osvIntervals({ ranges: ranges.map((events) => ({ type: 'ECOSYSTEM', events })) }, 'dpkg').intervals;
}

/** Formats an interval as `[introduced, end)`, or `[introduced, end]` if the end is affected. */
function written({ introduced = '0', end, isUnsure }: OsvInterval): string {
  const bracket = end?.kind === 'last-affected' ? ']' : ')';
  return `[${introduced}, ${end?.version ?? '∞'}${bracket}${end?.kind === 'limit' ? ' limit' : ''}${isUnsure ? ' ?' : ''}`;
}

describe('the events of a range', () => {
  it.each<[string, Events, readonly string[]]>([
    ['introduced only', [{ introduced: '0' }], ['[0, ∞)']],
    ['introduced at a version', [{ introduced: '1.2' }], ['[1.2, ∞)']],
    ['fixed', [{ introduced: '0' }, { fixed: '2' }], ['[0, 2)']],
    ['last affected', [{ introduced: '1' }, { last_affected: '2' }], ['[1, 2]']],
    ['both in one event, as in older records', [{ introduced: '1', fixed: '2' }], ['[1, 2)']],
    ['in any order', [{ fixed: '2' }, { introduced: '0' }], ['[0, 2)']],
    [
      'several pairs in any order',
      [{ fixed: '4' }, { introduced: '1' }, { introduced: '3' }, { fixed: '2' }],
      ['[1, 2)', '[3, 4)'],
    ],
    ['by the order of the scheme, not of texts', [{ introduced: '9' }, { fixed: '10' }], ['[9, 10)']],
    [
      'affected again from the fixed version on',
      [{ introduced: '1' }, { fixed: '2' }, { introduced: '2' }],
      ['[1, 2)', '[2, ∞)'],
    ],
    ['one version only', [{ introduced: '2' }, { last_affected: '2' }], ['[2, 2]']],
    ['no version', [{ introduced: '2' }, { fixed: '2' }], []],
    [
      'no version and others, as in RUSTSEC-2024-0399',
      [{ introduced: '0.23.0' }, { fixed: '0.23.0' }, { introduced: '0.23.13' }, { fixed: '0.23.18' }],
      ['[0.23.13, 0.23.18)'],
    ],
    [
      'versions before and after one that is fixed and introduced',
      [{ introduced: '0' }, { fixed: '2' }, { introduced: '2' }, { fixed: '3' }],
      ['[0, 2)', '[2, 3)'],
    ],
    [
      'a second start at the version of the fix',
      [{ introduced: '1' }, { introduced: '2' }, { fixed: '2' }],
      ['[1, 2)', '[2, ∞)'],
    ],
    ['the first of two fixes', [{ introduced: '0' }, { fixed: '3' }, { fixed: '2' }], ['[0, 2)']],
    ['the first of two starts', [{ introduced: '2' }, { introduced: '1' }, { fixed: '3' }], ['[1, 3)']],
    ['a limit', [{ introduced: '1' }, { limit: '5' }], ['[1, 5) limit']],
    ['a limit after the fix', [{ introduced: '1' }, { fixed: '3' }, { limit: '5' }], ['[1, 3)']],
    ['a limit before the start', [{ introduced: '6' }, { limit: '5' }], []],
    ['the higher of two limits', [{ introduced: '1' }, { limit: '3' }, { limit: '5' }], ['[1, 5) limit']],
    ['an unlimited range', [{ introduced: '1' }, { limit: '5' }, { limit: '*' }], ['[1, ∞)']],
  ])('%s', (_, events, expected) => {
    expect(intervalsOf(events).map(written)).toEqual(expected);
  });

  it.each<[string, Events]>([
    ['with an unknown name', [{ introduced: '0' }, { repaired: '2' }]],
    ['with an invalid version', [{ introduced: '0' }, { fixed: 'next week' }]],
    ['with a number', [{ introduced: 0 }]],
    ['without members', [{ introduced: '0' }, {}]],
    ['that are an empty list', []],
    ['with only a limit', [{ limit: '2' }]],
  ])('%s select the widest range', (_, events) => {
    const { intervals, diagnostics } = osvIntervals({ ranges: [{ type: 'ECOSYSTEM', events }] }, 'dpkg');
    expect(intervals.map(written)).toEqual(['[0, ∞) ?']);
    expect(diagnostics).toEqual([expect.stringContaining('treated as affected in all versions')]);
  });

  it.each(['fixed', 'last_affected'])(
    'with %s below the start are affected from the start on, with a diagnostic',
    (end) => {
      const events = [{ introduced: '2' }, { [end]: '1' }];
      const { intervals, diagnostics } = osvIntervals({ ranges: [{ type: 'ECOSYSTEM', events }] }, 'dpkg');
      expect(intervals.map(written)).toEqual(['[2, ∞)']);
      expect(diagnostics).toEqual([
        'a `fixed` or `last_affected` version without an earlier `introduced` version was ignored',
      ]);
    },
  );

  it('without a start begin at the first version', () => {
    const { intervals, diagnostics } = osvIntervals(
      { ranges: [{ type: 'ECOSYSTEM', events: [{ fixed: '2' }] }] },
      'dpkg',
    );
    expect(intervals.map(written)).toEqual(['[0, 2)']);
    expect(diagnostics).toEqual([expect.stringContaining('a range has no start')]);
  });
});

describe('the semantic versions of a range', () => {
  const read = (events: Events, rest: object = {}): ReturnType<typeof osvIntervals> =>
    osvIntervals({ ranges: [{ type: 'SEMVER', events }], ...rest }, 'semver');

  it.each<[string, Events, readonly string[]]>([
    ['one number', [{ introduced: '1' }, { fixed: '2' }], ['[1.0.0, 2.0.0)']],
    ['two numbers, as in GHSA-wcg3-cvx6-7396', [{ introduced: '0.1' }, { last_affected: '0.2' }], ['[0.1.0, 0.2.0]']],
    ['a pre-release or a prefix', [{ introduced: 'v1.2-rc.1' }, { fixed: '2+b.1' }], ['[v1.2.0-rc.1, 2.0.0+b.1)']],
    ['all numbers', [{ introduced: '0' }, { fixed: '1.2.3' }], ['[0, 1.2.3)']],
  ])('get the missing numbers: %s', (_, events, expected) => {
    const { intervals, diagnostics } = read(events);
    expect(intervals.map(written)).toEqual(expected);
    expect(diagnostics).toEqual([]);
  });

  it('get the missing numbers of the last known affected version', () => {
    const known = { database_specific: { last_known_affected_version_range: '< 2.1' } };
    expect(read([{ introduced: '0' }], known).intervals.map(written)).toEqual(['[0, 2.1.0) limit']);
  });

  it.each(['1.2.3.4', '2.x', '1.0RC2', ''])('select the widest range if they remain invalid: %j', (fixed) => {
    expect(read([{ introduced: '0' }, { fixed }]).intervals.map(written)).toEqual(['[0, ∞) ?']);
  });
});

describe('a range without an end', () => {
  const known = (text: unknown, events: Events): ReturnType<typeof osvIntervals> =>
    osvIntervals(
      { ranges: [{ type: 'ECOSYSTEM', events }], database_specific: { last_known_affected_version_range: text } },
      'dpkg',
    );

  it.each<[string, Events, readonly string[]]>([
    ['<= 29.0', [{ introduced: '1' }], ['[1, 29.0]']],
    ['< 15.5.1', [{ introduced: '0' }], ['[0, 15.5.1) limit']],
    [' <=1 ', [{ introduced: '1' }], ['[1, 1]']],
    ['<= 9', [{ introduced: '0' }, { fixed: '2' }, { introduced: '3' }], ['[0, 2)', '[3, 9]']],
    ['<= 9', [{ introduced: '0' }, { fixed: '2' }], ['[0, 2)']],
    ['<= 1', [{ introduced: '0' }, { last_affected: '2' }], ['[0, 2]']],
  ])('ends at the last known affected version: %s', (text, events, expected) => {
    const { intervals, diagnostics } = known(text, events);
    expect(intervals.map(written)).toEqual(expected);
    expect(diagnostics).toEqual([]);
  });

  it.each<[unknown, string]>([
    ['<= 1', 'the end of the affected versions is at or below their start'],
    ['< 2', 'the end of the affected versions is at or below their start'],
    ['> 1', 'the end of the affected versions is invalid'],
    ['<= next week', 'the end of the affected versions is invalid'],
    [{ to: '9' }, 'the end of the affected versions is invalid'],
  ])('stays open, with a diagnostic, for %j', (text, message) => {
    const { intervals, diagnostics } = known(text, [{ introduced: '2' }]);
    expect(intervals.map(written)).toEqual(['[2, ∞)']);
    expect(diagnostics).toEqual([expect.stringContaining(message)]);
  });

  it('has no end if the range could not be read', () => {
    expect(known('<= 9', [{ introduced: 'next week' }]).intervals.map(written)).toEqual(['[0, ∞) ?']);
  });
});

describe('the ranges of a package', () => {
  it('are merged', () => {
    const ranges = [[{ introduced: '0' }, { fixed: '1' }], [{ introduced: '2' }]];
    expect(intervalsOf(...ranges).map(written)).toEqual(['[0, 1)', '[2, ∞)']);
  });

  it('of commits are ignored', () => {
    const git = { type: 'GIT', repo: 'https://git.example.org/', events: [{ introduced: '0' }] };
    const ours = { type: 'SEMVER', events: [{ introduced: '1' }] };
    expect(osvIntervals({ ranges: [git, ours] }, 'dpkg').intervals.map(written)).toEqual(['[1, ∞)']);
  });

  it.each<[string, object]>([
    ['of an unknown type', { ranges: [{ type: 'MOON', events: [{ introduced: '1' }] }] }],
    ['of commits only', { ranges: [{ type: 'GIT', events: [{ introduced: '0' }] }] }],
    ['that are not a list', { ranges: 'all' }],
    ['that are absent, with an empty list of versions', { versions: [] }],
  ])('%s select the widest range', (_, affected) => {
    const { intervals, diagnostics } = osvIntervals({ ...affected }, 'dpkg');
    expect(intervals.map(written)).toEqual(['[0, ∞) ?']);
    expect(diagnostics).toHaveLength(1);
  });
});

describe('the list of versions', () => {
  it('is the affected versions if there is no range', () => {
    const { intervals, diagnostics } = osvIntervals({ versions: ['1.0', '1.2'] }, 'dpkg');
    expect(intervals.map(written)).toEqual(['[1.0, 1.0]', '[1.2, 1.2]']);
    expect(diagnostics).toEqual([]);
  });

  it('adds the versions outside every range', () => {
    const ranges = [{ type: 'ECOSYSTEM', events: [{ introduced: '1' }, { fixed: '2' }] }];
    const versions = ['0.9', '1', '1.5', '2'];
    expect(osvIntervals({ ranges, versions }, 'dpkg').intervals.map(written)).toEqual([
      '[1, 2)',
      '[0.9, 0.9]',
      '[2, 2]',
    ]);
  });

  it('loses only malformed versions', () => {
    const { intervals, diagnostics } = osvIntervals({ versions: ['1.0', 'all of them', 7] }, 'dpkg');
    expect(intervals.map(written)).toEqual(['[1.0, 1.0]']);
    expect(diagnostics).toEqual([expect.stringContaining('"all of them"'), expect.stringContaining('7')]);
  });

  it('with only malformed versions selects the widest range', () => {
    const { intervals, diagnostics } = osvIntervals({ versions: ['all of them'] }, 'dpkg');
    expect(intervals.map(written)).toEqual(['[0, ∞) ?']);
    expect(diagnostics).toHaveLength(2);
  });
});
