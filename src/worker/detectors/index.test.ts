import { describe, expect, it } from 'vitest';
import { engineVersionOf, engineVersionWith, LISTED_DETECTORS } from './engine-version.ts';
import { DETECTORS, detectorsWith } from './index.ts';

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

describe('the listed versions', () => {
  it('are the versions of the detectors', () => {
    expect(LISTED_DETECTORS).toEqual(DETECTORS.map(({ id, version }) => ({ id, version })));
  });

  it.each([
    ['without settings', [], false],
    ['with classifiers', [{ name: 'tool', files: ['tool'], expressions: ['tool {version}'] }], false],
    ['with digests of files', [], true],
    ['with both', [{ name: 'tool', files: ['tool'], expressions: ['tool {version}'] }], true],
  ])('result in the engine version of the detectors %s', (_, classifiers, hasFileDigests) => {
    expect(engineVersionWith(classifiers, hasFileDigests)).toBe(
      engineVersionOf(detectorsWith(classifiers), hasFileDigests),
    );
  });
});
