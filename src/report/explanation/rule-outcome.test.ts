import { describe, expect, it } from 'vitest';
import { deb } from '../../database/testing/packages.ts';
import type { AffectedPackage } from '../../model/advisories/advisory.ts';
import { FILES } from '../../model/advisories/file-rule.ts';
import { type SystemPackage } from '../../model/feature.ts';
import type { LocatedFeature } from '../../model/layer.ts';
import { ecosystemOf } from '../../ecosystems/index.ts';
import { outcomeText, ruleOutcome } from './rule-outcome.ts';

const range = (of: Partial<AffectedPackage>): AffectedPackage => ({
  namespace: 'n',
  package: 'a',
  severity: 'High',
  status: 'fixed',
  ...of,
});
const module = (label?: string): SystemPackage => ({
  ...deb('a', '2'),
  type: 'rpm',
  ...(label !== undefined && { module: label }),
});

describe('the outcome of an interval', () => {
  it.each<[string, SystemPackage, Partial<AffectedPackage>, RegExp]>([
    ['affected', deb('a', '1.9~rc1'), { fixed: '1.9' }, /^1\.9~rc1 is below 1\.9, the first fixed version$/],
    ['affected', deb('a', '2'), {}, /no fixed version/],
    ['affected', deb('a', '2'), { introduced: '2', lastAffected: '2' }, /^2 is at or above 2, .* and at or below 2/],
    ['fixed', deb('a', '2'), { fixed: '2' }, /^2 is at or above 2, the first fixed version/],
    ['fixed', deb('a', '2'), { lastAffected: '1' }, /above 1, the last affected version/],
    ['not-yet-introduced', deb('a', '2'), { introduced: '3' }, /below 3, the first affected version/],
    ['undecided', deb('a', '2'), { status: 'under-investigation' }, /has not decided whether 2 is affected/],
    ['other-architecture', deb('a', '2'), { archs: ['s390x'] }, /applies only to s390x/],
    ['other-module', module('m:1:1:c'), { module: 'm:2' }, /only to the module stream m:2/],
    ['other-module', module('m:1:1:c'), {}, /only to packages outside modules/],
    ['affected', module('m:1:1:c'), { module: 'm:1' }, /affected/],
    ['affected', module(''), { module: 'm:2' }, /affected/],
    ['other-product', module(), { cpe: 'cpe:/a:other' }, /only to the product cpe:\/a:other/],
    ['affected', module(), { cpe: 'cpe:/a:own' }, /affected/],
    ['version-unclear', deb('a', 'no version'), {}, /the version no version cannot be compared/],
  ])('%s: %o, %o', (expected, of, affected, words) => {
    const [name] = ecosystemOf(of).lines(of);
    const installed: LocatedFeature = { feature: of, path: '', namespace: 'n', originDepth: 0 };
    const context = { products: new Set(['cpe:/a:own']), judges: new Set<string>() };
    const outcome = ruleOutcome(installed, name, range(affected), context);
    expect(outcome).toBe(expected);
    expect(outcomeText(outcome, name, range(affected), installed)).toMatch(words);
  });
});

it.each([
  ['present', 'affected', /^the file is in the image$/],
  ['unknown', 'version-unclear', /could not determine/],
  ['unhashed', 'version-unclear', /without file digests/],
])('the outcome for a file whose state is %s is %s, with a reason', (version, expected, words) => {
  const of = { type: FILES, name: 'etc/a', version };
  const [name] = ecosystemOf(of).lines(of);
  const installed: LocatedFeature = { feature: of, path: '', namespace: FILES, originDepth: 0 };
  const affected = range({ namespace: FILES, package: 'etc/a', introduced: 'present', status: 'open' });
  const outcome = ruleOutcome(installed, name, affected, { products: new Set(), judges: new Set() });
  expect(outcome).toBe(expected);
  expect(outcomeText(outcome, name, affected, installed)).toMatch(words);
});
