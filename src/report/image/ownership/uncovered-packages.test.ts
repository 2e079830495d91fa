import { describe, expect, it } from 'vitest';
import type { SystemPackage } from '../../../model/feature.ts';
import type { LocatedFeature } from '../../../model/layer.ts';
import { uncoveredDiagnostics } from './uncovered-packages.ts';

const OWNER: SystemPackage = {
  type: 'deb',
  name: 'a',
  version: '1',
  arch: 'amd64',
  source: { name: 'a', version: '1' },
};

function at(type: string, name: string, more: Partial<LocatedFeature> = {}): LocatedFeature {
  return { feature: { type, name, version: '1.0' }, namespace: '', path: `opt/${name}`, originDepth: 0, ...more };
}

describe('packages that no feed covers', () => {
  it.each<[what: string, installed: readonly LocatedFeature[]]>([
    ['an empty image', []],
    ['packages with a namespace', [at('npm', 'a', { namespace: 'npm' })]],
    ['packages of the distribution, which have a diagnostic of their own', [{ ...at('deb', 'a'), feature: OWNER }]],
    ['owned packages', [at('generic', 'curl', { owner: { feature: OWNER, namespace: 'debian:12' } })]],
    ['packages that a distribution judges', [at('generic', 'curl', { judgedBy: 'debian:12' })]],
    [
      'vendored packages',
      [at('cargo', 'a', { feature: { type: 'cargo', name: 'a', version: '1', flags: ['vendored'] } })],
    ],
  ])('are not in %s', (_, installed) => {
    expect(uncoveredDiagnostics(installed)).toEqual([]);
  });

  it('are counted once, and five are named', () => {
    const names = ['g', 'f', 'e', 'd', 'c', 'b'];
    const installed = [...names.map((name) => at('conda', name)), at('conda', 'g', { path: 'srv/g' })];
    expect(uncoveredDiagnostics(installed)).toEqual([
      {
        code: 'package-not-covered',
        message:
          'No feed has advisories for 6 packages, so they were not checked: b 1.0, c 1.0, d 1.0, e 1.0, f 1.0 and 1 more',
        where: 'layers',
      },
    ]);
    expect(uncoveredDiagnostics([at('generic', 'curl')])).toMatchObject([
      { message: 'No feed has advisories for 1 package, so it was not checked: curl 1.0' },
    ]);
  });

  it('are named without a version if they have none', () => {
    const app = at('maven', 'app', { feature: { type: 'maven', name: 'app', version: '' } });
    expect(uncoveredDiagnostics([app])).toMatchObject([{ message: expect.stringMatching(/: app$/) }]);
  });
});
