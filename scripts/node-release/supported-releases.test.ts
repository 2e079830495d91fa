import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SHIPPED_NODE } from './node-package.ts';
import { smokeReleases } from './supported-releases.ts';

const PUBLISHED = ['20.20.2', '20.19.0', '22.9.0', '22.23.1', '22.12.0', '23.4.0', '24.9.0', '24.21.0', '26.12.1'];

describe('smokeReleases', () => {
  it('returns the oldest release of the oldest line and the newest release of each other line', () => {
    expect(smokeReleases('^20.19.0 || ^22.12.0 || ^24.0.0', PUBLISHED)).toEqual(['20.19.0', '22.23.1', '24.21.0']);
  });

  it.each(['>=20', '^20', '20.19.0'])('rejects the range %s', (range) => {
    expect(() => smokeReleases(range, PUBLISHED)).toThrow('is not in the form');
  });

  it('rejects a line without published releases', () => {
    expect(() => smokeReleases('^22.24.0', PUBLISHED)).toThrow('no Node release in the range ^22.24.0');
  });
});

describe('package.json', () => {
  it('allows the tested lines and the Node release of the executable', () => {
    const { engines }: { engines: { node: string } } = JSON.parse(readFileSync('package.json', 'utf8'));
    const lines = smokeReleases(engines.node, PUBLISHED).map((release) => Number.parseInt(release, 10));
    expect(lines).toEqual([20, 22, 24]);
    expect(lines.at(-1)).toBe(Number.parseInt(SHIPPED_NODE, 10));
  });
});
