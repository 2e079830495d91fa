import { SCHEMES } from '../../versions/index.ts';
import { INFINITY_KEY, ZERO_KEY } from '../../versions/scheme.ts';
import type { SchemeId } from '../../versions/index.ts';
import { type Fields, fieldsOf, itemsOf, shown } from './json-fields.ts';

/**
 * The versions from `introduced` (0 when absent) to `end` (infinity when absent). The version of `end` itself is
 * affected only if its kind is `last-affected`.
 */
export type OsvInterval = {
  readonly introduced?: string;
  /** `limit` ends the interval as `fixed` does, but need not be a fixed version. */
  readonly end?: { readonly kind: 'fixed' | 'limit' | 'last-affected'; readonly version: string };
  /** Set if a range or a whole entry cannot be interpreted, so that all versions count as affected. */
  readonly isUnsure?: true;
};

export type OsvIntervals = { readonly intervals: readonly OsvInterval[]; readonly diagnostics: readonly string[] };

/**
 * Returns the affected versions in the ranges and the list of a member of `affected`
 * (https://ossf.github.io/osv-schema/, "Evaluation"). Events may be in any order; `limit` bounds the whole range. A
 * malformed range is read as 0 to infinity, with a diagnostic. Ignores ranges of commits (`GIT`). A range without an
 * end ends at the version that the GitHub Advisory Database states in `last_known_affected_version_range`. Never
 * throws.
 */
export function osvIntervals(affected: Fields, scheme: SchemeId): OsvIntervals {
  const ranges = itemsOf(affected['ranges']).filter((range) => fieldsOf(range)?.['type'] !== 'GIT');
  const readings = ranges
    .map((range) => readRange(fieldsOf(range) ?? {}, scheme))
    .map((reading) => withKnownEnd(reading, fieldsOf(affected['database_specific'])?.[LAST_KNOWN], scheme));
  const intervals = readings.flatMap((reading) => reading.intervals);
  const listed = readVersions(itemsOf(affected['versions']), intervals, scheme);
  const diagnostics = [...readings, listed].flatMap((reading) => reading.diagnostics);
  if (ranges.length === 0 && listed.count === 0) {
    return unsure('the entry has neither a version range nor a valid listed version', diagnostics);
  }
  return { intervals: [...intervals, ...listed.intervals], diagnostics };
}

function unsure(why: string, diagnostics: readonly string[] = []): OsvIntervals {
  return {
    intervals: [{ isUnsure: true }],
    diagnostics: [...diagnostics, `treated as affected in all versions: ${why}`],
  };
}

/** A field of `database_specific` such as `<= 29.0` (https://github.com/github/advisory-database/issues/470). */
const LAST_KNOWN = 'last_known_affected_version_range';

/**
 * Limits the intervals that have no end. GitHub states the end of these intervals in the field {@link LAST_KNOWN} if no
 * version has the fix.
 */
function withKnownEnd(reading: OsvIntervals, text: unknown, scheme: SchemeId): OsvIntervals {
  if ((text ?? null) === null || !reading.intervals.some(isOpen)) return reading;
  const [, sign, stated = ''] = /^\s*(<=?)\s*(\S+)\s*$/.exec(typeof text === 'string' ? text : '') ?? [];
  const version = completed(stated, scheme);
  const key = SCHEMES[scheme].keyOf(version);
  const diagnose = (message: string): OsvIntervals => ({ ...reading, diagnostics: [...reading.diagnostics, message] });
  if (sign === undefined || key === undefined)
    return diagnose(`the end of the affected versions is invalid: ${shown(text)}`);
  const end = { kind: sign === '<' ? 'limit' : 'last-affected', version } as const;
  const isBelow = (interval: OsvInterval): boolean =>
    Buffer.compare(startOf(interval, scheme), key) < (end.kind === 'limit' ? 0 : 1);
  if (!reading.intervals.filter(isOpen).every(isBelow)) {
    return diagnose(`the end of the affected versions is at or below their start: ${shown(text)}`);
  }
  return { ...reading, intervals: reading.intervals.map((each) => (isOpen(each) ? { ...each, end } : each)) };
}

