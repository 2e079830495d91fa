import { describe, expect, it } from 'vitest';
import { DETECTORS, engineVersionOf } from './index.ts';

describe('the engine version grows', () => {
  const version = engineVersionOf(DETECTORS);

  it.each(DETECTORS)('when the version of $id is incremented', (detector) => {
    const raised = DETECTORS.map((each) => (each === detector ? { ...each, version: each.version + 1 } : each));
    expect(engineVersionOf(raised)).toBe(version + 1);
  });

  it('when a detector is added', () => {
    const added = { id: 'new', kind: 'os', version: 1, wants: [], read: () => ({ diagnostics: [] }) } as const;
    expect(engineVersionOf([...DETECTORS, added])).toBe(version + 1);
  });
});
