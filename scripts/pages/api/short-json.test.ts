import { describe, expect, it } from 'vitest';
import { shortJson, shortText } from './short-json.ts';

describe('a JSON value of an example', () => {
  it('is one line if it fits', () => {
    expect(shortJson({ a: [1, 'b'], c: {}, d: null })).toBe('{ "a": [1, "b"], "c": {}, "d": null }');
  });

  it('has one field a line if it does not fit', () => {
    const [a, b] = ['x'.repeat(60), 'y'.repeat(60)];
    expect(shortJson({ a, b: { c: b } })).toBe(`{\n  "a": "${a}",\n  "b": { "c": "${b}" }\n}`);
  });

  it('has the first items of a list and the number of further items', () => {
    expect(shortJson({ list: [[1, 2], [3]], n: 1 }, 1)).toBe(
      '{\n  "list": [\n    [\n      1\n      // 1 more\n    ]\n    // 1 more\n  ],\n  "n": 1\n}',
    );
  });

  it('has strings of at most 160 characters', () => {
    expect(shortJson('x'.repeat(161))).toBe(`"${'x'.repeat(159)}…"`);
  });
});

it('a text of an example has a limited number of lines and columns', () => {
  expect(shortText(`a\n${'b'.repeat(101)}\nc\n`, 2)).toBe(`a\n${'b'.repeat(99)}…\n…`);
  expect(shortText('a\n', 2)).toBe('a');
});
