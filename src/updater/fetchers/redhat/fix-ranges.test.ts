import { describe, expect, it } from 'vitest';
import { rpm } from '../../../versions/rpm.ts';
import { type AffectedRange, affectedRanges, type Fix, type Open } from './fix-ranges.ts';

function main(version: string): Fix {
  return { version, line: 'main', rating: { severity: 'High' } };
}

function extended(version: string): Fix {
  return { ...main(version), line: 'extended' };
}

function last(version: string): Fix {
  return { ...main(version), line: 'last' };
}

const OPEN: Open = { status: 'ignored', rating: { severity: 'Low' } };

/** Returns the status of a version; undefined if the version is not affected. */
function statusOf(version: string, ranges: readonly AffectedRange[]): string | undefined {
  const found = ranges.filter(
    ({ introduced, fixed }) =>
      (introduced === undefined || compare(version, introduced) >= 0) &&
      (fixed === undefined || compare(version, fixed) < 0),
  );
  expect(found.length).toBeLessThanOrEqual(1);
  return found[0]?.status;
}

function compare(a: string, b: string): number {
  return Buffer.compare(rpm.key(a), rpm.key(b));
}

type Case = readonly [
  what: string,
  fixes: readonly Fix[],
  open: Open | undefined,
  states: Record<string, string | undefined>,
];

const CURL = [extended('7-14.el9_0.9'), main('7-23.el9_2.4'), main('7-26.el9_3.2')];
const KERNEL = [extended('5-70.101.1.el9_0'), extended('5-284.62.1.el9_2'), main('5-427.16.1.el9_4')];

describe('an installed version', () => {
  it.each<Case>([
    [
      'needs the only fix',
      [main('1-2.el9')],
      undefined,
      { '1-1.el9': 'fixed', '1-2.el9': undefined, '1-2.el9_1': undefined },
    ],
    [
      'needs the fix of its minor release',
      CURL,
      undefined,
      {
        '7-14.el9_0.8': 'fixed',
        '7-14.el9_0.9': undefined,
        '7-14.el9_0.10': undefined,
        '7-14.el9_1': 'fixed',
        '7-23.el9_2.3': 'fixed',
        '7-23.el9_2.4': undefined,
        '7-23.el9_2.11': undefined,
        '7-26.el9': 'fixed',
        '7-26.el9_3.2': undefined,
        '7-29.el9_4': undefined,
      },
    ],
    [
      'of a kernel needs the fix of its branch',
      KERNEL,
      undefined,
      {
        '5-70.90.1.el9_0': 'fixed',
        '5-70.122.1.el9_0': undefined,
        '5-162.6.1.el9_1': 'fixed',
        '5-284.62.1.el9_2': undefined,
        '5-284.90.1.el9_2': undefined,
        '5-362.8.1.el9_3': 'fixed',
        '5-427.16.1.el9_4': undefined,
      },
    ],
    [
      'needs the last of several fixes for one minor release',
      [main('1-5.el8_10'), main('1-7.el8_10')],
      undefined,
      { '1-5.el8_10': 'fixed', '1-6.el8_10': 'fixed', '1-7.el8_10': undefined },
    ],
    [
      'of a module needs one of several fixed builds',
      [main('1-2.module+el8.8.0+9+aa'), main('1-2.module+el8.8.0+9+11')],
      undefined,
      {
        '1-2.module+el8.8.0+8+22': 'fixed',
        '1-2.module+el8.8.0+9+aa': undefined,
        '1-2.module+el8.8.0+9+11': undefined,
      },
    ],
    [
      'without a branch needs the highest fix',
      [main('1-5.el8'), main('1-7.el8_10')],
      undefined,
      { '1-5.el8': 'fixed', '1-6.el8': 'fixed', '1-7.el8_10': undefined },
    ],
    [
      'above the fix with standard support is not affected, even if another branch has a higher fix',
      [main('1-5.el8_8'), extended('1-9.el8_9')],
      undefined,
      { '1-4.el8': 'fixed', '1-6.el8': undefined, '1-8.el8_9': undefined },
    ],
    [
      'needs a fix for subscribers',
      [extended('1-2.el8_2.1'), extended('1-2.el8_4.1')],
      undefined,
      {
        '1-1.el8': 'fixed-for-subscribers',
        '1-2.el8_2.1': undefined,
        '1-2.el8_3': 'fixed-for-subscribers',
        '1-2.el8_4.1': undefined,
        '1-3.el8': undefined,
      },
    ],
    ['is affected while the vulnerability is open', [], OPEN, { '0-0': 'ignored', '99-1': 'ignored' }],
    [
      'is affected while the vulnerability is open, unless subscribers have a fix',
      [extended('1-2.el8_2.1')],
      OPEN,
      { '1-2.el8_2': 'fixed-for-subscribers', '1-2.el8_2.2': undefined, '1-2.el8_3': 'ignored', '2-1.el8': 'ignored' },
    ],
    [
      'needs the fix of the last branch',
      [last('1-2.el7_9.1')],
      OPEN,
      { '1-2.el7_9': 'fixed-for-subscribers', '1-2.el7_9.1': undefined, '1-3.el7_9': undefined },
    ],
    [
      'is affected in branches without a fix while the vulnerability is open',
      [main('1-5.el8_8')],
      OPEN,
      { '1-4.el8': 'fixed', '1-5.el8_8.1': undefined, '1-6.el8_10': 'ignored' },
    ],
    [
      'is affected if the only fix names no branch',
      [extended('1-5.el8')],
      OPEN,
      { '1-4.el8': 'ignored', '1-5.el8': 'ignored', '1-6.el8': 'ignored' },
    ],
    ['is not affected without a statement', [], undefined, { '0-0': undefined, '1-1': undefined }],
  ])('%s', (_what, fixes, open, states) => {
    const ranges = affectedRanges(fixes, open);
    const backwards = affectedRanges(fixes.toReversed(), open);
    expect(backwards).toEqual(ranges);
    for (const [version, state] of Object.entries(states)) {
      expect([version, statusOf(version, ranges)]).toEqual([version, state]);
    }
  });

  it('has the worst severity of all fixes in its branch', () => {
    const fixes = [main('1-5.el8_10'), { ...main('1-7.el8_10'), rating: { severity: 'Low' } as const }];
    expect(affectedRanges(fixes)).toEqual([{ fixed: '1-7.el8_10', status: 'fixed', rating: { severity: 'High' } }]);
  });
});
