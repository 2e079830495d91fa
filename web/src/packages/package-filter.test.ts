import { describe, expect, it } from 'vitest';
import type { ReportPackage } from '../../../src/model/report/report.ts';
import { EVERY_PACKAGE, type PackageFilter, packagesShown } from './package-filter.ts';

function packageOf(type: string, name: string, facts: Partial<ReportPackage> = {}): ReportPackage {
  const place = {
    namespace: type,
    arch: '',
    purl: `pkg:${type}/${name}`,
    paths: [],
    flags: [],
    candidates: [],
    owner: null,
    layer: 0,
  };
  return { type, name, version: '1.0', source: { name, version: '1.0' }, ...place, ...facts };
}

const PACKAGES = [
  packageOf('deb', 'libssl3', { source: { name: 'openssl', version: '3' } }),
  packageOf('npm', '@scope/Name', { paths: ['app/node_modules/@scope/Name/package.json'] }),
  packageOf('pypi', 'requests', { owner: { type: 'deb', name: 'python3-requests', version: '1' } }),
  packageOf('npm', 'core-js'),
  packageOf('maven', 'core', { candidates: ['a.group:core', 'b.group:core'] }),
];

describe('the shown packages', () => {
  it.each<[string, Partial<PackageFilter>, readonly string[]]>([
    ['all packages', {}, ['libssl3', '@scope/Name', 'requests', 'core-js', 'core']],
    ['packages of the distribution', { kind: 'os' }, ['libssl3']],
    ['libraries', { kind: 'library' }, ['@scope/Name', 'requests', 'core-js', 'core']],
    ['packages by name, ignoring case', { text: '@SCOPE/name' }, ['@scope/Name']],
    ['packages by source package', { text: 'openssl' }, ['libssl3']],
    ['packages by path', { text: 'node_modules' }, ['@scope/Name']],
    ['packages by candidate', { text: 'B.Group:core' }, ['core']],
    ['packages by owner', { text: 'python3-' }, ['requests']],
    ['packages with exactly this name first', { text: 'CORE' }, ['core', 'core-js']],
    ['packages by text and kind', { text: 'libssl3', kind: 'library' }, []],
  ])('are %s', (_, filter, expected) => {
    expect(packagesShown(PACKAGES, { ...EVERY_PACKAGE, ...filter }).map(({ name }) => name)).toEqual(expected);
  });
});
