import type { AffectedPackage } from '../../model/advisories/advisory.ts';

type Range = Pick<AffectedPackage, 'introduced' | 'fixed' | 'lastAffected' | 'role'>;

/** Marks a range whose package is an rpm source package. Removes the epoch 0, which rpm does not print. */
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
