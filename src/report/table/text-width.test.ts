import { describe, expect, it } from 'vitest';
import { textWidth } from './text-width.ts';

describe('the width of a text', () => {
  it.each([
    ['', 0],
    ['libssl3 3.0.1~deb12u1', 21],
    ['日本', 4],
    ['cafe\u0301', 4],
    ['\u001b[31mhigh\u001b[39m', 4],
    ['a\tb', 2],
    ['\u007f', 0],
  ])('%j is %d columns', (text, columns) => {
    expect(textWidth(text)).toBe(columns);
  });
});
