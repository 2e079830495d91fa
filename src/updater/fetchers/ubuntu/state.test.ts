import { describe, expect, it } from 'vitest';
import { combineVerdicts, readSubscribersVerdict, readVerdict, type Verdict } from './state.ts';

describe('a state of the tracker', () => {
  it.each<[string, string, Verdict]>([
    ['not-affected', '(1.0-1)', {}],
    ['not-affected', '', {}],
    ['released', '(1.0-1ubuntu0.1)', { status: 'fixed', fixed: '1.0-1ubuntu0.1' }],
    ['released', '[2:1.0~rc1+dfsg-1]', { status: 'fixed', fixed: '2:1.0~rc1+dfsg-1' }],
    ['released', '((0.1)', { status: 'fixed', fixed: '0.1' }],
    ['released', '( 0.4-3 )', { status: 'fixed', fixed: '0.4-3' }],
    ['released-esm', '(1.0-1+esm1)', { status: 'fixed-for-subscribers', fixed: '1.0-1+esm1' }],
    ['pending', '(1.0-2)', { status: 'pending', fixed: '1.0-2' }],
    ['pending', '', { status: 'pending' }],
    ['needed', '', { status: 'open' }],
    ['needed', '(reached end-of-life)', { status: 'end-of-life' }],
    ['active', '(being worked on)', { status: 'open' }],
    ['deferred', '(2099-01-01)', { status: 'postponed' }],
    ['deferred', '', { status: 'postponed' }],
    ['needs-triage', '', { status: 'under-investigation' }],
    ['needs-triage', '(reached end of life)', { status: 'end-of-life' }],
    ['', '', { status: 'under-investigation' }],
    ['ignored', '', { status: 'ignored' }],
    ['ignored', '(no fix available)', { status: 'ignored' }],
    ['ignored', '(reached end-of-life)', { status: 'end-of-life' }],
    ['ignored', '(was needed now end-of-life)', { status: 'end-of-life' }],
    ['ignored', '(end of standard support, was needed)', { status: 'end-of-life' }],
    ['ignored', '(end of ESM support, was deferred)', { status: 'end-of-life' }],
    ['ignored', '(out of standard support)', { status: 'end-of-life' }],
    ['ignored', '(was needs-triage ESM criteria)', { status: 'end-of-life' }],
    ['ignored', '(upstream foo is EoL)', { status: 'ignored' }],
    ['ignored', '(geology)', { status: 'ignored' }],
    ['2.0.0.8', '', { status: 'fixed', fixed: '2.0.0.8' }],
  ])('%s %s', (state, note, expected) => expect(readVerdict(state, note)).toEqual(expected));

  it.each<[string, string, string]>([
    ['released', '', 'treated as affected: missing fixed version'],
    ['released', '(1.2, 1.3)', 'treated as affected: invalid fixed version (1.2, 1.3)'],
    ['released', '(in 1.0)', 'treated as affected: invalid fixed version (in 1.0)'],
    ['released', '(1:)', 'treated as affected: invalid fixed version (1:)'],
    ['fixed', '(1.0)', 'treated as affected: unknown state "fixed"'],
    ['Needed', '', 'treated as affected: unknown state "Needed"'],
    ['1.0', '(note)', 'treated as affected: unknown state "1.0"'],
  ])('%s %s is unknown', (state, note, diagnostic) => {
    expect(readVerdict(state, note)).toEqual({ status: 'unknown', diagnostic });
  });

  it('a pending fix without a version is kept without a version, with a diagnostic', () => {
    expect(readVerdict('pending', '(2.2.33, 2.4.26)')).toEqual({
      status: 'pending',
      diagnostic: 'treated as affected in all versions: invalid fixed version (2.2.33, 2.4.26)',
    });
  });
});

describe('for subscribers, "not affected" from a version on is a fix', () => {
  it.each<[string, string, Verdict]>([
    ['not-affected', '(1.0-1+esm1)', { status: 'fixed-for-subscribers', fixed: '1.0-1+esm1' }],
    ['not-affected', '(1.0-1~esm2)', { status: 'fixed-for-subscribers', fixed: '1.0-1~esm2' }],
    ['not-affected', '(4.4.0-21.37)', { status: 'fixed', fixed: '4.4.0-21.37' }],
    ['released', '(1.0-1+esm1)', { status: 'fixed-for-subscribers', fixed: '1.0-1+esm1' }],
    ['released', '(4.4.0-251.285)', { status: 'fixed-for-subscribers', fixed: '4.4.0-251.285' }],
    ['not-affected', '(code not present)', {}],
    ['not-affected', '', {}],
    ['needed', '', { status: 'open' }],
  ])('%s %s', (state, note, expected) => expect(readSubscribersVerdict(state, note)).toEqual(expected));
});

describe('the archive and the pockets for subscribers', () => {
  const FIXED: Verdict = { status: 'fixed', fixed: '1.0' };
  const ESM: Verdict = { status: 'fixed-for-subscribers', fixed: '1.0+esm1' };
  const LATER: Verdict = { status: 'fixed-for-subscribers', fixed: '1.0+esm10' };
  const OPEN: Verdict = { status: 'open' };
  const ENDED: Verdict = { status: 'end-of-life' };
  const CLEAR: Verdict = {};

  it.each<[string, Verdict | undefined, readonly Verdict[], Verdict | undefined]>([
    ['no verdict', undefined, [], undefined],
    ['a verdict of the archive only', OPEN, [], OPEN],
    ['a fix for all users', FIXED, [ESM], FIXED],
    ['not affected in the archive', CLEAR, [OPEN], CLEAR],
    ['a pending fix for all users', { status: 'pending' }, [ESM], { status: 'pending' }],
    ['an unknown state', { status: 'unknown', diagnostic: 'x' }, [ESM], { status: 'unknown', diagnostic: 'x' }],
    ['a fix for subscribers', OPEN, [ESM], { status: 'fixed-for-subscribers', fixed: '1.0+esm1' }],
    [
      'a fix for subscribers after the end of life',
      ENDED,
      [ESM],
      { status: 'fixed-for-subscribers', fixed: '1.0+esm1' },
    ],
    [
      'the later of two fixes for subscribers',
      ENDED,
      [LATER, ESM],
      { status: 'fixed-for-subscribers', fixed: '1.0+esm10' },
    ],
    ['a fix in the archive before the end of life', ENDED, [FIXED], FIXED],
    ['a later fix for subscribers', ENDED, [FIXED, ESM], ESM],
    ['subscribers only, with a fix', undefined, [ESM, OPEN], { status: 'fixed-for-subscribers', fixed: '1.0+esm1' }],
    ['subscribers only, without a fix', undefined, [CLEAR, { status: 'postponed' }, OPEN], OPEN],
    ['subscribers only, not affected', undefined, [CLEAR], CLEAR],
    ['no fix for subscribers after the end of life', ENDED, [OPEN], ENDED],
    ['subscribers not affected after the end of life', ENDED, [CLEAR], CLEAR],
    ['only one pocket not affected after the end of life', ENDED, [CLEAR, OPEN], ENDED],
    ['affected, but subscribers are not', OPEN, [CLEAR], OPEN],
  ])('%s', (_, archive, esm, expected) => expect(combineVerdicts(archive, esm)).toEqual(expected));
});