function isOpen({ end, isUnsure }: OsvInterval): boolean {
  return end === undefined && isUnsure !== true;
}

type EventKind = 'introduced' | 'fixed' | 'last_affected' | 'limit';

type RangeEvent = { readonly kind: EventKind; readonly version: string; readonly key: Uint8Array };

/** In the OSV specification, 0 is below every version, and the limit `*` is above every version. */
const ZERO = '0';
const NO_LIMIT = '*';

/** The order of events at the same version; no affected version is lost in this order. */
const EVENT_KINDS: readonly EventKind[] = ['fixed', 'introduced', 'last_affected', 'limit'];

function readRange(range: Fields, scheme: SchemeId): OsvIntervals {
  const type = range['type'];
  if (type !== 'ECOSYSTEM' && type !== 'SEMVER') return unsure(`unknown range type ${shown(type)}`);
  const events: RangeEvent[] = [];
  for (const item of itemsOf(range['events'])) {
    const readings = readEvent(fieldsOf(item) ?? {}, scheme);
    if (readings === undefined) return unsure(`unknown range event ${shown(item)}`);
    events.push(...readings);
  }
  if (events.every(({ kind }) => kind === 'limit'))
    return unsure('a range has no `introduced`, `fixed` or `last_affected` event');
  const diagnostics = events.some(({ kind }) => kind === 'introduced')
    ? []
    : ['treated as affected from the first version on: a range has no start'];
  const { intervals, hasUnusedEnd } = intervalsBetween(events, diagnostics.length > 0);
  if (hasUnusedEnd)
    diagnostics.push('a `fixed` or `last_affected` version without an earlier `introduced` version was ignored');
  return { intervals: withinLimit(intervals, events, scheme), diagnostics };
}

/** Reads an event; older documents contain both ends of a range in one event. */
function readEvent(event: Fields, scheme: SchemeId): readonly RangeEvent[] | undefined {
  const events: RangeEvent[] = [];
  for (const [word, bound] of Object.entries(event)) {
    const kind = EVENT_KINDS.find((each) => each === word);
    if (kind === undefined || typeof bound !== 'string') return undefined;
    const version = kind === 'introduced' && bound === ZERO ? ZERO : completed(bound, scheme);
    const key = keyOfBound(kind, version, scheme);
    if (key === undefined) return undefined;
    events.push({ kind, version, key });
  }
  return events.length === 0 ? undefined : events;
}

/**
 * Adds the minor and patch numbers that a bound omits, as OSV.dev does before it compares semantic versions: 0.2 is
 * 0.2.0 (GHSA-wcg3-cvx6-7396).
 */
function completed(bound: string, scheme: SchemeId): string {
  if (scheme !== 'semver') return bound;
  return bound.replace(
    /^\s*v?\d+(?:\.\d+)?(?=[-+\s]|$)/,
    (numbers) => numbers + (numbers.includes('.') ? '.0' : '.0.0'),
  );
}

function keyOfBound(kind: EventKind, version: string, scheme: SchemeId): Uint8Array | undefined {
  if (kind === 'introduced' && version === ZERO) return ZERO_KEY;
  if (kind === 'limit' && version === NO_LIMIT) return INFINITY_KEY;
  return SCHEMES[scheme].keyOf(version);
}

function intervalsBetween(
  events: readonly RangeEvent[],
  startsAtZero: boolean,
): { readonly intervals: readonly OsvInterval[]; readonly hasUnusedEnd: boolean } {
  const sorted = events.toSorted(
    (a, b) => Buffer.compare(a.key, b.key) || EVENT_KINDS.indexOf(a.kind) - EVENT_KINDS.indexOf(b.kind),
  );
  const intervals: OsvInterval[] = [];
  let start: string | undefined = startsAtZero ? ZERO : undefined;
  let end: Uint8Array | undefined;
  const empty = emptyPairs(events);
  const firstStart = startsAtZero ? 0 : sorted.findIndex(({ kind }) => kind === 'introduced');
  const hasUnusedEnd = sorted
    .slice(0, firstStart)
    .some((event) => (event.kind === 'fixed' || event.kind === 'last_affected') && !empty.has(event));
  for (const event of sorted) {
    const { kind, version, key } = event;
    const isEmpty = kind === 'introduced' && empty.has(event) && (end === undefined || Buffer.compare(end, key) !== 0);
    if (kind === 'introduced' && !isEmpty) start ??= version;
    else if (kind !== 'introduced' && kind !== 'limit' && start !== undefined) {
      intervals.push({ ...from(start), end: { kind: kind === 'fixed' ? 'fixed' : 'last-affected', version } });
      start = undefined;
      end = key;
    }
  }
  if (start !== undefined) intervals.push(from(start));
  return { intervals, hasUnusedEnd };
}

