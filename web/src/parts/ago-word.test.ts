import { describe, expect, it } from 'vitest';
import { agoInWords } from './ago-word.tsx';

const NOW = Date.parse('2026-03-01T12:00:00.000Z');

describe('the age of a time', () => {
  it.each([
    ['2026-03-01T11:59:30.000Z', 'just now'],
    ['2026-03-01T11:58:30.000Z', '1 min ago'],
    ['2026-03-01T09:00:00.000Z', '3 h ago'],
    ['2026-02-28T11:59:00.000Z', '1 day ago'],
    ['2026-02-01T13:00:00.000Z', '27 days ago'],
    ['2026-01-30T11:00:00.000Z', '2026-01-30'],
    ['2026-03-01T12:00:01.000Z', '2026-03-01'],
    ['no time', 'no time'],
  ])('%s is %s', (at, words) => {
    expect(agoInWords(at, NOW)).toBe(words);
  });
});
