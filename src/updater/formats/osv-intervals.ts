import { SCHEMES } from '../../versions/index.ts';
import { INFINITY_KEY, ZERO_KEY } from '../../versions/scheme.ts';
import type { SchemeId } from '../../versions/index.ts';
import { type Fields, fieldsOf, itemsOf, shown } from './json-fields.ts';

/**
 * Versions from `introduced` (absent: 0) to `end` (absent: infinity); `end` itself is affected only as `last-affected`.
 */
export type OsvInterval = {
  readonly introduced?: string;
  /** `limit` ends the interval like `fixed`, but need not be a fix. */
  readonly end?: { readonly kind: 'fixed' | 'limit' | 'last-affected'; readonly version: string };
  /** The record was not understood, and the widest interval is used. */
  readonly isUnsure?: true;
};

export type OsvIntervals = { readonly intervals: readonly OsvInterval[]; readonly diagnostics: readonly string[] };

/**
 * Returns the affected versions in the ranges and the list of a member of `affected`
 * (https://ossf.github.io/osv-schema/, "Evaluation"). Events may be in any order; `limit` bounds the whole range.
 * Malformed content makes the range 0 to infinity and adds a diagnostic. Ignores ranges of commits (`GIT`). Never
 * throws.
 */
export function osvIntervals(affected: Fields, scheme: SchemeId): OsvIntervals {
  const ranges = itemsOf(affected['ranges']).filter((range) => fieldsOf(range)?.['type'] !== 'GIT');
  const readings = ranges.map((range) => readRange(fieldsOf(range) ?? {}, scheme));
  const intervals = readings.flatMap((reading) => reading.intervals);
  const listed = readVersions(itemsOf(affected['versions']), intervals, scheme);
  const diagnostics = [...readings, listed].flatMap((reading) => reading.diagnostics);
  if (ranges.length === 0 && listed.count === 0) {
    return unsure('no versions', diagnostics);
  }
  return { intervals: [...intervals, ...listed.intervals], diagnostics };
}

function unsure(why: string, diagnostics: readonly string[] = []): OsvIntervals {
  return {
    intervals: [{ isUnsure: true }],
    diagnostics: [...diagnostics, `treated as affected in all versions: ${why}`],
  };
}

type EventKind = 'introduced' | 'fixed' | 'last_affected' | 'limit';

type RangeEvent = { readonly kind: EventKind; readonly version: string; readonly key: Uint8Array };

/** In the specification 0 is below every version, and the limit `*` above. */
const ZERO = '0';
const NO_LIMIT = '*';

/** At one version, in an order that never hides an affected version. */
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
  if (events.every(({ kind }) => kind === 'limit')) return unsure('a range has no events');
  const diagnostics = events.some(({ kind }) => kind === 'introduced')
    ? []
    : ['treated as affected from the first version on: a range has no start'];
  return { intervals: withinLimit(intervalsBetween(events, diagnostics.length > 0), events, scheme), diagnostics };
}

/** Older records have both ends in one event. */
function readEvent(event: Fields, scheme: SchemeId): readonly RangeEvent[] | undefined {
  const events: RangeEvent[] = [];
  for (const [word, version] of Object.entries(event)) {
    const kind = EVENT_KINDS.find((each) => each === word);
    if (kind === undefined || typeof version !== 'string') return undefined;
    const key = keyOfBound(kind, version, scheme);
    if (key === undefined) return undefined;
    events.push({ kind, version, key });
  }
  return events.length === 0 ? undefined : events;
}

function keyOfBound(kind: EventKind, version: string, scheme: SchemeId): Uint8Array | undefined {
  if (kind === 'introduced' && version === ZERO) return ZERO_KEY;
  if (kind === 'limit' && version === NO_LIMIT) return INFINITY_KEY;
  return SCHEMES[scheme].keyOf(version);
}

function intervalsBetween(events: readonly RangeEvent[], startsAtZero: boolean): OsvInterval[] {
  const sorted = events.toSorted(
    (a, b) => Buffer.compare(a.key, b.key) || EVENT_KINDS.indexOf(a.kind) - EVENT_KINDS.indexOf(b.kind),
  );
  const intervals: OsvInterval[] = [];
  let start: string | undefined = startsAtZero ? ZERO : undefined;
  for (const { kind, version } of sorted) {
    if (kind === 'introduced') start ??= version;
    else if (kind !== 'limit' && start !== undefined) {
      intervals.push({ ...from(start), end: { kind: kind === 'fixed' ? 'fixed' : 'last-affected', version } });
      start = undefined;
    }
  }
  if (start !== undefined) intervals.push(from(start));
  return intervals;
}

function from(start: string): OsvInterval {
  return start === ZERO ? {} : { introduced: start };
}

/** The highest of several limits is used. */
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

/** Listed versions outside every interval become intervals of their own. */
function readVersions(
  versions: readonly unknown[],
  intervals: readonly OsvInterval[],
  scheme: SchemeId,
): OsvIntervals & { readonly count: number } {
  const found: OsvInterval[] = [];
  const diagnostics: string[] = [];
  let count = 0;
  for (const version of versions) {
    const key = typeof version === 'string' ? SCHEMES[scheme].keyOf(version) : undefined;
    if (typeof version !== 'string' || key === undefined) {
      diagnostics.push(`invalid listed version ignored: ${shown(version)}`);
      continue;
    }
    count += 1;
    if (intervals.some((interval) => holds(interval, key, scheme))) continue;
    found.push({ introduced: version, end: { kind: 'last-affected', version } });
  }
  return { intervals: found, diagnostics, count };
}

function holds(interval: OsvInterval, key: Uint8Array, scheme: SchemeId): boolean {
  const behind = Buffer.compare(endOf(interval, scheme), key);
  const isBeforeEnd = interval.end?.kind === 'last-affected' ? behind >= 0 : behind > 0;
  return isBeforeEnd && Buffer.compare(startOf(interval, scheme), key) <= 0;
}

function startOf({ introduced }: OsvInterval, scheme: SchemeId): Uint8Array {
  return introduced === undefined ? ZERO_KEY : SCHEMES[scheme].key(introduced);
}

function endOf({ end }: OsvInterval, scheme: SchemeId): Uint8Array {
  return end === undefined ? INFINITY_KEY : SCHEMES[scheme].key(end.version);
}