/**
 * Returns the adjacent events that introduce and fix a vulnerability in the same version, so that no version is
 * affected.
 */
function emptyPairs(events: readonly RangeEvent[]): ReadonlySet<RangeEvent> {
  const pairs = events.map((event, at) => [event, events[at + 1]] as const);
  return new Set(
    pairs.flatMap(([event, next]) =>
      event.kind === 'introduced' && next?.kind === 'fixed' && Buffer.compare(event.key, next.key) === 0
        ? [event, next]
        : [],
    ),
  );
}

function from(start: string): OsvInterval {
  return start === ZERO ? {} : { introduced: start };
}

/** Limits the intervals to the highest `limit` event. */
function withinLimit(
  intervals: readonly OsvInterval[],
  events: readonly RangeEvent[],
  scheme: SchemeId,
): readonly OsvInterval[] {
  const limits = events.filter(({ kind }) => kind === 'limit');
  const limit = limits.toSorted((a, b) => Buffer.compare(b.key, a.key))[0];
  if (limit === undefined || limit.version === NO_LIMIT) return intervals;
  return intervals
    .filter((interval) => Buffer.compare(startOf(interval, scheme), limit.key) < 0)
    .map((interval) =>
      Buffer.compare(endOf(interval, scheme), limit.key) < 0
        ? interval
        : { ...interval, end: { kind: 'limit', version: limit.version } },
    );
}

/** Returns separate intervals for the listed versions that are outside every interval. */
function readVersions(
  versions: readonly unknown[],
  intervals: readonly OsvInterval[],
  scheme: SchemeId,
): OsvIntervals & { readonly count: number } {
  const found: OsvInterval[] = [];
  // Compute the bounds once, because a document may list thousands of versions.
  const bounds = intervals.map((interval) => boundsOf(interval, scheme));
  const diagnostics: string[] = [];
  let count = 0;
  for (const version of versions) {
    const key = typeof version === 'string' ? SCHEMES[scheme].keyOf(version) : undefined;
    if (typeof version !== 'string' || key === undefined) {
      diagnostics.push(`invalid listed version ignored: ${shown(version)}`);
      continue;
    }
    count += 1;
    if (bounds.some((each) => holds(each, key))) continue;
    found.push({ introduced: version, end: { kind: 'last-affected', version } });
  }
  return { intervals: found, diagnostics, count };
}

type Bounds = { readonly start: Uint8Array; readonly end: Uint8Array; readonly isEndIn: boolean };

function boundsOf(interval: OsvInterval, scheme: SchemeId): Bounds {
  const isEndIn = interval.end?.kind === 'last-affected';
  return { start: startOf(interval, scheme), end: endOf(interval, scheme), isEndIn };
}

function holds({ start, end, isEndIn }: Bounds, key: Uint8Array): boolean {
  const behind = Buffer.compare(end, key);
  return (isEndIn ? behind >= 0 : behind > 0) && Buffer.compare(start, key) <= 0;
}

function startOf({ introduced }: OsvInterval, scheme: SchemeId): Uint8Array {
  return introduced === undefined ? ZERO_KEY : SCHEMES[scheme].key(introduced);
}

function endOf({ end }: OsvInterval, scheme: SchemeId): Uint8Array {
  return end === undefined ? INFINITY_KEY : SCHEMES[scheme].key(end.version);
}
