import type { Advisory, AffectedPackage } from '../../model/advisories/advisory.ts';
import type { Digest } from '../../model/digest.ts';
import { type SystemPackage } from '../../model/feature.ts';

/** Returns a Debian package; its source package has the same name and version by default. */
export function deb(name: string, version: string, source: { name?: string; version?: string } = {}): SystemPackage {
  return { type: 'deb', name, version, arch: 'amd64', source: { name, version, ...source } };
}

/** Returns an advisory about packages, by default in `debian:12` and without a fixed version. */
export function advisory(
  id: string,
  ...affected: readonly (Partial<AffectedPackage> & { package: string })[]
): Advisory {
  return {
    id,
    link: `https://tracker.test/${id}`,
    description: `What ${id} is about.`,
    affected: affected.map((of) => ({
      namespace: 'debian:12',
      severity: 'Medium',
      status: of.fixed === undefined ? 'open' : 'fixed',
      ...of,
    })),
  };
}

/** Returns a digest that consists of the same hexadecimal digit 64 times. */
export function digestOf(digit: string): Digest {
  return `sha256:${digit.repeat(64)}`;
}
