import { expect, it } from 'vitest';
import { type Markup, markup, piecesOf, rowsOf } from './markup.ts';

it('creates rows while writing, in pieces of 64 KiB', () => {
  let made = 0;
  const row = (number: number): Markup => {
    made += 1;
    return markup`<li>${number}</li>\n`;
  };
  const numbers = Array.from({ length: 20_000 }, (_, index) => index);
  const list = markup`<ul>${rowsOf(numbers, row)}</ul>`;
  expect(made).toBe(0);
  const pieces = piecesOf(list);
  const first = pieces.next().value ?? '';
  expect(made).toBeLessThan(10_000);
  const rest = [...pieces];
  expect(made).toBe(20_000);
  expect([first, ...rest].every((piece) => piece.length <= 64 * 1024)).toBe(true);
  expect([first, ...rest].join('')).toBe(`<ul>${numbers.map((number) => `<li>${number}</li>\n`).join('')}</ul>`);
});
