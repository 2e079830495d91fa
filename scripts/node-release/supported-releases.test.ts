import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SHIPPED_NODE } from './node-package.ts';
import { smokeReleases } from './supported-releases.ts';

const PUBLISHED = ['20.20.2', '20.19.0', '22.9.0', '22.23.1', '22.12.0', '23.4.0', '24.9.0', '24.21.0', '26.12.1'];

describe('the releases of the smoke run', () => {
  it('are the oldest of the oldest line, and the newest of each other line', () => {
    expect(smokeReleases('^20.19.0 || ^22.12.0 || ^24.0.0', PUBLISHED)).toEqual(['20.19.0', '22.23.1', '24.21.0']);
  });

  it.each(['>=20', '^20', '20.19.0'])('cannot be told from the range %s', (range) => {
    expect(() => smokeReleases(range, PUBLISHED)).toThrow('is not in the form');
  });

  it('cannot be told for a line of which nothing is published', () => {
    expect(() => smokeReleases('^22.24.0', PUBLISHED)).toThrow('no release of Node that ^22.24.0 allows');
  });
});

describe('package.json', () => {
  it('allows the lines that are tested, and the Node that Clair ships with', () => {
    const { engines }: { engines: { node: string } } = JSON.parse(readFileSync('package.json', 'utf8'));
    const lines = smokeReleases(engines.node, PUBLISHED).map((release) => Number.parseInt(release, 10));
    expect(lines).toEqual([20, 22, 24]);
    expect(lines.at(-1)).toBe(Number.parseInt(SHIPPED_NODE, 10));
  });
});
