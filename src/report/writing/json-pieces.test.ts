import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonLines, jsonPieces } from './json-pieces.ts';

const LONG = Array.from({ length: 120 }, (_, index) => index);

describe('JSON in pieces', () => {
  it.each<[string, object]>([
    ['nothing', {}],
    ['an empty list', []],
    ['a small object', { a: 1, b: [1, { c: 'x\ny' }], d: null }],
    ['a long list', LONG],
    ['an object with a long list deep inside', { a: { b: [{ c: LONG, d: [] }, {}] }, e: 'é\u2028"\n' }],
    ['undefined members', { a: undefined, b: LONG.map((each) => (each % 2 === 0 ? undefined : each)), c: () => 1 }],
    ['a long object of undefined members', Object.fromEntries(LONG.map((each) => [`k${each}`, undefined]))],
    ['keys that need escapes', Object.fromEntries(LONG.map((each) => [`"${each}\n`, { each }]))],
    [
      'large and small members in turns',
      { of: [1, LONG, { a: 1 }, 'x\ny', [LONG, undefined, [LONG, {}]], {}, [], null] },
    ],
    ['a list in lists', [[[LONG.map((each) => ({ each: [each] }))]]]],
    ['times and long lists of objects', { at: new Date(0), list: LONG.map((each) => ({ each, of: [each, 'x'] })) }],
  ])('equals the output of JSON.stringify: %s', (_, value) => {
    for (const space of [0, 2])
      expect([...jsonPieces(value, { space })].join('')).toBe(JSON.stringify(value, null, space));
  });

  it('equals the output of JSON.stringify for any lists and objects around the limits', () => {
    const scalar = fc.oneof(fc.string({ maxLength: 3 }), fc.integer(), fc.constant(null), fc.constant(undefined));
    const { value } = fc.letrec<{ value: unknown; list: unknown[] }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        scalar,
        tie('list'),
        fc.dictionary(fc.string({ maxLength: 3 }), tie('value')),
      ),
      list: fc
        .tuple(fc.array(tie('value'), { maxLength: 4 }), fc.constantFrom(1, 1, 1, 16, 17, 33))
        .map(([members, times]) => Array.from({ length: times }, () => members).flat()),
    }));
    fc.assert(
      fc.property(fc.record({ value }), fc.constantFrom(0, 2), (of, space) => {
        expect([...jsonPieces(of, { space })].join('')).toBe(JSON.stringify(of, null, space));
      }),
    );
  });

  it('writes an iterable as a list, one member at a time', () => {
    let made = 0;
    const lazy = {
      *[Symbol.iterator]() {
        for (const each of LONG) yield { each, at: (made += 1) };
      },
    };
    const pieces = jsonPieces({ list: lazy, none: new Set(), after: ['x'.repeat(70_000), lazy] }, { space: 2 });
    let text = pieces.next().value as string;
    expect(made).toBe(LONG.length);
    text += [...pieces].join('');
    const list = (start: number) => LONG.map((each) => ({ each, at: start + each + 1 }));
    const value = { list: list(0), none: [], after: ['x'.repeat(70_000), list(LONG.length)] };
    expect(text).toBe(JSON.stringify(value, null, 2));
  });

  it('maps its strings', () => {
    const value = { list: LONG.map((each) => `a${each}`) };
    const text = [...jsonPieces(value, { textOf: (each) => each.toUpperCase() })].join('');
    expect(JSON.parse(text)).toEqual({ list: LONG.map((each) => `A${each}`) });
  });

  it('has pieces of bounded length', () => {
    const pieces = [
      ...jsonPieces({ list: Array.from({ length: 20_000 }, (_, index) => ({ index, text: 'x'.repeat(20) })) }),
    ];
    expect(pieces.length).toBeGreaterThan(5);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(70_000);
  });
});

describe('JSON in lines', () => {
  it.each([
    ['plain text', '"plain text"'],
    ['é', '"é"'],
    ['\u007F', String.raw`"\u007f"`],
    ['\u202E', String.raw`"\u202e"`],
    ['##[error]', String.raw`"\u0023#[error]"`],
  ])('writes %j as %s', (text, written) => {
    expect([...jsonLines([text])].join('')).toBe(`[\n  ${written}\n]\n`);
  });
});
