import { describe, expect, it } from 'vitest';
import { configKeys, configOf } from './schema.ts';

describe('every key', () => {
  it.each(configKeys())('$path has documentation and a valid default', ({ value, meaning, fallback, ...key }) => {
    expect([value.title, meaning, key.fallbackText]).not.toContain('');
    expect(fallback === undefined || value.accepts(fallback)).toBe(true);
  });

  it('rejects a value that its schema does not accept', () => {
    expect(() => configOf(new Map([['api.port', 'x']]))).toThrow('the section api has invalid values');
  });
});
