import { describe, expect, it } from 'vitest';
import { defaultConfig } from '../../config/config-file.ts';
import type { Config } from '../../config/schema.ts';
import { updaterPlan } from './updater-settings.ts';

function configWith(ecosystems: string[]): Config {
  const config = defaultConfig();
  return { ...config, updater: { ...config.updater, osv: { ecosystems } } };
}

describe('the OSV ecosystems', () => {
  it('are all unless some are chosen', () => {
    expect(updaterPlan(configWith([]), ['osv']).settings.ecosystems).toBeUndefined();
    expect(updaterPlan(configWith(['npm', 'PyPI']), ['osv']).settings.ecosystems).toEqual(['npm', 'PyPI']);
  });

  it('have the names that OSV uses', () => {
    expect(() => updaterPlan(configWith(['npm', 'pypi']), ['osv'])).toThrow(
      'updater.osv.ecosystems: unknown ecosystem "pypi"; the ecosystems are Bitnami, crates.io, Go, Hex, Maven, npm, NuGet, Packagist, PyPI, RubyGems',
    );
  });
});
