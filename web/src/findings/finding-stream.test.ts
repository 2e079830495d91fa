import { describe, expect, it } from 'vitest';
import type { Severity } from '../../../src/model/severity.ts';
import type { GraphFinding } from '../api-shapes.ts';
import { findingStream, streamShapes, widestOf } from './finding-stream.ts';

function findings(...severities: readonly Severity[]): readonly GraphFinding[] {
  return severities.map((severity, index) => {
    const words = { package: 'a', version: '1', status: 'open', fixedIn: null } as const;
    return { id: `CVE-${index}`, severity, isSuppressed: false, ...words };
  });
}

// Counts are in the order Defcon1, Critical, High, Medium, Low, Negligible, Unknown.
const LAYERS = [
  { brings: findings('Critical', 'Low', 'Low'), repairs: [] },
  { brings: findings('High'), repairs: findings('Critical', 'Low') },
  { brings: [], repairs: [] },
];

describe('the stream of findings', () => {
  it('grows by introduced findings and shrinks by fixed findings', () => {
    expect(findingStream(LAYERS).map(({ after }) => after)).toEqual([
      [0, 1, 0, 0, 2, 0, 0],
      [0, 0, 1, 0, 1, 0, 0],
      [0, 0, 1, 0, 1, 0, 0],
    ]);
  });

  it('starts each layer with the width at the end of the layer below', () => {
    const pieces = findingStream(LAYERS);
    expect(pieces.slice(1).map(({ before }) => before)).toEqual(pieces.slice(0, -1).map(({ after }) => after));
  });

  it('leaves out suppressed findings', () => {
    const brings = findings('High', 'High').map((each, index) => ({ ...each, isSuppressed: index === 0 }));
    expect(findingStream([{ brings, repairs: [] }])[0]?.after).toEqual([0, 0, 1, 0, 0, 0, 0]);
  });

  it('is never negative', () => {
    expect(findingStream([{ brings: [], repairs: findings('High') }])[0]?.after).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  it('has the worst severity at the left, as wide as its number of findings', () => {
    const pieces = findingStream(LAYERS);
    expect(widestOf(pieces)).toBe(3);
    expect(streamShapes(pieces[0]!, 3)).toEqual([
      { severity: 'Critical', count: 1, path: 'M 0,0 H 0 C 0,50 33.3,50 33.3,100 H 0 C 0,50 0,50 0,0 Z' },
      { severity: 'Low', count: 2, path: 'M 0,0 H 0 C 0,50 100,50 100,100 H 33.3 C 33.3,50 0,50 0,0 Z' },
    ]);
    expect(streamShapes(pieces[1]!, 3).map(({ severity }) => severity)).toEqual(['Critical', 'High', 'Low']);
    expect(streamShapes(findingStream([{ brings: [], repairs: [] }])[0]!, widestOf([]))).toEqual([]);
  });
});
