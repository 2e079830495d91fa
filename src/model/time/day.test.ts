import { expect, it } from 'vitest';
import { dayText, isDay } from './day.ts';

it.each(['2026-01-31', '2024-02-29', '1999-12-31', '0001-01-01'])('%s is a day', (text) => {
  expect(isDay(text)).toBe(true);
});

it.each(['2026-02-30', '2025-02-29', '2026-04-31', '2026-13-01', '2026-00-10', '2026-01-00', '2026-1-31'])(
  '%s is not a day of the calendar',
  (text) => {
    expect(isDay(text)).toBe(false);
  },
);

it.each(['', '20260131', '2026-01-31T00:00:00Z', ' 2026-01-31', '2026-01-31\n', '+12026-01-31', 'soon'])(
  '%j does not have the form of a day',
  (text) => {
    expect(isDay(text)).toBe(false);
  },
);

it('the text of a time is a day', () => {
  expect(dayText(Date.UTC(2026, 0, 31, 23, 59))).toBe('2026-01-31');
  expect(isDay(dayText(Date.UTC(2024, 1, 29)))).toBe(true);
});
