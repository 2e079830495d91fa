import { expect, it } from 'vitest';
import { NAMES, program, read } from '../testing/go-program.ts';

it('fewer than 8 of a million other names are mistaken for functions of a program', () => {
  const names = Array.from({ length: 5000 }, (_, index) => `example.org/one.F${index}x`);
  const { hasSymbol } = read(program(['runtime.main', ...names]));
  let wrong = 0;
  for (let index = 0; index < 1_000_000; index += 1) if (hasSymbol('example.org/one', `G${index}x`)) wrong += 1;
  expect(wrong).toBeLessThan(8);
  expect(names.every((_, index) => hasSymbol('example.org/one', `F${index}x`))).toBe(true);
});

it('the functions of a program are unknown with too many packages', () => {
  const { unknown, hasPackage } = read(
    program([...NAMES, ...Array.from({ length: 100_000 }, (_, index) => `p${index}.F`)]),
  );
  expect(unknown).toBe('the program has more than 100000 packages');
  expect(hasPackage('runtime')).toBe(false);
});
