import { describe, expect, it } from 'vitest';
import { defaultConfig } from '../config/config-file.ts';
import { backOff } from './back-off.ts';

describe('the pause after failures', () => {
  it.each([
    [1, 0, 1000],
    [1, 1, 750],
    [2, 0, 2000],
    [5, 0, 16_000],
    [10, 0, 512_000],
    [11, 0, 900_000],
    [5000, 1, 675_000],
  ])('%d failures with random %d: %d ms', (failures, random, expected) => {
    expect(backOff(failures, random)).toBe(expected);
  });
});

it('spans more than a day with the default number of attempts, for any random value', () => {
  const { attempts } = defaultConfig().notifier;
  let sum = 0;
  for (let failures = 1; failures < attempts; failures += 1) sum += backOff(failures, 1);
  expect(sum).toBeGreaterThan(24 * 60 * 60 * 1000);
});
