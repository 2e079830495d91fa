import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { configurationPage, exampleConfiguration } from '../../scripts/configuration-page.ts';
import { defaultConfig, parseConfig } from './config-file.ts';
import { configKeys, configOf } from './schema.ts';

const textOf = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('every key', () => {
  it.each(configKeys())('$path has documentation and a valid default', ({ value, meaning, fallback, ...key }) => {
    expect([value.title, meaning, key.fallbackText]).not.toContain('');
    expect(fallback === undefined || value.accepts(fallback)).toBe(true);
  });

  it('rejects a value that its schema does not accept', () => {
    expect(() => configOf(new Map([['api.port', 'x']]))).toThrow('values that its keys do not accept');
  });
});

describe('the documentation', () => {
  it('has an up-to-date docs/reference/configuration.md (scripts/write-configuration.ts)', () => {
    const text = textOf('docs/reference/configuration.md');
    expect(text).toBe(configurationPage());
    for (const { path } of configKeys()) expect(text).toContain(`| \`${path}\`<br>`);
  });

  it('has an up-to-date config.example.yaml with every key', () => {
    const text = textOf('config.example.yaml');
    expect(text).toBe(exampleConfiguration());
    for (const { name } of configKeys()) expect(text).toMatch(new RegExp(`^(#| ) +(# )?${name}:`, 'm'));
  });

  it('has an example that equals the defaults', () => {
    expect(parseConfig(exampleConfiguration(), 'config.example.yaml')).toEqual({
      config: defaultConfig(),
      notices: [],
    });
  });
});
