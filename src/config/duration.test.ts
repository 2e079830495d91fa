import { expect, it } from 'vitest';
import { parseDuration } from './duration.ts';

it.each([
  ['2h', 7_200_000],
  ['1h30m', 5_400_000],
  ['90s', 90_000],
  ['5d', 432_000_000],
  ['1d2h3m4s5ms', 93_784_005],
  ['1.5h', 5_400_000],
  ['2h1d', 93_600_000],
  ['250us', 0.25],
  ['0', 0],
  ['0s', 0],
])('%s is %d ms', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

it.each(['', '2', 'h', '2 h', '-2h', '1.h.', '1e3s', '2H', '2hours', '9999999999h'])('%j is not a duration', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});
