import { describe, expect, it } from 'vitest';
import { DISTRIBUTIONS } from '../worker/detectors/os/distributions.ts';
import { ECOSYSTEMS, schemeOfNamespace } from './index.ts';

describe('the scheme of a namespace', () => {
  it.each([
    ['debian:12', 'dpkg'],
    ['ubuntu:24.04', 'dpkg'],
    ['alpine:v3.20', 'apk'],
    ['wolfi', 'apk'],
    ['rhel:9', 'rpm'],
    ['opensuse-leap:15.6', 'rpm'],
    ['debianish:1', undefined],
    ['', undefined],
  ])('%s is %s', (namespace, scheme) => {
    expect(schemeOfNamespace(namespace)).toBe(scheme);
  });

  it('is known for every known distribution', () => {
    const unknown = DISTRIBUTIONS.map(({ namespace }) => namespace).filter((name) => !schemeOfNamespace(`${name}:1`));
    expect(unknown).toEqual([]);
  });
});

it('no two ecosystems share a type or a namespace', () => {
  const names = ECOSYSTEMS.flatMap(({ type, namespaces }) => [`type ${type}`, ...namespaces]);
  expect(new Set(names).size).toBe(names.length);
});
