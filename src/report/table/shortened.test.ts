import { describe, expect, it } from 'vitest';
import { shortenedColumns } from './shortened.ts';

describe('a shortened text', () => {
  it.each([
    ['fits', 4, 'fits'],
    ['does not', 5, 'does…'],
    ['three words here', 7, 'three…'],
    ['日本語', 6, '日本語'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['', 3, ''],
  ])('of %j in %d columns is %j', (text, columns, expected) => {
    expect(shortenedColumns(text, columns)).toBe(expected);
  });

  it('of combining marks is cut too', () => {
    expect(shortenedColumns('\u0301'.repeat(100_000), 10).length).toBeLessThan(100);
  });
});
