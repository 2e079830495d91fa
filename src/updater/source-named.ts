import type { AffectedPackage } from '../model/advisory.ts';

/** What of an affected package says which versions of which packages are meant. */
type Range = Pick<AffectedPackage, 'introduced' | 'fixed' | 'lastAffected' | 'by'>;

/**
 * Says of a range that its package is a source package of rpm. The name of a source rpm, by which an installed package
 * tells its source, has no epoch; so none is kept here either.
 */
export function namedBySource<R extends Range>(range: R): R {
  const { introduced, fixed, lastAffected } = range;
  return {
    ...range,
    by: 'source',
    ...(introduced !== undefined && { introduced: withoutEpoch(introduced) }),
    ...(fixed !== undefined && { fixed: withoutEpoch(fixed) }),
    ...(lastAffected !== undefined && { lastAffected: withoutEpoch(lastAffected) }),
  };
}

function withoutEpoch(version: string): string {
  return version.replace(/^\d*:/, '');
}
