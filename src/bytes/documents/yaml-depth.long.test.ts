import { describe, expect, it } from 'vitest';
import { isNestedTooDeeply, MAX_YAML_DEPTH } from './yaml-depth.ts';

describe('the nesting of YAML', () => {
  it.each<[string, (levels: number) => string]>([
    ['lists in brackets', (levels) => '['.repeat(levels) + ']'.repeat(levels)],
    ['open brackets', (levels) => '['.repeat(levels)],
    ['maps in braces', (levels) => `${'{a: '.repeat(levels)}1${'}'.repeat(levels)}`],
    ['lists with hyphens', (levels) => `${'- '.repeat(levels)}1`],
    ['complex keys', (levels) => `${'? '.repeat(levels)}1`],
    ['indented maps', (levels) => Array.from({ length: levels }, (_, at) => `${' '.repeat(at)}a:\n`).join('')],
  ])('is limited for %s', (_, nested) => {
    expect(isNestedTooDeeply(nested(MAX_YAML_DEPTH))).toBe(false);
    expect(isNestedTooDeeply(nested(MAX_YAML_DEPTH + 1))).toBe(true);
  });

  it('counts only open collections', () => {
    expect(isNestedTooDeeply('a: [[], {}]\n'.repeat(1000))).toBe(false);
    expect(isNestedTooDeeply(`a: "${'['.repeat(1000)}"`)).toBe(false);
  });

  it('is found at the start of a long text', () => {
    expect(isNestedTooDeeply('['.repeat(10_000_000))).toBe(true);
  });
});
