import type { AffectedPackage } from '../../model/advisories/advisory.ts';

/** What of an affected package says which versions of which packages are meant. */
type Range = Pick<AffectedPackage, 'introduced' | 'fixed' | 'lastAffected' | 'role'>;

/**
 * Says of a range that its package is a source package of rpm. Its versions keep their epochs for people to read, except one
 * that is 0, which rpm does not write either.
 */
export function namedBySource<R extends Range>(range: R): R {
  const { introduced, fixed, lastAffected } = range;
  return {
    ...range,
    role: 'source',
    ...(introduced !== undefined && { introduced: withoutZeroEpoch(introduced) }),
    ...(fixed !== undefined && { fixed: withoutZeroEpoch(fixed) }),
    ...(lastAffected !== undefined && { lastAffected: withoutZeroEpoch(lastAffected) }),
  };
}

function withoutZeroEpoch(version: string): string {
  return version.replace(/^0*:/, '');
}
