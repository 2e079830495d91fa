import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { textWidth } from './text-width.ts';

describe('the width of a text', () => {
  it.each([
    ['', 0],
    ['libssl3 3.0.1~deb12u1', 21],
    ['shortened…', 10],
    ['日本', 4],
    ['cafe\u0301', 4],
    ['한국', 4],
    ['\u1112\u1161\u11ab', 2],
    ['👍', 2],
    ['a\u200b\u202eb', 2],
    ['a\tb', 2],
    ['\u007f', 0],
  ])('%j is %d columns, as in string-width', (text, columns) => {
    expect(textWidth(text)).toBe(columns);
    expect(stringWidth(text)).toBe(columns);
  });

  it('of a sequence of emoji is the sum of their widths', () => {
    expect(textWidth('👩\u200d💻')).toBe(4);
  });
});
