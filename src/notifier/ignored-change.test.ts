import { describe, expect, it } from 'vitest';
import { advisory } from '../database/testing/packages.ts';
import type { IgnoreEntry } from '../model/report/ignore-rule.ts';
import { parseIgnoreEntry } from '../suppression/ignore-entry.ts';
import { ignoredChanges } from './ignored-change.ts';

const ONE = { ...advisory('CVE-2024-1', { package: 'openssl' }), aliases: ['GHSA-1'] };
const TWO_PACKAGES = advisory('CVE-2024-1', { package: 'openssl' }, { package: 'edk2' });
const IN = (namespace: string, name: string): typeof ONE | typeof TWO_PACKAGES =>
  advisory('CVE-2024-1', { namespace, package: name });
const TWO_CVES = { ...advisory('RHSA-1', { package: 'openssl' }), aliases: ['CVE-2024-1', 'CVE-2024-2'] };

describe('a changed vulnerability is ignored by rules', () => {
  it.each<[string, boolean, typeof ONE | typeof TWO_PACKAGES, readonly Omit<IgnoreEntry, 'reason'>[]]>([
    ['without rules', false, ONE, []],
    ['for its ID', true, ONE, [{ id: ['CVE-2024-1'] }]],
    ['for its ID in lower case', true, ONE, [{ id: ['cve-2024-1'] }]],
    ['for an alias', true, ONE, [{ id: ['X', 'GHSA-1'] }]],
    ['for another ID', false, ONE, [{ id: ['CVE-2024-2'] }]],
    ['for its ID in its package', true, ONE, [{ id: ['CVE-2024-1'], package: 'openssl' }]],
    ['for its ID in another package', false, ONE, [{ id: ['CVE-2024-1'], package: 'openssh' }]],
    ['for its package', true, ONE, [{ package: 'openssl' }]],
    ['for its package by URL, which may leave other findings', false, ONE, [{ package: 'pkg:deb/debian/openssl' }]],
    ['for an image', false, ONE, [{ id: ['CVE-2024-1'], image: 'app' }]],
    ['for base layers', false, ONE, [{ id: ['CVE-2024-1'], layer: 'base' }]],
    ['that expired yesterday', false, ONE, [{ id: ['CVE-2024-1'], expires: '2026-01-01' }]],
    ['that expire at the end of today', true, ONE, [{ id: ['CVE-2024-1'], expires: '2026-01-02' }]],
    ['for its package of npm', true, IN('npm', 'lodash'), [{ package: 'lodash' }]],
    // Reports compare the rule with the installed name, which may be Newtonsoft.Json.
    ['for its package of NuGet', false, IN('nuget', 'newtonsoft.json'), [{ package: 'newtonsoft.json' }]],
    ['for its package of PyPI', false, IN('pypi', 'zope-interface'), [{ package: 'zope-interface' }]],
    // An artifact with several candidates has no package name that rules match.
    ['for its package of Maven', false, IN('maven', 'g:a'), [{ package: 'g:a' }]],
    ['for its package of an unknown namespace', false, IN('x', 'a'), [{ package: 'a' }]],
    ['for its ID in a package of NuGet', true, IN('nuget', 'newtonsoft.json'), [{ id: ['CVE-2024-1'] }]],
    ['for one of two packages', false, TWO_PACKAGES, [{ id: ['CVE-2024-1'], package: 'edk2' }]],
    ['for each of two packages', true, TWO_PACKAGES, [{ package: 'edk2' }, { id: ['CVE-2024-1'], package: 'openssl' }]],
    ['for one of two CVEs', false, TWO_CVES, [{ id: ['CVE-2024-1'] }]],
    ['for both CVEs', true, TWO_CVES, [{ id: ['CVE-2024-1', 'CVE-2024-2'] }]],
    ['for the name of the advisory', true, TWO_CVES, [{ id: ['RHSA-1'] }]],
  ])('%s: %s', (_what, expected, changed, entries) => {
    const rules = entries.map((entry) => parseIgnoreEntry({ ...entry, reason: 'r' }));
    const isIgnored = ignoredChanges(rules, '2026-01-02');
    expect(isIgnored({ before: null, after: changed })).toBe(expected);
    expect(isIgnored({ before: changed, after: null })).toBe(expected);
  });

  it('only if they cover the packages before the change too', () => {
    const isIgnored = ignoredChanges([parseIgnoreEntry({ package: 'openssl', reason: 'r' })], '2026-01-02');
    expect(isIgnored({ before: TWO_PACKAGES, after: ONE })).toBe(false);
  });

  it('never if the advisory affects no package', () => {
    const isIgnored = ignoredChanges([parseIgnoreEntry({ id: 'CVE-1', reason: 'r' })], '2026-01-02');
    expect(isIgnored({ before: null, after: advisory('CVE-1') })).toBe(false);
  });
});
