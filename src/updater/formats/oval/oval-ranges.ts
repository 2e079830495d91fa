import type { AffectedPackage } from '../../../model/advisories/advisory.ts';
import type { RecordDiagnostic } from '../../../model/feed.ts';
import { rpm } from '../../../versions/rpm.ts';
import { inexact, skipped } from '../../advisories/record-diagnostics.ts';
import type { OvalCriteria, OvalField } from './oval.ts';
import { MAX_CONDITIONS, type OvalCondition, type OvalRules, type OvalWay, waysToMeet } from './oval-conditions.ts';

/** An affected package without its severity. */
export type OvalRange = Omit<AffectedPackage, 'severity' | 'severityFrom'>;

export type OvalRangesReading = {
  readonly ranges: readonly OvalRange[];
  /** Diagnostics that name the parts that could not be interpreted, and their treatment. */
  readonly diagnostics: readonly RecordDiagnostic[];
};

export type OvalRangesOptions = {
  readonly rules: OvalRules;
  /** The releases to use if the criteria name no releases. */
  readonly namespaces: readonly string[];
};

/**
 * Returns the affected versions of rpm packages in the criteria of a definition, per release. A range with a fix has
 * the status `fixed` or `fixed-for-subscribers`; any other range has the status `open`. With an unknown condition, the
 * range is as wide as possible and has the status `unknown`, and a diagnostic is added.
 *
 * If several ranges of a package start at 0, returns only the widest range. Merges ranges that differ only in their
 * architectures. A fix for all users takes precedence over a fix for subscribers.
 */
export function readOvalRanges(criteria: OvalCriteria | undefined, options: OvalRangesOptions): OvalRangesReading {
  if (criteria === undefined) return { ranges: [], diagnostics: [skipped('skipped: missing criteria')] };
  const ways = waysToMeet(criteria, options.rules);
  if (ways === undefined)
    return {
      ranges: [],
      diagnostics: [skipped(`skipped: the alternatives of its criteria have more than ${MAX_CONDITIONS} conditions`)],
    };
  const readings = ways.map((way) => readWay(way, options.namespaces));
  const ranges = widest(unitedByArchs(readings.flatMap((reading) => reading.ranges)));
  return {
    ranges: forEverybody(ranges),
    diagnostics: withoutRepetitions(readings.flatMap((reading) => reading.diagnostics)),
  };
}

function withoutRepetitions(diagnostics: readonly RecordDiagnostic[]): readonly RecordDiagnostic[] {
  return [...new Map(diagnostics.map((each) => [each.message, each])).values()];
}

function readWay(way: OvalWay, defaults: readonly string[]): OvalRangesReading {
  const packages = conditionsOf(way, 'package');
  const absent = new Set(conditionsOf(way, 'absent').map(({ name }) => name));
  // Red Hat writes "installed and not installed" for an unaffected package.
  if (packages.some(({ name }) => absent.has(name))) return NOTHING;
  const releases = conditionsOf(way, 'release');
  const namespaces = common(releases.map((release) => release.namespaces)) ?? defaults;
  // No image has two releases.
  if (namespaces.length === 0 && releases.length > 0) return NOTHING;
  const ofCriteria = conditionsOf(way, 'diagnostics').map(({ diagnostic }) => inexact(diagnostic));
  if (namespaces.length === 0)
    return { ranges: [], diagnostics: [...ofCriteria, skipped('skipped: it names no release')] };
  if (packages.length === 0)
    return { ranges: [], diagnostics: [...ofCriteria, skipped('skipped: it names no package')] };

  const names = [...new Set(packages.map(({ name }) => name))];
  const [module, ...modules] = new Set(conditionsOf(way, 'module').map((condition) => condition.module));
  const diagnostics = [
    ...ofCriteria,
    ...[...absent].map((name) =>
      inexact(`treated as affected even if ${name} is installed; the advisory applies only without this package`),
    ),
    ...(names.length > 1
      ? [inexact(`${names.join(' and ')} are affected only together; treated as affected individually`)]
      : []),
    ...(modules.length > 0 ? [inexact(`requires several modules: ${[module, ...modules].join(', ')}`)] : []),
  ];
  const place: Place = {
    namespaces,
    isForSubscribers: releases.some((release) => release.isForSubscribers === true),
    archs: conditionsOf(way, 'arch').map((condition) => condition.archs),
    module,
    isSure: diagnostics.length === 0,
  };
  const readings = names.map((name) =>
    readPackage(
      packages.filter((each) => each.name === name),
      name,
      place,
    ),
  );
  return {
    ranges: readings.flatMap((reading) => reading.ranges),
    diagnostics: [...diagnostics, ...readings.flatMap((reading) => reading.diagnostics)],
  };
}

const NOTHING: OvalRangesReading = { ranges: [], diagnostics: [] };

type PackageCondition = Extract<OvalCondition, { kind: 'package' }>;

/** The properties that apply to all packages of a way to meet the criteria. */
type Place = {
  readonly namespaces: readonly string[];
  readonly isForSubscribers: boolean;
  /** The lists of architectures; only architectures in all lists are used. */
  readonly archs: readonly (readonly string[])[];
  readonly module: string | undefined;
  readonly isSure: boolean;
};

