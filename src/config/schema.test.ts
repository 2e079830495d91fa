import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { exampleConfiguration, withConfigurationKeys } from '../../scripts/configuration-table.ts';
import { defaultConfig, parseConfig } from './config-file.ts';
import { configKeys, configOf } from './schema.ts';

const textOf = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('every key', () => {
  it.each(configKeys())('$path has words, and a default that it accepts', ({ value, meaning, fallback, ...key }) => {
    expect([value.title, meaning, key.fallbackText]).not.toContain('');
    expect(fallback === undefined || value.accepts(fallback)).toBe(true);
  });

  it('has a value of its own', () => {
    expect(() => configOf(new Map([['api.port', 'x']]))).toThrow('values that no key accepts');
  });
});

describe('the documentation', () => {
  it('has the keys in docs/operating.md', () => {
    const text = textOf('docs/operating.md');
    expect(text).toBe(withConfigurationKeys(text));
  });

  it('needs the markers in docs/operating.md', () => {
    expect(() => withConfigurationKeys('# Operating\n')).toThrow('configuration');
  });

  it('has an example of every key', () => {
    const text = textOf('config.example.yaml');
    expect(text).toBe(exampleConfiguration());
    for (const { name } of configKeys()) expect(text).toMatch(new RegExp(`^(#| ) +(# )?${name}:`, 'm'));
  });

  it('has an example that configures what holds without one', () => {
    expect(parseConfig(exampleConfiguration(), 'config.example.yaml')).toEqual({
      config: defaultConfig(),
      notices: [],
    });
  });
});
