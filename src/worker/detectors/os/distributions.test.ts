import { describe, expect, it } from 'vitest';
import { RELEASE_DATES } from '../../../model/releases/support/release-dates.ts';
import { DISTRIBUTIONS, distributionIdOfName, distributionRule } from './distributions.ts';

describe('the list of distributions', () => {
  it.each(['name', 'namespace'] as const)('has every %s once', (field) => {
    const values = DISTRIBUTIONS.map((rule) => rule[field]);
    expect(new Set(values).size).toBe(values.length);
  });

  it('distinguishes distributions that share an ID by name', () => {
    const ids = DISTRIBUTIONS.filter(({ isIdentifiedByName }) => isIdentifiedByName !== true).flatMap((rule) => [
      rule.id,
      ...(rule.otherIds ?? []),
    ]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has support dates for exactly its distributions', () => {
    const dated = RELEASE_DATES.map(({ namespace }) => namespace);
    expect(dated.toSorted()).toEqual(DISTRIBUTIONS.map(({ namespace }) => namespace).toSorted());
  });
});

describe('a malformed version', () => {
  it.each<[string, string]>([
    ['debian', 'x'],
    ['debian', ''],
    ['ubuntu', '22'],
    ['rhel', '9beta'],
    ['rhel', 'x9'],
    ['amzn', 'x'],
    ['sles', '15'],
    ['alpine', '3'],
    ['alpine', 'v3.18'],
    ['alpine', '3.18beta'],
    ['photon', ''],
  ])('of %s is undefined: %j', (id, versionId) => {
    expect(distributionRule({ ID: id })?.release.versionOf(versionId)).toBeUndefined();
  });
});

it.each<[string, string]>([
  ['CentOS', 'centos'],
  ['CentOS Linux', 'centos'],
  ['CentOS Stream', 'centos'],
  ['Red Hat Enterprise Linux', 'rhel'],
  ['Red Hat Enterprise Linux Server', 'rhel'],
  ['AlmaLinux', 'almalinux'],
  ['Rocky Linux', 'rocky'],
  ['Oracle Linux Server', 'ol'],
  ['Fedora', 'fedora'],
  ['Fedora Core', 'fedora'],
  ['Amazon Linux AMI', 'amzn'],
  ['Ubuntu', 'ubuntu'],
  ['Scientific Linux', 'scientific'],
  ['Springdale Open Enterprise Linux', 'springdale-open-enterprise'],
  ['FedoraLike', 'fedoralike'],
  ['LinuxMint', 'linuxmint'],
])('maps the name %s to the ID %s', (name, id) => {
  expect(distributionIdOfName(name)).toBe(id);
});