function readPackage(conditions: readonly PackageCondition[], name: string, place: Place): OvalRangesReading {
  const archs = common([
    ...place.archs,
    ...conditions.flatMap((each) => (each.archs === undefined ? [] : [each.archs])),
  ]);
  if (archs?.length === 0) return NOTHING;
  const interval = readBounds(
    name,
    conditions.flatMap(({ bounds }) => bounds),
  );
  const messages = [...conditions.flatMap(({ diagnostic }) => diagnostic ?? []), ...interval.diagnostics];
  const fixedStatus = place.isForSubscribers ? 'fixed-for-subscribers' : 'fixed';
  const knownStatus = interval.bounds.fixed === undefined ? 'open' : fixedStatus;
  const ranges = place.namespaces.map(
    (namespace): OvalRange => ({
      namespace,
      package: name,
      ...interval.bounds,
      status: place.isSure && messages.length === 0 ? knownStatus : 'unknown',
      ...(archs !== undefined && { archs }),
      ...(place.module !== undefined && { module: place.module }),
    }),
  );
  return { ranges, diagnostics: messages.map(inexact) };
}

function conditionsOf<K extends OvalCondition['kind']>(
  way: OvalWay,
  kind: K,
): readonly Extract<OvalCondition, { kind: K }>[] {
  return way.filter((condition): condition is Extract<OvalCondition, { kind: K }> => condition.kind === kind);
}

/** Returns the items that all lists contain; undefined if there is no list. */
function common(lists: readonly (readonly string[])[]): readonly string[] | undefined {
  const [first, ...others] = lists;
  return first?.filter((each) => others.every((other) => other.includes(each)));
}

type Bounds = Pick<AffectedPackage, 'introduced' | 'fixed' | 'lastAffected'>;

/** Reads the bounds of a package. A version must meet all bounds, so the first bound of each kind is wide enough. */
function readBounds(name: string, fields: readonly OvalField[]): { readonly bounds: Bounds; diagnostics: string[] } {
  const bounds: { introduced?: string; fixed?: string; lastAffected?: string } = {};
  const diagnostics: string[] = [];
  for (const { operation, value } of fields) {
    // Microsoft's generator writes some versions with blanks.
    const version = value.replaceAll(/\s/g, '');
    if (!isRpmVersion(version)) {
      diagnostics.push(`${name} treated as affected: rpm rejects the version ${JSON.stringify(value)}`);
      continue;
    }
    switch (operation) {
      case 'less than':
        bounds.fixed ??= version;
        break;
      case 'less than or equal':
        bounds.lastAffected ??= version;
        break;
      case 'equals':
        bounds.introduced ??= version;
        bounds.lastAffected ??= version;
        break;
      case 'greater than':
      case 'greater than or equal':
        // "Greater than" excludes the bound itself, but reporting one version too many is better than missing a
        // version.
        if (!EVERY_VERSION.test(version)) bounds.introduced ??= version;
        break;
      default:
        diagnostics.push(`${name} treated as affected: unknown version comparison ${operation}`);
    }
  }
  const { lastAffected, ...rest } = bounds;
  return {
    bounds: rest.fixed === undefined && lastAffected !== undefined ? { ...rest, lastAffected } : rest,
    diagnostics,
  };
}

/** The bound that SUSE writes for a package without a fix, in "greater than 0". */
const EVERY_VERSION = /^0:0(?:-0)?$/;

/**
 * Returns whether rpm accepts a version. Rejects `null`, which Microsoft's generator writes for an unknown version and
 * rpm would accept.
 */
function isRpmVersion(version: string): boolean {
  if (/^\d+:null\b/.test(version)) return false;
  return rpm.keyOf(version) !== undefined;
}

function unitedByArchs(ranges: readonly OvalRange[]): readonly OvalRange[] {
  return grouped(ranges, (range) => ({ ...range, archs: undefined })).map((group) => {
    const { archs, ...first } = group[0];
    if (archs === undefined || group.some((range) => range.archs === undefined)) return first;
    return { ...first, archs: [...new Set(group.flatMap((range) => range.archs ?? []))].toSorted() };
  });
}

/**
 * Returns the widest of the ranges that differ only in their end. An uncertain range does not replace a certain range.
 */
function widest(ranges: readonly OvalRange[]): readonly OvalRange[] {
  return grouped(ranges, (range) => {
    const { fixed, introduced, ...rest } = range;
    return fixed !== undefined && introduced === undefined ? rest : range;
  }).map((group) => group.reduce((wide, other) => (endsLater(other, wide) ? other : wide)));
}

/** Returns whether a range ends later than another range; a range without an upper bound ends last. */
function endsLater({ fixed: a }: OvalRange, { fixed: b }: OvalRange): boolean {
  if (a === undefined || b === undefined) return a === undefined && b !== undefined;
  return a !== b && Buffer.compare(rpm.key(a), rpm.key(b)) > 0;
}

/** Drops the subscribers' ranges of a package that has a fix for all users. */
function forEverybody(ranges: readonly OvalRange[]): readonly OvalRange[] {
  const fixed = new Set(ranges.filter(({ status }) => status === 'fixed').map(streamOf));
  return ranges.filter((range) => range.status !== 'fixed-for-subscribers' || !fixed.has(streamOf(range)));
}

function streamOf({ namespace, package: name, module = '' }: OvalRange): string {
  return `${namespace} ${name} ${module}`;
}

/** Groups ranges by the JSON of `sameOf`; the groups are in the order of their first range. */
function grouped(
  ranges: readonly OvalRange[],
  sameOf: (range: OvalRange) => object,
): readonly (readonly [OvalRange, ...OvalRange[]])[] {
  const groups = new Map<string, [OvalRange, ...OvalRange[]]>();
  for (const range of ranges) {
    const key = JSON.stringify(sameOf(range));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [range]);
    else group.push(range);
  }
  return [...groups.values()];
}
