import type { AffectedPackage } from '../../../model/advisories/advisory.ts';
import { isFinding } from '../../../model/advisories/status.ts';
import { SCHEMES } from '../../../versions/index.ts';
import { INFINITY_KEY, ZERO_KEY } from '../../../versions/scheme.ts';
import type { SchemeId } from '../../../versions/index.ts';

/** A half-open interval `[lo, hi)` of version keys. */
export type KeyInterval = { readonly lo: Uint8Array; readonly hi: Uint8Array };

/** An interval on a version line, with the properties of the packages that it affects. */
export type AffectedInterval = KeyInterval &
  Pick<AffectedPackage, 'namespace' | 'package' | 'role'> & {
    /** The architectures in the stored form (`,x86_64,aarch64,`); empty for all architectures. */
    readonly archs: string;
    readonly module: string;
    /** The product to which the interval is limited; empty for all products. */
    readonly cpe: string;
  };

/** Converts the version bounds of an advisory to an interval of keys. @throws the errors of `keyOf` */
export function keyInterval(affected: AffectedPackage, keyOf: (version: string) => Uint8Array): KeyInterval {
  const { introduced } = affected;
  return {
    lo: introduced === undefined ? ZERO_KEY : boundKey(introduced, affected, keyOf),
    hi: endOf(affected, keyOf),
  };
}

function endOf(affected: AffectedPackage, keyOf: (version: string) => Uint8Array): Uint8Array {
  const { fixed, lastAffected } = affected;
  if (fixed !== undefined) return boundKey(fixed, affected, keyOf);
  return lastAffected === undefined ? INFINITY_KEY : keyBehind(boundKey(lastAffected, affected, keyOf));
}

function boundKey(version: string, { role }: AffectedPackage, keyOf: (version: string) => Uint8Array): Uint8Array {
  return keyOf(role === 'source' ? withoutEpoch(version) : version);
}

/**
 * Converts bounds to the version keys of a scheme. Drops a bound that the scheme can no longer order, because reporting
 * too many versions as affected is better than missing an affected version.
 */
export function orderedInterval(affected: AffectedPackage, scheme: SchemeId): KeyInterval {
  return keyInterval(orderableBounds(affected, scheme), (version) => SCHEMES[scheme].key(version));
}

/**
 * Removes the epoch of an rpm source package version. The source package of an installed package is known only from the
 * file name of its source rpm. The file name contains no epoch, so both versions are compared without an epoch
 * (https://rpm-software-management.github.io, `SOURCERPM`).
 */
export function withoutEpoch(version: string): string {
  return version.replace(/^\d*:/, '');
}

/** Returns the architectures of an advisory in the stored form. */
export function archsText(archs: AffectedPackage['archs']): string {
  return archs === undefined ? '' : `,${archs.join(',')},`;
}

/**
 * Returns the intervals of the affected packages whose status makes a finding (`isFinding`). Drops namespaces without a
 * version scheme, because no installed package is in a namespace without a version scheme.
 */
export function affectedIntervals(
  affected: readonly AffectedPackage[],
  schemes: ReadonlyMap<string, SchemeId>,
): readonly AffectedInterval[] {
  return affected.flatMap((each) => {
    const scheme = schemes.get(each.namespace);
    if (scheme === undefined || !isFinding(each.status)) return [];
    const { namespace, package: name, role, archs, module = '', cpe = '' } = each;
    const packages = { namespace, package: name, ...(role && { role }), archs: archsText(archs), module, cpe };
    return [{ ...packages, ...orderedInterval(each, scheme) }];
  });
}

/** Returns the parts of intervals that no interval in `others` for the same packages covers. */
export function withoutIntervals<Interval extends AffectedInterval>(
  intervals: readonly Interval[],
  others: readonly AffectedInterval[],
): readonly Interval[] {
  const byPackages = new Map<string, AffectedInterval[]>();
  for (const other of others) {
    const known = byPackages.get(packagesOf(other));
    if (known === undefined) byPackages.set(packagesOf(other), [other]);
    else known.push(other);
  }
  return intervals.flatMap((interval) => {
    const taken = byPackages.get(packagesOf(interval)) ?? [];
    return taken.reduce<readonly Interval[]>(
      (left, other) => left.flatMap((part) => partsOutside(part, other)),
      [interval],
    );
  });
}

function packagesOf({ namespace, package: name, role, archs, module, cpe }: AffectedInterval): string {
  return [namespace, name, role ?? '', archs, module, cpe].join('\n');
}

function partsOutside<Interval extends AffectedInterval>(part: Interval, { lo, hi }: KeyInterval): readonly Interval[] {
  const below = { ...part, hi: smaller(part.hi, lo) };
  const above = { ...part, lo: larger(part.lo, hi) };
  return [below, above].filter((each) => Buffer.compare(each.lo, each.hi) < 0);
}

function smaller(a: Uint8Array, b: Uint8Array): Uint8Array {
  return Buffer.compare(a, b) < 0 ? a : b;
}

function larger(a: Uint8Array, b: Uint8Array): Uint8Array {
  return Buffer.compare(a, b) < 0 ? b : a;
}

function orderableBounds(affected: AffectedPackage, scheme: SchemeId): AffectedPackage {
  const { introduced, fixed, lastAffected, ...rest } = affected;
  return {
    ...rest,
    ...(isOrderable(introduced, scheme) && { introduced }),
    ...(isOrderable(fixed, scheme) && { fixed }),
    ...(isOrderable(lastAffected, scheme) && { lastAffected }),
  };
}

function isOrderable(version: string | undefined, scheme: SchemeId): version is string {
  if (version === undefined) return false;
  return SCHEMES[scheme].keyOf(version) !== undefined;
}

/** Returns the smallest byte string above a key. */
function keyBehind(key: Uint8Array): Uint8Array {
  return Buffer.concat([key, Uint8Array.of(0)]);
}
