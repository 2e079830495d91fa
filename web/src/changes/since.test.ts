import { describe, expect, it } from 'vitest';
import { type Since, sinceOf, startOf } from './since.ts';

describe('the start of a period', () => {
  it.each([
    ['all', 'all'],
    ['1d', '1d'],
    ['30d', '30d'],
    ['2026-01-31', '2026-01-31'],
    ['2026-02-30', '7d'],
    ['2026-13-01', '7d'],
    ['2d', '7d'],
    [null, '7d'],
  ])('%s is read as %s', (text, since) => {
    expect(sinceOf(text)).toBe(since);
  });

  it.each<[Since, string | undefined]>([
    ['all', undefined],
    ['1d', '2026-01-30T12:00:00.000Z'],
    ['7d', '2026-01-24T12:00:00.000Z'],
    ['2026-01-05', '2026-01-05T00:00:00.000Z'],
  ])('%s is the time %s', (since, time) => {
    expect(startOf(since, Date.UTC(2026, 0, 31, 12))).toBe(time);
  });
});
