import { expect, it } from 'vitest';
import { timeSpanWords } from './time-span.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

it.each<[number, string]>([
  [6 * DAY_MS, '6 days'],
  [DAY_MS + 12 * 60 * 60 * 1000 + 59_000, '1 day 12 hours'],
  [5 * DAY_MS + 1000, '5 days 1 second'],
  [90_000, '1 minute 30 seconds'],
  [1999, '1 second'],
  [999, 'less than a second'],
  [0, 'less than a second'],
])('%d ms are "%s"', (milliseconds, words) => {
  expect(timeSpanWords(milliseconds)).toBe(words);
});
