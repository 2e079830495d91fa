import { describe, expect, it } from 'vitest';
import type { GraphInterval, GraphLine } from '../api-shapes.ts';
import { intervalInWords, linesOfLayer, versionScale } from './version-scale.ts';

function interval(from: string, to: string, isToAffected = false): GraphInterval {
  return { vulnerability: 'CVE-1', from, to, isToAffected, severity: 'High' };
}

const LINE: GraphLine = {
  namespace: 'debian:12',
  name: 'openssl',
  versions: ['1.0', '1.1~rc1', '1.1'],
  points: [
    { version: '1.0', layer: 0, until: 2, packages: ['openssl'] },
    { version: '1.1', layer: 2, until: null, packages: ['openssl'] },
  ],
  intervals: [interval('0', '1.1'), interval('1.1~rc1', '∞'), interval('2.0', '∞')],
};

describe('the scale of a version line', () => {
  it('goes from 0 to ∞, in the order of the line', () => {
    expect(versionScale(LINE).versions).toEqual(['0', '1.0', '1.1~rc1', '1.1', '∞']);
  });

  it('has the positions of the intervals, and leaves out intervals with unknown versions', () => {
    expect(versionScale(LINE).bars.map(({ from, to }) => [from, to])).toEqual([
      [0, 3],
      [2, 4],
    ]);
  });

  it('has the positions of the installed versions', () => {
    expect(versionScale(LINE).dots.map(({ point, at }) => [point.version, at])).toEqual([
      ['1.0', 1],
      ['1.1', 3],
    ]);
  });

  it('belongs to the layers that add or remove a version on a vulnerable line', () => {
    const onOf = (layer: number): number => linesOfLayer([LINE, { ...LINE, intervals: [] }], layer).length;
    expect([0, 1, 2].map(onOf)).toEqual([1, 0, 1]);
  });

  it.each([
    [interval('0', '1.1'), 'from 0, before 1.1'],
    [interval('1.0', '1.1', true), 'from 1.0 through 1.1'],
    [interval('0', '∞'), 'from 0, no fix'],
  ])('describes %j as %s', (of, words) => {
    expect(intervalInWords(of)).toBe(words);
  });
});
